"""Numbers that follow from a case: told before a run, kept with its results."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fem_model.case.case import WIDTH_10_90, Case
from fem_model.case.layouts import Particles
from fem_model.case.sections import Mesh
from fem_model.constants import F
from fem_model.materials import CLEAN_CONTACT_R_ct, V_m

BYTES_PER_UNKNOWN = 2_000
"""Rule of thumb for matrices, factors and fields in 2D."""
BYTES_AT_START = 200_000_000
"""Rule of thumb for the interpreter and its libraries, per process."""


@dataclass(frozen=True)
class Derived:
    """What a case implies; SI units are in the names. Estimates say so in `derive`."""

    R_ct_ohm_m2: float
    i0_A_m2: float
    current_density_A_m2: float
    front_speed_m_s: float
    wagner_length_m: Mapping[str, float]
    mobility_m2_s: float
    peclet: float
    interface_width_m: float
    cells_across_interface: float
    num_cells: int
    num_dofs: int
    steps: int
    memory_bytes: int
    warnings: tuple[str, ...]


def derive(case: Case) -> Derived:
    """Derived numbers of a case.

    Exact: R_ct and i0 of the front, Wagner lengths sigma R_ct of the materials, cells across the front.
    From `Case.nominal_current`: front speed V_m i / F and mobility V_m i lam / (F Pe) of a flat front.
    Estimates: equilateral triangles, of the front's size up to front_height and of the bulk's above; steps of
    a flat front at front_step lam each; 2 kB for each unknown and 200 MB for a process.
    """
    temperature = case.kinetics.temperature
    resistance = case.kinetics.resistance(temperature)
    current = case.nominal_current()
    speed = V_m * current / F
    mobility = case.phase_field.mobility_at(speed)
    cells = _num_cells(case)
    dofs = _num_dofs(cells, case.mesh.degree)
    return Derived(
        R_ct_ohm_m2=resistance,
        i0_A_m2=case.kinetics.exchange(temperature),
        current_density_A_m2=current,
        front_speed_m_s=speed,
        wagner_length_m={name: m.sigma * resistance for name, m in case.material_table().items()},
        mobility_m2_s=mobility,
        peclet=speed * case.phase_field.lam / mobility,
        interface_width_m=WIDTH_10_90 * case.phase_field.lam,
        cells_across_interface=WIDTH_10_90 * case.phase_field.lam / case.mesh.finest,
        num_cells=cells,
        num_dofs=dofs,
        steps=_steps(case, speed),
        memory_bytes=BYTES_AT_START + BYTES_PER_UNKNOWN * dofs,
        warnings=_warnings(case, resistance),
    )


def _num_cells(case: Case) -> int:
    """Area over the area sqrt(3)/4 h^2 of an equilateral triangle, fine and coarse part."""
    mesh, box = case.mesh, case.microstructure
    fine = box.width * mesh.front_height / mesh.cell_size_front**2
    coarse = box.width * (box.depth - mesh.front_height) * _mean_inverse_square(mesh, box.spacing / 2)
    return math.ceil((fine + coarse) * mesh.refinement**2 * 4 / math.sqrt(3))


def _mean_inverse_square(mesh: Mesh, reach: float) -> float:
    """Mean of 1/h^2 above the refined region, up to a distance `reach` from boundaries, off which h grows."""
    bulk = mesh.cell_size_bulk
    start = mesh.cell_size_boundary or bulk
    growing = min(reach, (bulk - start) / mesh.GROWTH)
    return (growing / (start * (start + mesh.GROWTH * growing)) + (reach - growing) / bulk**2) / reach


def _num_dofs(cells: int, degree: int) -> int:
    """Unknowns of xi and phi: half a vertex per triangle, and for degree 2 one and a half edges more."""
    return cells * degree**2


def _steps(case: Case, speed: float) -> int:
    step = case.time.step or case.time.front_step * case.phase_field.lam / speed
    return max(math.ceil(case.time.end / step * (1 - 1e-12)), 1)


def _warnings(case: Case, resistance: float) -> tuple[str, ...]:
    """Sentences on what the case can do but should not, or what it ignores."""
    lam, depth = case.phase_field.lam, case.microstructure.depth
    found = []
    if lam > depth / 25 * (1 + 1e-12):
        limit = f"depth/25 = {depth / 25:.3g} m"
        found.append(f"phase_field.lam = {lam:g} m is above {limit}: the current errs by over 0.4 %.")
    for name, material in case.material_table().items():
        wagner = material.sigma * resistance
        if lam > 0.1 * wagner * (1 + 1e-12):
            shift = (math.pi**2 / 3 - 2) * (lam / wagner) ** 2
            taken = f"about {shift:.1%}" if shift < 0.3 else "much"
            found.append(
                f"phase_field.lam = {lam:g} m is above a tenth of sigma R_ct = {wagner:.3g} m in {name}: "
                f"its width takes {taken} off the front's resistance."
            )
    if resistance < CLEAN_CONTACT_R_ct.value * (1 - 1e-9):
        given, measured = resistance * 1e4, CLEAN_CONTACT_R_ct.value * 1e4
        found.append(f"kinetics.R_ct = {given:.3g} ohm cm^2 is below the {measured:.3g} of a clean contact.")
    found += _small_grains(case) + _idle_boundaries(case)
    unused = [name for name in case.materials if name not in case.area_shares()]
    found += [f"materials.{name} is given but used nowhere in the microstructure." for name in unused]
    return tuple(found)


def _small_grains(case: Case) -> list[str]:
    """Sentences on kinds of grains whose smallest members are smaller than a cell."""
    section = case.microstructure
    if not isinstance(section, Particles):
        return []
    key, cell = case.mesh.coarsest(section.depth)
    return [
        f"mesh.{key} = {cell:.3g} m is larger than the smallest grains of {grains.material}, "
        f"{grains.smallest:.3g} m."
        for grains in section.grains
        if grains.mass_share and grains.smallest < cell * (1 - 1e-12)
    ]


def _idle_boundaries(case: Case) -> list[str]:
    """Sentences on entries of [[boundaries]] that change nothing or that the cells do not see."""
    found = []
    cell = case.mesh.finest
    for k, entry in enumerate(case.boundaries):
        if entry.p_factor == entry.sigma_factor == entry.i0_factor == 1.0:
            found.append(f"boundaries[{k}] has no factor other than 1 and changes nothing.")
        elif entry.p_factor != 1.0 and case.kinetics.p_resist == 0.0:
            found.append(f"boundaries[{k}].p_factor multiplies kinetics.p_resist, which is 0.")
        if entry.width < cell * (1 - 1e-12):
            found.append(
                f"boundaries[{k}].width = {entry.width:.3g} m is below the finest cells, {cell:.3g} m."
            )
    return found
