"""The mesh as the solver sees it: distributed, in metres, with every part reachable by its name."""

from __future__ import annotations

import fem_model._dolfinx_first  # noqa: F401

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import basix.ufl
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from dolfinx.graph import adjacencylist
from dolfinx.io.utils import distribute_entity_data
from dolfinx.mesh import (
    Mesh,
    MeshTags,
    create_mesh,
    meshtags,
    meshtags_from_entities,
)

from fem_model.base.arrays import Floats, Ints
from fem_model.base.errors import InputError
from fem_model.mesh.boundaries import find_boundaries
from fem_model.mesh.cache import cached_mesh, fingerprints
from fem_model.mesh.columns import partitioner
from fem_model.mesh.msh import read_msh
from fem_model.mesh.parallel import from_root, on_root

if TYPE_CHECKING:
    from mpi4py import MPI

    from fem_model.case import Case

MICROMETRE = 1e-6  # unit of length in the mesh files this project writes, in metres


@dataclass(frozen=True, eq=False)
class Domain:
    """A distributed mesh of straight simplices in metres, its lowest corner at the origin.

    The last axis points from the anode to the counter electrode. Tags are looked up by name: `cell_tags` by
    `materials`, `facet_tags` by `faces` (outer faces, among them "anode" and "counter") and `pairs`
    (interior boundaries "A|B", names sorted; "A|A" between two grains of A). Every rank holds the same
    names, also those absent from its part.
    """

    mesh: Mesh
    cell_tags: MeshTags
    facet_tags: MeshTags
    grain: npt.NDArray[np.int32]  # per local cell, ghosts included
    materials: Mapping[str, int]
    faces: Mapping[str, int]
    pairs: Mapping[str, int]
    extent: tuple[float, ...]  # m, size along each axis
    fingerprints: Mapping[str, str]  # of the mesh file and its grains, see `fingerprints`
    notes: tuple[str, ...] = ()  # repairs of an imported file

    @property
    def labels(self) -> Labels:
        """Names and sizes of the mesh that every rank knows."""
        return Labels(self.mesh.topology.dim, *(getattr(self, name) for name in Labels._fields[1:]))

    @property
    def depth(self) -> float:
        """Height in m of the counter electrode above the anode: the size along the last axis."""
        return self.extent[-1]

    @property
    def width(self) -> float:
        """Size in m along the first axis."""
        return self.extent[0]

    @property
    def diameter(self) -> float:
        """Diagonal of the bounding box, m."""
        return math.hypot(*self.extent)

    @cached_property
    def dx(self) -> ufl.Measure:
        """Volume measure in m² (2D) or m³, subdomains by the tags of `materials`."""
        return ufl.Measure("dx", domain=self.mesh, subdomain_data=self.cell_tags)

    @cached_property
    def ds(self) -> ufl.Measure:
        """Outer surface measure in m (2D) or m², subdomains by the tags of `faces`."""
        return ufl.Measure("ds", domain=self.mesh, subdomain_data=self.facet_tags)

    def material_values(self, values: Mapping[str, float], name: str = "f") -> fem.Function:
        """A DG0 coefficient, constant within each material. InputError: a material has no value."""
        missing = sorted(set(self.materials) - set(values))
        if missing:
            given = ", ".join(values) or "none"
            raise InputError(f"no value for material {', '.join(missing)} of the mesh; given: {given}")
        table = np.zeros(max(self.materials.values()) + 1)
        table[list(self.materials.values())] = [values[material] for material in self.materials]
        function = fem.Function(fem.functionspace(self.mesh, ("DG", 0)), name=name)
        function.x.array[function.function_space.dofmap.list[:, 0]] = table[self.cell_tags.values]
        return function


def build_domain(case: Case, comm: MPI.Comm, fallback_dir: Path | None = None) -> Domain:
    """The domain of a case: its mesh from the cache, or built (collective; see `cached_mesh`)."""
    return read_domain(mesh_of(case, comm, fallback_dir), comm)


def mesh_of(case: Case, comm: MPI.Comm, fallback_dir: Path | None = None) -> Path:
    """The mesh of a case, from the cache or built (collective; see `cached_mesh`)."""
    return from_root(comm, lambda: cached_mesh(case, fallback_dir))


def read_domain(path: str | Path, comm: MPI.Comm, unit: float = MICROMETRE) -> Domain:
    """The domain of a Gmsh file, 2D or 3D, whose cells are in named groups (collective).

    `unit` is the file's unit of length in metres. Facet groups give the faces their names; electrodes
    without one are found at the ends of the last axis, interior boundaries by the cells beside them. Grains
    are Gmsh's surfaces (volumes).
    Errors: InputError on every rank for whatever rank 0 cannot read.
    """
    root = on_root(comm, lambda: _load(Path(path), unit))
    labels: Labels = comm.bcast(root.labels if root else None)
    return assembled(comm, root.arrays if root else None, labels)


def assembled(comm: MPI.Comm, arrays: MeshArrays | None, labels: Labels) -> Domain:
    """The domain of a mesh of which each rank has a block (collective)."""
    return Domain(
        *distribute(comm, arrays, labels.dim),
        materials=labels.materials,
        faces=labels.faces,
        pairs=labels.pairs,
        extent=labels.extent,
        fingerprints=labels.fingerprints,
        notes=labels.notes,
    )


class MeshArrays(NamedTuple):
    """A block of a mesh; lengths in metres.

    Points and cells are numbered from rank to rank; the numbers of points in `cells` and `facets` are those
    in the whole mesh. Facets may be anywhere, each of them once.
    """

    points: Floats
    cells: Ints
    material: npt.NDArray[np.int32]
    grain: npt.NDArray[np.int32]
    facets: Ints
    facet: npt.NDArray[np.int32]

    @classmethod
    def empty(cls, dim: int) -> MeshArrays:
        """Nothing of a mesh of so many dimensions."""
        none = np.empty(0, dtype=np.int32)
        rows = np.empty((0, dim), dtype=np.int64)
        return cls(np.empty((0, dim)), np.empty((0, dim + 1), dtype=np.int64), none, none, rows, none)


class Distributed(NamedTuple):
    """Parts of a mesh that each rank holds: the first fields of a `Domain`."""

    mesh: Mesh
    cell_tags: MeshTags
    facet_tags: MeshTags
    grain: npt.NDArray[np.int32]


def distribute(comm: MPI.Comm, block: MeshArrays | None, dim: int) -> Distributed:
    """A mesh, of which each rank may have a block, over all ranks (collective)."""
    arrays = block or MeshArrays.empty(dim)
    mesh = _create_mesh(comm, arrays, dim)
    material, grain = per_cell(mesh, arrays.material), per_cell(mesh, arrays.grain)
    cell_tags = meshtags(mesh, dim, np.arange(len(material), dtype=np.int32), material)
    return Distributed(mesh, cell_tags, _facet_tags(mesh, arrays), grain)


class Labels(NamedTuple):
    """Names and sizes of the mesh that every rank knows."""

    dim: int
    extent: tuple[float, ...]
    materials: Mapping[str, int]
    faces: Mapping[str, int]
    pairs: Mapping[str, int]
    fingerprints: Mapping[str, str]
    notes: tuple[str, ...]


class _Loaded(NamedTuple):
    arrays: MeshArrays
    labels: Labels


def _load(path: Path, unit: float) -> _Loaded:
    raw = read_msh(path)
    try:
        boundaries = find_boundaries(raw)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    points = (raw.points - raw.points.min(axis=0)) * unit
    material, facet = (raw.material + 1).astype(np.int32), (boundaries.name + 1).astype(np.int32)
    tags = {name: index + 1 for index, name in enumerate(boundaries.names)}
    labels = Labels(
        dim=raw.dim,
        extent=tuple(float(length) for length in points.max(axis=0)),
        materials={name: index + 1 for index, name in enumerate(raw.materials)},
        faces={name: tags[name] for name in boundaries.faces},
        pairs={name: tags[name] for name in boundaries.pairs},
        fingerprints=fingerprints(path),
        notes=raw.notes,
    )
    return _Loaded(
        MeshArrays(points, raw.cells, material, raw.grain.astype(np.int32), boundaries.facets, facet), labels
    )


def _create_mesh(comm: MPI.Comm, arrays: MeshArrays, dim: int) -> Mesh:
    cell = "triangle" if dim == 2 else "tetrahedron"
    element = ufl.Mesh(basix.ufl.element("Lagrange", cell, 1, shape=(dim,)))
    return create_mesh(
        comm, arrays.cells, element, arrays.points, partitioner(comm, arrays.points, arrays.cells)
    )


def per_cell(mesh: Mesh, values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Values of the local cells, ghosts included, from those in the order of the file (collective).

    Each rank has a block of these, which follows that of the rank before, or none.
    """
    counts = mesh.comm.allgather(len(values))
    everywhere = np.empty(sum(counts), dtype=np.int32)
    mesh.comm.Allgatherv(values, (everywhere, counts))
    local: npt.NDArray[np.int32] = everywhere[mesh.topology.original_cell_index]
    return local


def _facet_tags(mesh: Mesh, arrays: MeshArrays) -> MeshTags:
    dim = mesh.topology.dim - 1
    mesh.topology.create_connectivity(dim, dim + 1)
    entities, values = distribute_entity_data(mesh, dim, arrays.facets, arrays.facet)
    tags = meshtags_from_entities(mesh, dim, adjacencylist(entities), values.astype(np.int32, copy=False))
    tags.name = "facet_tags"
    return tags
