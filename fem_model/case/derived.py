"""Derived quantities of a case: shown before a run, kept with its results."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fem_model.base.constants import T_DEFAULT, F
from fem_model.base.units import length, readable
from fem_model.case.case import Case, require_case
from fem_model.case.cells import estimated_cells
from fem_model.case.expected import expected_steps
from fem_model.case.image import Image
from fem_model.case.imported_mesh import ImportedMesh
from fem_model.case.layouts import Particles
from fem_model.case.remedies import FAST
from fem_model.case.rules import WIDTH_10_90
from fem_model.case.sections import Contact
from fem_model.materials import PORE, CLEAN_CONTACT_R_ct, V_m

UNKNOWNS_PER_CELL = {2: 1.0, 3: 0.36}
"""Unknowns xi and phi by cell: two for each vertex, of which a triangle has 1/2, a tetrahedron 0.18."""
BYTES_PER_UNKNOWN = {2: 2_000, 3: 4_500}
"""Rule of thumb for matrices, factors and fields."""
PROBED = 12.0
"""Distance from the front over lam up to which xi measures it; at 13.8 lam it counts as bulk."""
BYTES_AT_START = 250_000_000
"""Rule of thumb for the interpreter and its libraries, per process."""


@dataclass(frozen=True)
class Derived:
    """Quantities derived from a case; SI units are in the names. Estimates say so in `derive`."""

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
    steps: tuple[int, int]
    memory_bytes: int
    warnings: tuple[str, ...]


def derive(case: Case) -> Derived:
    """Derived numbers of a case.

    Exact: R_ct and i0 of the front, Wagner lengths sigma R_ct of the materials, cells across the front.
    From `Case.nominal_current`: front speed V_m i / F and mobility V_m i lam / (F Pe) of a flat front.
    Estimates: cells of the front's size up to front_height and of the bulk's above, equilateral in 2D; 2 kB
    (in 3D 4.5) for each unknown and 250 MB for one process, all to 30 %; steps as
    `expected_steps`. Each further process takes 200 MB more.
    """
    require_case(case)
    resistance = case.charge_transfer(case.kinetics)
    current = case.nominal_current()
    speed = V_m * current / F
    mobility = case.phase_field.mobility_at(speed)
    cells = estimated_cells(case.microstructure, case.mesh)
    dofs = round(
        cells * UNKNOWNS_PER_CELL[case.microstructure.dim] * case.mesh.degree**case.microstructure.dim
    )
    return Derived(
        R_ct_ohm_m2=resistance,
        i0_A_m2=case.exchange(case.kinetics),
        current_density_A_m2=current,
        front_speed_m_s=speed,
        wagner_length_m=_wagner_lengths(case, resistance),
        mobility_m2_s=mobility,
        peclet=case.phase_field.peclet or speed * case.phase_field.lam / mobility,
        interface_width_m=WIDTH_10_90 * case.phase_field.lam,
        cells_across_interface=WIDTH_10_90 * case.phase_field.lam / case.mesh.finest,
        num_cells=cells,
        num_dofs=dofs,
        steps=expected_steps(case),
        memory_bytes=BYTES_AT_START + BYTES_PER_UNKNOWN[case.microstructure.dim] * dofs,
        warnings=_warnings(case, resistance),
    )


def _wagner_lengths(case: Case, resistance: float) -> dict[str, float]:
    """sigma R_ct of the electrolytes, m; a pore has none."""
    table = case.material_table()
    return {name: material.sigma * resistance for name, material in table.items() if name != PORE}


def _warnings(case: Case, resistance: float) -> tuple[str, ...]:
    """Sentences on what the case can do but should not, or what it ignores."""
    lam, depth = case.phase_field.lam, case.microstructure.depth
    found = []
    if lam > depth / 25 * (1 + 1e-12):
        limit = f"depth/25 = {length(depth / 25)}"
        found.append(
            f"phase_field.lam = {length(lam)} is above {limit}: the current is wrong by more than 0.4 %."
        )
    for name, wagner in _wagner_lengths(case, resistance).items():
        if lam > 0.1 * wagner * (1 + 1e-12):
            shift = (math.pi**2 / 3 - 2) * (lam / wagner) ** 2
            taken = f"about {shift:.1%}" if shift < 0.3 else "much"
            found.append(
                f"phase_field.lam = {length(lam)} is above a tenth of sigma R_ct = {length(wagner)} in "
                f"{name}: its width takes {taken} off the front's resistance."
            )
    if resistance < CLEAN_CONTACT_R_ct.value * (1 - 1e-9):
        given, measured = resistance * 1e4, CLEAN_CONTACT_R_ct.value * 1e4
        found.append(f"kinetics.R_ct = {given:.3g} ohm cm^2 is below the {measured:.3g} of a clean contact.")
    found += (
        _unlikely_drive(case)
        + _high_front(case)
        + _small_grains(case)
        + _no_pores(case)
        + _idle_boundaries(case)
        + _cells_of_file(case)
    )
    found += _deep_probe(case) + _coarse_lattice(case) + _not_activated(case)
    unused = [name for name in case.materials if name not in case.area_shares()]
    found += [f"materials.{name} is given but used nowhere in the microstructure." for name in unused]
    return tuple(found)


def _not_activated(case: Case) -> list[str]:
    """Sentences on what stays as it is at another temperature, since its activation energy is not known."""
    temperature = case.kinetics.temperature
    if abs(temperature - T_DEFAULT) < 0.01:
        return []
    electrolytes = [m for m in case.material_table().values() if m.name != PORE]
    same = [f"sigma of {m.name}" for m in electrolytes if not m.is_activated]
    contacts = {"kinetics": case.kinetics, "anode": case.anode, "counter": case.counter}
    same += [
        f"the charge transfer of {name}"
        for name, contact in contacts.items()
        if isinstance(contact, Contact) and contact.activation_energy is None
    ]
    same += [f"the reaction of {r.material}" for r in case.reactions if r.activation_energy is None]
    same += [f"sigma of the product of {r.material}" for r in case.reactions if r.sigma is not None]
    same += [f"i0 of the reaction of {r.material}" for r in case.reactions if r.i0 is not None]
    text = f"at {temperature:g} K values without activation_energy are used as they are: {', '.join(same)}."
    return [text] if same else []


def _unlikely_drive(case: Case) -> list[str]:
    """Sentences on a current that no cell carries, and on a first stage that strips."""
    found, current = [], case.nominal_current()
    if current >= FAST:
        found.append(f"a current density of {readable(current, 'A/m^2', 3)}: real cells carry a few mA/cm².")
    signs = (stage.current or stage.voltage or 0.0 for stage in case.drive.stages())
    if next((sign for sign in signs if sign), 0.0) < 0:
        found.append(
            "the first stage is stripping: a negative current or voltage takes lithium off the anode."
        )
    return found


def _high_front(case: Case) -> list[str]:
    """A sentence if cells of the front's size are asked for beyond the domain."""
    height, depth = case.mesh.front_height, case.microstructure.depth
    if height <= depth * (1 + 1e-12):
        return []
    return [f"mesh.front_height = {length(height)} is above microstructure.depth = {length(depth)}."]


def _small_grains(case: Case) -> list[str]:
    """Sentences on kinds of grains whose smallest members are smaller than a cell."""
    section = case.microstructure
    if not isinstance(section, Particles):
        return []
    key, cell = case.mesh.coarsest(section.depth)
    return [
        f"mesh.{key} = {length(cell)} is larger than the smallest grains of {grains.material}, "
        f"{length(grains.smallest)}."
        for grains, share in zip(section.parts, case.part_shares(), strict=True)
        if share and grains.smallest < cell * (1 - 1e-12)
    ]


def _no_pores(case: Case) -> list[str]:
    """A sentence on a size of pores that are not there."""
    section = case.microstructure
    if not isinstance(section, Particles) or section.relative_density < 1 or section.pore_size is None:
        return []
    return ["microstructure.pore_size is given but there are no pores: relative_density is 1."]


def _cells_of_file(case: Case) -> list[str]:
    """A sentence if the cells of a mesh in a file are larger than [mesh] says."""
    section, wanted = case.microstructure, case.mesh.cell_size_front
    if not isinstance(section, ImportedMesh) or section.found.cell_size <= 1.5 * wanted:
        return []
    edges = f"edges of {length(section.found.cell_size)} in the mean, above"
    return [f"the cells of {section.file} have {edges} mesh.cell_size_front = {length(wanted)}."]


def _coarse_lattice(case: Case) -> list[str]:
    """A sentence if the boundaries of an image are found on cells that are larger than its voxels."""
    section = case.microstructure
    if not isinstance(section, Image):
        return []
    key, cell = case.mesh.coarsest(section.depth)
    voxels = cell / min(section.voxel_size)
    if voxels <= 1.5:
        return []
    return [
        f"the boundaries of {section.file} are found on a lattice of mesh.{key} = {length(cell)}, "
        f"{voxels:.2g} of its voxels: finer details lose their shape. "
        "A smaller mesh.cell_size_boundary keeps them."
    ]


def _deep_probe(case: Case) -> list[str]:
    """A sentence if the probing depth is beyond the distances from the front that ξ measures."""
    depth, limit = case.output.probing_depth, PROBED * case.phase_field.lam
    if not case.reactions or depth <= limit * (1 + 1e-12):
        return []
    text = f"output.probing_depth = {length(depth)} is above {PROBED:g} lam = {length(limit)}"
    return [f"{text}: alloy_fraction_interface counts electrolyte far from the lithium as well."]


def _idle_boundaries(case: Case) -> list[str]:
    """Sentences on entries of [[boundaries]] that change nothing or that the cells hardly see."""
    found = []
    key, unrefined = case.mesh.coarsest(case.microstructure.depth)
    cell = unrefined / case.mesh.refinement
    for k, entry in enumerate(case.boundaries):
        if entry.p_factor == entry.sigma_factor == entry.i0_factor == 1.0:
            found.append(f"boundaries[{k}] has no factor other than 1 and changes nothing.")
        elif entry.p_factor != 1.0 and case.kinetics.p_resist == 0.0:
            found.append(f"boundaries[{k}].p_factor multiplies kinetics.p_resist, which is 0.")
        if entry.width < 2 * cell * (1 - 1e-12):
            found.append(
                f"boundaries[{k}].width = {length(entry.width)} is below 2 cells: mesh.{key} leaves cells of "
                f"{length(cell)} there."
            )
    return found
