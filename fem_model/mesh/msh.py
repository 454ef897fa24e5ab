"""Reads a .msh file into plain arrays: named cell regions, grains and named facets. Numpy and Gmsh only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fem_model.errors import FemModelError, InputError
from fem_model.foreign.meshes import FLAT
from fem_model.mesh.gmsh_session import gmsh_session

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SIMPLEX = {1: (1, 2), 2: (2, 3), 3: (4, 4)}  # dimension: (Gmsh's element type, nodes)


@dataclass(frozen=True, eq=False)
class NamedMesh:
    """A simplex mesh of dimension d = 2 or 3 with names, in the file's unit of length."""

    points: Floats  # (nodes, d)
    cells: Ints  # (cells, d + 1), indices of points
    materials: tuple[str, ...]  # names of the cell regions, sorted
    material: Ints  # (cells,), indices of materials
    grain: Ints  # (cells,), number of the elementary entity (Gmsh surface or volume)
    groups: tuple[str, ...]  # names of the facet groups, sorted ("" = facets without a name)
    facets: Ints  # (facets, d), indices of points
    group: Ints  # (facets,), indices of groups
    quality: Floats  # (cells,), signed inverse condition number (SICN), 1 = equilateral

    @property
    def dim(self) -> int:
        return self.points.shape[1]

    def cell_sizes(self) -> Floats:
        """Area (2D) or volume (3D) of every cell."""
        corners = self.points[self.cells]
        return np.abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / (2.0 if self.dim == 2 else 6.0)


def read_msh(path: Path) -> NamedMesh:
    """Read a Gmsh mesh file.

    InputError: missing, not a mesh, cells without a named region, not simplices, without area or volume.
    """
    _require_mesh_file(path)
    with gmsh_session() as gmsh:
        try:
            gmsh.merge(str(path))
        except Exception as error:
            raise InputError(f"{path}: Gmsh cannot read this mesh file ({error})") from error
        try:
            return _extract(gmsh)
        except FemModelError as error:
            raise InputError(f"{path}: {error}") from error


def _require_mesh_file(path: Path) -> None:
    """Gmsh runs whatever script a file holds unless it starts like a mesh, so look before opening."""
    if not path.is_file():
        raise InputError(f"{path}: no such mesh file")
    with path.open("rb") as file:
        if file.read(11) != b"$MeshFormat":
            raise InputError(f"{path}: not a Gmsh mesh file (.msh); other formats are not accepted")


def _extract(gmsh: ModuleType) -> NamedMesh:
    dim = gmsh.model.getDimension()
    if dim not in (2, 3):
        raise InputError(f"holds no cells of dimension 2 or 3 (its dimension is {dim})")
    cells = elements(gmsh, dim)
    if "" in cells.names:
        raise InputError("every cell must belong to a named physical group: its material")
    if any("|" in name for name in cells.names):
        raise InputError('the name of a material must not contain "|"')
    facets = elements(gmsh, dim - 1)
    points, index = cell_nodes(gmsh, dim, cells.nodes)
    quality = np.asarray(gmsh.model.mesh.getElementQualities(cells.tags, "minSICN"), dtype=np.float64)
    kept = (index[facets.nodes] >= 0).all(axis=1)
    mesh = NamedMesh(
        points=points,
        cells=index[cells.nodes],
        materials=cells.names,
        material=cells.name,
        grain=cells.entity,
        groups=facets.names,
        facets=index[facets.nodes[kept]],
        group=facets.name[kept],
        quality=quality,
    )
    sizes = mesh.cell_sizes()
    if sizes.min() <= FLAT * sizes.max():
        raise InputError(f"has cells without any {'area' if dim == 2 else 'volume'}")
    return mesh


class Elements(NamedTuple):
    """All elements of one dimension, in the order of their entities."""

    tags: Ints
    nodes: Ints  # node tags, one row per element
    entity: Ints
    name: Ints  # indices of names
    names: tuple[str, ...]  # sorted; "" where an entity has no named group


def elements(gmsh: ModuleType, dim: int) -> Elements:
    """All elements of a dimension of the model. InputError unless they are simplices in one group each."""
    element_type, width = SIMPLEX[dim]
    parts: list[tuple[int, str, Ints, Ints]] = []
    for _, entity in gmsh.model.getEntities(dim):
        types, tags, nodes = gmsh.model.mesh.getElements(dim, entity)
        if len(types) == 0:
            continue
        if list(types) != [element_type]:
            raise InputError("only straight-sided triangles (2D) and tetrahedra (3D) are accepted")
        name = _group_name(gmsh, dim, entity)
        parts.append((entity, name, tags[0].astype(np.int64), nodes[0].astype(np.int64)))
    names = tuple(sorted({name for _, name, _, _ in parts}))
    counts = [len(tags) for _, _, tags, _ in parts]
    none = np.empty(0, dtype=np.int64)
    return Elements(
        tags=np.concatenate([none, *(tags for _, _, tags, _ in parts)]),
        nodes=np.concatenate([none, *(nodes for _, _, _, nodes in parts)]).reshape(-1, width),
        entity=np.repeat(np.array([entity for entity, _, _, _ in parts], dtype=np.int64), counts),
        name=np.repeat(np.array([names.index(name) for _, name, _, _ in parts], dtype=np.int64), counts),
        names=names,
    )


def _group_name(gmsh: ModuleType, dim: int, entity: int) -> str:
    """Name of the physical group of an entity, "" where it has none. InputError where it has several."""
    groups = gmsh.model.getPhysicalGroupsForEntity(dim, entity)
    if len(groups) > 1:
        raise InputError(f"entity {entity} of dimension {dim} is in several physical groups, not one")
    return str(gmsh.model.getPhysicalName(dim, groups[0])) if len(groups) == 1 else ""


def cell_nodes(gmsh: ModuleType, dim: int, cells: Ints) -> tuple[Floats, Ints]:
    """Points of the cells, in the order of their Gmsh tags, and the map from tag to index (-1: unused)."""
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    points = coordinates.reshape(-1, 3)
    if dim == 2 and np.ptp(points[:, 2]) > 0.0:
        raise InputError("a 2D mesh must lie in the x-y plane")
    used = np.unique(cells)
    index = np.full(int(tags.max()) + 1, -1, dtype=np.int64)
    index[used] = np.arange(len(used))
    place = index[tags.astype(np.int64)]
    kept = np.empty((len(used), dim))
    kept[place[place >= 0]] = points[place >= 0, :dim]
    return kept, index
