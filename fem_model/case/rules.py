"""The rules between the sections of a case."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fem_model.base.constants import F
from fem_model.base.suggestion import nearest
from fem_model.base.units import length
from fem_model.case.base import Key, KeyProblem
from fem_model.case.cells import estimated_cells
from fem_model.case.imported_mesh import ImportedMesh
from fem_model.case.layouts import Particles
from fem_model.case.locate import dotted
from fem_model.case.parts import MOST_CELLS
from fem_model.case.resolved import ELECTROLYTES
from fem_model.case.sections import Film, Nuclei
from fem_model.materials import PORE, V_m, column_name

if TYPE_CHECKING:
    from fem_model.case.case import Case

WIDTH_10_90 = 4.39
"""The 10-90 % width of the front over lam: 2 ln 9, rounded."""

MIN_GRAINS, MAX_GRAINS = 4, 20_000
"""Numbers of grains, pores among them, that a microstructure of particles may have."""


def check_materials(case: Case) -> None:
    """Check that all materials are known and have names that columns can tell apart. KeyProblem if not."""
    known = [*case.materials, *(name for name in [*ELECTROLYTES, PORE] if name not in case.materials)]
    for name, entry in case.materials.items():
        if entry.like is not None and entry.like not in ELECTROLYTES:
            text = f'= "{entry.like}" is not in the library. Allowed: {", ".join(ELECTROLYTES)}.'
            raise KeyProblem(("materials", name, "like"), text + nearest(entry.like, ELECTROLYTES))
    columns: dict[str, str] = {}
    for index, part in enumerate(case.microstructure.parts):
        key: Key = ("microstructure", *case.microstructure.part_key(index))
        if part.material not in known:
            define = f"define [{dotted(('materials', part.material))}] with sigma = …, or take one of"
            text = f'= "{part.material}" is not a known material: {define} {", ".join(known)}.'
            raise KeyProblem(key, text + nearest(part.material, known))
        column = column_name(part.material)
        if not column or columns.setdefault(column, part.material) != part.material:
            text = f'= "{part.material}" needs letters or digits that distinguish it from the others'
            raise KeyProblem(key, text)
    case.material_table()


def _check_grains(case: Case) -> None:
    """Require that every kind of grains fits, is not empty, and that all together can be handled."""
    section = case.microstructure
    if not isinstance(section, Particles):
        return
    counts, room, volume = [], min(section.extent), math.prod(section.extent)
    for kind, (grains, share) in enumerate(zip(section.parts, case.part_shares(), strict=True)):
        if share == 0:
            continue
        if grains.largest > room:
            key, how = ("sizes", "has") if grains.sizes else ("size", "and spread make")
            text = f"{how} grains of up to {length(grains.largest)}, in a domain of only {length(room)}"
            raise KeyProblem(_kind_key(section, kind, key), text)
        counts.append(share * volume / grains.mean_volume(section.dim))
        if counts[-1] < 0.5:
            text = f"leaves room for {counts[-1]:.2g} grains of this size; at least half a grain must fit"
            raise KeyProblem(_kind_key(section, kind, "mass_share"), text)
    if not MIN_GRAINS <= sum(counts) <= MAX_GRAINS:
        text = f"would be about {sum(counts):.3g}; from {MIN_GRAINS} to {MAX_GRAINS} are possible"
        raise KeyProblem(("microstructure", "grains"), text)
    materials = {part.material for part in section.grains if part.mass_share}
    if section.clustering != "random" and len(materials) < 2:
        text = f'= "{section.clustering}" needs grains of two materials'
        raise KeyProblem(("microstructure", "clustering"), text)


def _kind_key(section: Particles, kind: int, key: str) -> Key:
    """The key of a kind of grains, or what stands for it where the kind is the pores."""
    if kind < len(section.grains):
        return ("microstructure", "grains", kind, key)
    return ("microstructure", "pore_size" if key == "size" else "relative_density")


def _check_cells_in_grains(case: Case) -> None:
    """Require at least two cells across the median grain of every kind."""
    section = case.microstructure
    if not isinstance(section, Particles):
        return
    key, cell = case.mesh.coarsest(section.depth)
    kinds = zip(section.parts, case.part_shares(), strict=True)
    smallest = min((grains for grains, share in kinds if share), key=lambda grains: grains.size)
    if cell > smallest.size / 2 * (1 + 1e-12):
        limit = f"at most {length(smallest.size / 2)}"
        text = f"leaves fewer than 2 cells across grains of {smallest.material}; {limit}"
        raise KeyProblem(("mesh", key), text)


def _check_mesh(case: Case) -> None:
    if isinstance(case.microstructure, ImportedMesh) and case.mesh.refinement != 1:
        raise KeyProblem(("mesh", "refinement"), "must be 1: a mesh from a file is used as it is")
    cells = WIDTH_10_90 * case.phase_field.lam / case.mesh.finest
    if cells < 4 * (1 - 1e-12):
        largest = WIDTH_10_90 * case.phase_field.lam / 4 * case.mesh.refinement
        text = f"gives {cells:.2g} cells across the front (4.39 lam): at most {length(largest)} gives 4"
        raise KeyProblem(("mesh", "cell_size_front"), text)
    number = estimated_cells(case.microstructure, case.mesh)
    if number > MOST_CELLS:
        text = f"with the other sizes and refinement gives about {number:.2g} cells; at most {MOST_CELLS:.0g}"
        raise KeyProblem(("mesh", "cell_size_front"), text)


def _check_front(case: Case) -> None:
    largest = case.microstructure.depth / (2 * WIDTH_10_90)
    if case.phase_field.lam > largest:
        text = (
            f"is too large: twice the front's width 4.39 lam must fit in the depth; at most {length(largest)}"
        )
        raise KeyProblem(("phase_field", "lam"), text)


def _check_nuclei(case: Case) -> None:
    initial, lam, box = case.anode.initial, case.phase_field.lam, case.microstructure
    if not isinstance(initial, Nuclei):
        return
    for index, nucleus in enumerate(initial.nuclei):
        key = ("anode", "initial", "nuclei", index)
        if box.dim == 3 and nucleus.across is None:
            raise KeyProblem((*key, "across"), "is missing: in 3D a nucleus has a position along the breadth")
        if box.dim == 2 and nucleus.across is not None:
            raise KeyProblem((*key, "across"), "has no meaning in 2D: it is a position along the breadth")
        places = zip(("position", "across"), nucleus.along_the_anode, box.extent, strict=False)
        for name, place, extent in places:
            if not 0 <= place <= extent:
                raise KeyProblem((*key, name), f"lies outside the domain, 0 to {length(extent)}")
        if nucleus.radius < 2 * lam * (1 - 1e-12):
            raise KeyProblem((*key, "radius"), f"must be at least 2 lam = {length(2 * lam)}")


def _check_film(case: Case) -> None:
    initial, least = case.anode.initial, 2 * case.phase_field.lam
    if not isinstance(initial, Film):
        return
    if initial.amplitude >= initial.thickness:
        raise KeyProblem(("anode", "initial", "amplitude"), "must be smaller than the thickness of the film")
    if initial.thickness - initial.amplitude < least * (1 - 1e-12):
        text = f"must be at least the amplitude and 2 lam = {length(initial.amplitude + least)}"
        raise KeyProblem(("anode", "initial", "thickness"), text)


def _check_boundaries(case: Case) -> None:
    names = list(case.area_shares())
    for index, boundary in enumerate(case.boundaries):
        for name in boundary.pair.split("|") if boundary.pair else ():
            if name not in names:
                text = f'= "{boundary.pair}" must be two materials of the case with a | between them. '
                raise KeyProblem(("boundaries", index, "pair"), f"{text}Materials: {', '.join(names)}.")


def _check_start(case: Case) -> None:
    initial, depth = case.anode.initial, case.microstructure.depth
    gap = depth - initial.height
    if gap <= WIDTH_10_90 * case.phase_field.lam:
        text = f"reaches {length(initial.height)}: less than the front's width 4.39 lam below {length(depth)}"
        keys = {"film": "thickness", "nuclei": "nuclei", "flaws": "flaws"}
        raise KeyProblem(("anode", "initial", keys[initial.kind]), text)


def check_islands(case: Case) -> None:
    """Floating islands have the keys they need, and those keys have floating islands."""
    floating = case.anode.islands == "floating"
    if floating and case.mesh.degree != 1:
        raise KeyProblem(("anode", "islands"), '= "floating" needs mesh.degree = 1')
    for index, reaction in enumerate(case.reactions):
        if reaction.product_conducts_electrons and not floating:
            key = ("reactions", index, "product_conducts_electrons")
            raise KeyProblem(key, '= true needs anode.islands = "floating"; else all lithium is connected')


def _check_peclet(case: Case) -> None:
    mobility, lam = case.phase_field.mobility, case.phase_field.lam
    if mobility is None:
        return
    least = V_m * case.nominal_current() * lam / F
    if least / mobility >= 1:
        pe = f"{least / mobility:.3g}"
        text = f"gives Pe = V_m i lam / (F mu) = {pe}, which must be < 1: more than {least:.3g} m^2/s"
        raise KeyProblem(("phase_field", "mobility"), text)


def _check_reproducible(case: Case) -> None:
    if not case.solver.reproducible:
        return
    if case.output.checkpoint_steps is None:
        text = "= true needs output.checkpoint_steps, the number of steps after which the solvers begin anew"
        raise KeyProblem(("solver", "reproducible"), text)
    if "mumps" in case.solver.petsc.values():
        raise KeyProblem(("solver", "petsc"), "asks for MUMPS, which is not reproducible")


def check_sections(case: Case) -> None:
    """Check the complete sections of a case against one another. KeyProblem for one that does not fit."""
    for rule in (_check_grains, _check_cells_in_grains, _check_mesh, _check_front):
        rule(case)
    for rule in (_check_boundaries, _check_nuclei, _check_film, _check_start):
        rule(case)
    for rule in (_check_peclet, _check_reproducible):
        rule(case)
