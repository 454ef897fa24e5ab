"""Meshes and the fields that cross between them, for the tests on one rank and on several."""

import importlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import ufl
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.mesh.cache import cached_mesh
from fem_model.mesh.domain import Domain, read_domain
from fem_model.mesh.refinement import refined
from fem_model.numerics.algebra import AssembledVector
from fem_model.numerics.crossing import Crossing, Side
from fem_model.numerics.face_crossing import FaceCrossing, FaceSide
from tests.fem.particles import load

fem = importlib.import_module("dolfinx.fem")  # after fem_model, which loads MPI in the right order
dolfinx_mesh = importlib.import_module("dolfinx.mesh")

LAM = 1.5e-6
"""Of the fronts, m."""
BOX = ("microstructure.width=20 um", "microstructure.depth=18 um", "mesh.front_height=6 um")
OTHER = ("mesh.cell_size_front=0.33 um", "mesh.cell_size_bulk=1.2 um")
"""Cells in the same grains as those of `flat`, of another size."""
LAYERS = "[{material='LGPS', share=0.5}, {material='LPSC1.0', share=0.5}]"
BLOCK = (
    f"microstructure={{layout='layers', width='12 um', breadth='5 um', depth='14 um', layers={LAYERS}}}",
    "mesh.cell_size_front=1.5 um",
    "mesh.cell_size_bulk=3 um",
    "phase_field.lam=1.5 um",
    "anode.initial.thickness=3 um",
)


def flat(folder: Path, *overrides: str) -> Path:
    """Grains in 2D, 2574 cells."""
    return cached_mesh(load(folder, 1, 0.2, *BOX, *overrides))


def solid(folder: Path) -> Path:
    """Two layers in 3D, 1270 cells."""
    return flat(folder, *BLOCK)


def start(path: Path, comm: MPI.Comm) -> Side:
    """A mesh that was written, with linear elements."""
    return side(read_domain(path, comm))


def side(domain: Domain) -> Side:
    """A mesh with linear elements."""
    spaces = (fem.functionspace(domain.mesh, element) for element in (("Lagrange", 1), ("DG", 0)))
    return Side(domain, *spaces)


def weights(side: Side) -> Floats:
    """∫ρw dx at the owned nodes; ρ rises along the first axis."""
    room = 1 + 0.5 * ufl.SpatialCoordinate(side.domain.mesh)[0] / side.domain.width
    return AssembledVector(room * ufl.TestFunction(side.nodes) * side.domain.dx).assemble().copy()


def field(space: Any, domain: Domain, law: Callable[[Floats, Floats], Floats]) -> Floats:
    """Values of a function of the first and the last axis, over the size of the domain along each."""
    result = fem.Function(space)
    result.interpolate(lambda x: law(x[0] / domain.width, x[domain.mesh.geometry.dim - 1] / domain.depth))
    result.x.scatter_forward()
    values: Floats = result.x.array
    return values


def front(side: Side) -> Floats:
    """ξ of a wavy front, near a quarter of the depth."""
    scale = side.domain.depth / (2 * LAM)
    law = lambda x, y: 0.5 * (1 - np.tanh(scale * (y - 0.25 - 0.1 * np.cos(6 * x))))  # noqa: E731
    return field(side.nodes, side.domain, law)


def linear(side: Side) -> Floats:
    return field(side.nodes, side.domain, lambda x, y: x - 2 * y)


def converted(side: Side) -> Floats:
    """Shares of cells: 1 near the anode, 0 far from it."""
    return field(side.cells, side.domain, lambda x, y: np.clip(1.3 - 4 * y, 0, 1))


def crossed(source: Side, target: Side) -> dict[str, Floats]:
    """Every kind of field of the source on the target."""
    crossing, before, after = Crossing(source, target), weights(source), weights(target)
    xi, z = front(source), converted(source)
    return {
        "linear": crossing.smooth(linear(source)),
        "xi": crossing.amount(xi, before, after),
        "rate": crossing.density(xi - 0.4, before, after),
        "z": crossing.share(z),
        "cell rate": crossing.cell_density(z - 0.3),
    }


FACE_FIELDS: dict[str, Callable[[Side], Floats]] = {
    "share": lambda side: at_face(side, lambda x, z: np.clip(1.4 * np.cos(5 * x - z) ** 2 - 0.2, 0, 1)),
    "rate": lambda side: at_face(side, lambda x, z: np.cos(9 * x + z)),
}
"""Of the cells at the anode: shares, 0 and 1 among them, and rates of both signs."""


def at_face(side: Side, law: Callable[[Floats, Floats], Floats]) -> Floats:
    """Values of the cells at the anode, by their places along it over the size of the domain; 0 elsewhere."""
    values, places = np.zeros(side.cells.dofmap.list.size), face(side).places
    x = side.cells.tabulate_dof_coordinates()[places]
    values[places] = law(
        x[:, 0] / side.domain.width, x[:, side.domain.mesh.geometry.dim - 2] / side.domain.width
    )
    return values


def face(side: Side) -> FaceSide:
    """The cells at the anode."""
    return FaceSide(side.domain, side.cells, "anode")


def crossed_at_face(source: Side, target: Side) -> dict[str, Floats]:
    """The fields of the anode of the source on that of the target."""
    crossing, size = FaceCrossing(face(source), face(target)), target.cells.dofmap.list.size
    return {name: getattr(crossing, name)(law(source), size) for name, law in FACE_FIELDS.items()}


def over_face(side: Side, values: Floats) -> float:
    """∫ f ds of a cell field over the anode."""
    f = fem.Function(side.cells)
    f.x.array[:] = values
    form = fem.form(f * side.domain.ds(side.domain.faces["anode"]))
    return _sum(side.domain, fem.assemble_scalar(form))


def held(side: Side, values: Floats) -> float:
    """∫ρf dx of a nodal field."""
    weight = weights(side)
    return _sum(side.domain, math.fsum(weight * values[: len(weight)]))


def in_materials(side: Side, values: Floats) -> dict[str, float]:
    """Integrals of a cell field over each material."""
    f = fem.Function(side.cells)
    f.x.array[:] = values
    forms = {name: fem.form(f * side.domain.dx(tag)) for name, tag in side.domain.materials.items()}
    return {name: _sum(side.domain, fem.assemble_scalar(form)) for name, form in forms.items()}


def sizes(domain: Domain) -> dict[str, float]:
    """Volumes of materials and grains, areas of faces and pairs, from the corners of cells and facets."""
    mesh, dim = domain.mesh, domain.mesh.topology.dim
    cell, facet = (
        _sizes(mesh, dim - k, tags) for k, tags in enumerate((domain.cell_tags, domain.facet_tags))
    )
    grains = range(mesh.comm.allreduce(int(domain.grain.max()), op=MPI.MAX) + 1)
    local = {name: cell[domain.cell_tags.values == tag] for name, tag in domain.materials.items()}
    local |= {f"grain {grain}": cell[domain.grain == grain] for grain in grains}
    named = {**domain.faces, **domain.pairs}
    local |= {name: facet[domain.facet_tags.values == tag] for name, tag in named.items()}
    return {name: _sum(domain, math.fsum(parts)) for name, parts in local.items()}


def _sizes(mesh: Any, dim: int, tags: Any) -> Floats:
    """Sizes of tagged cells or facets; 0 of those that another rank owns."""
    mesh.topology.create_connectivity(mesh.topology.dim, dim)
    corners = mesh.geometry.x[dolfinx_mesh.entities_to_geometry(mesh, dim, tags.indices)]
    edges = corners[:, 1:] - corners[:, :1]
    size = np.sqrt(np.linalg.det(np.einsum("nik,njk->nij", edges, edges))) / math.factorial(dim)
    owned: Floats = np.where(tags.indices < mesh.topology.index_map(dim).size_local, size, 0.0)
    return owned


def _sum(domain: Domain, local: float) -> float:
    return float(domain.mesh.comm.allreduce(float(local), op=MPI.SUM))


def by_number(space: Any, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Values at the nodes of each cell, in the order of the cells' numbers, on every rank."""
    return _ordered(space.mesh, values[space.dofmap.list])


def corners(domain: Domain) -> Floats:
    """Corners of the cells, by their numbers."""
    return _ordered(domain.mesh, domain.mesh.geometry.x[domain.mesh.geometry.dofmaps[0]])


def _ordered(mesh: Any, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    owned = mesh.topology.index_map(mesh.topology.dim).size_local
    parts = mesh.comm.allgather((mesh.topology.original_cell_index[:owned], rows[:owned]))
    numbers, everywhere = (np.concatenate(part) for part in zip(*parts, strict=True))
    result: npt.NDArray[Any] = everywhere[np.argsort(numbers)]
    return result


def travels(flat: Path, other: Path, solid: Path, comm: MPI.Comm) -> dict[str, npt.NDArray[Any]]:
    """What must not depend on the ranks: refined meshes, their sizes, and fields that crossed, by cells."""
    grains, others, block = (start(path, comm) for path in (flat, other, solid))
    fine, small = side(refined(grains.domain)), side(refined(block.domain))
    found: dict[str, npt.NDArray[Any]] = {}
    for name, domain in (("flat", fine.domain), ("solid", small.domain)):
        found[f"sizes {name}"] = np.array(list(sizes(domain).values()))
        found[f"mesh {name}"] = corners(domain)
        found[f"mesh {name} grain"] = _ordered(domain.mesh, domain.grain)
        found[f"mesh {name} material"] = _ordered(domain.mesh, domain.cell_tags.values)
    for way, source, target in (("down", fine, grains), ("over", fine, others), ("up", block, small)):
        for name, values in crossed(source, target).items():
            space = target.cells if name in ("z", "cell rate") else target.nodes
            found[f"{way} {name}"] = by_number(space, values)
        for name, values in crossed_at_face(source, target).items():
            found[f"{way} {name} at the anode"] = by_number(target.cells, values)
    return found
