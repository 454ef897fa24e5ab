"""Reads a .msh file into plain arrays: named cell regions, grains and named facets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.base.errors import InputError
from fem_model.base.scratch import filling, scratch
from fem_model.base.seal import unsealed
from fem_model.base.simplices import connected, sides, sizes_of
from fem_model.mesh.gmsh_session import gmsh_session
from fem_model.readers.files import require_regular
from fem_model.readers.meshes import RegionMesh, read_mesh, require_names
from fem_model.readers.soundness import FLAT

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
    notes: tuple[str, ...] = ()  # repairs of an imported file

    @property
    def dim(self) -> int:
        return int(self.points.shape[1])

    def cell_sizes(self) -> Floats:
        """Area (2D) or volume (3D) of every cell."""
        return sizes_of(self.points, self.cells)


def read_msh(path: Path) -> NamedMesh:
    """Read a Gmsh mesh file, with lengths in µm: a sealed one, which this program wrote, here; any other in a
    child process, as a case with layout = "mesh" does.

    InputError: missing, or as `read_mesh`; regions with "|" in their names; facets in several named groups.
    """
    if not os.path.exists(path):
        raise InputError(f"{path}: no such mesh file")
    require_regular(path)
    own = unsealed(path.read_bytes())
    try:
        return _with_its_groups(read_mesh(path), path) if own is None else _merged(own)
    except InputError as error:
        raise error if own is None else InputError(f"{path} {error}") from error


def _with_its_groups(mesh: RegionMesh, path: Path) -> NamedMesh:
    """A mesh whose regions are materials, with the file's own names of facets."""
    if any("|" in name for name in mesh.names):
        raise InputError(f'{path} has a region with "|" in its name')
    if len(np.unique(np.sort(mesh.facets, axis=1), axis=0)) < len(mesh.facets):
        names = ", ".join(mesh.groups)
        raise InputError(
            f"{path} has facets in several of the physical groups {names}: in Gmsh, keep one of each"
        )
    return named_mesh(mesh, mesh.names, mesh.facets, mesh.group, mesh.groups)


def named_mesh(
    mesh: RegionMesh, material: Sequence[str], facets: Ints, group: Ints, groups: Sequence[str]
) -> NamedMesh:
    """An imported mesh with a material for each region. Grains are its entities if it has any, else the parts
    of a region that hang together."""
    materials = tuple(sorted(set(material)))
    return NamedMesh(
        points=mesh.points,
        cells=mesh.cells,
        materials=materials,
        material=np.array([materials.index(name) for name in material])[mesh.region],
        grain=_parts(mesh) + 1 if mesh.entity is None else mesh.entity,
        groups=tuple(groups),
        facets=facets,
        group=group,
        quality=quality(mesh.points, mesh.cells),
        notes=mesh.notes,
    )


def _parts(mesh: RegionMesh) -> Ints:
    """Number, from 0, of the part of its region that each cell is in."""
    found = sides(mesh.cells)
    beside = found.cells[found.times == 2]
    return connected(beside[mesh.region[beside[:, 0]] == mesh.region[beside[:, 1]]], len(mesh.cells))


def quality(points: Floats, cells: Ints) -> Floats:
    """Signed inverse condition number of the map from a regular simplex (SICN), 1 if it is regular.

    d / (|S| |S⁻¹|) in Frobenius norms, S = A W⁻¹, with the edges from the first corner as the columns of A,
    and of W for the regular simplex.
    """
    dim = points.shape[1]
    regular = np.linalg.cholesky((np.eye(dim) + 1.0) / 2.0)  # edges as rows, each of length 1, at 60 degrees
    corners = points[cells]
    edges = corners[:, 1:] - corners[:, :1]
    maps = np.linalg.solve(regular, edges)
    norms = np.linalg.norm(maps, axis=(1, 2)) * np.linalg.norm(np.linalg.inv(maps), axis=(1, 2))
    return np.asarray(np.sign(np.linalg.det(edges)) * dim / norms)


def _merged(data: bytes) -> NamedMesh:
    """Contents of a mesh file as Gmsh reads them.

    It sees a copy in a folder of its own: beside the file it would look for another with options, or with
    commands to run. It takes for a script what does not start like a mesh.
    """
    if data.split(b"\n", 1)[0].strip() != b"$MeshFormat":
        raise InputError("is not a Gmsh mesh file (.msh); other formats are not accepted")
    with scratch() as folder, gmsh_session() as gmsh:
        copy = folder / "copy.msh"
        with filling(copy):
            copy.write_bytes(data)
        try:
            gmsh.merge(str(copy))
        except Exception as error:
            told = str(error).replace(f"'{copy}'", "it")
            raise InputError(f"cannot be read by Gmsh ({told})") from None
        return _extract(gmsh)


def _extract(gmsh: ModuleType) -> NamedMesh:
    dim = gmsh.model.getDimension()
    if dim not in (2, 3):
        raise InputError(f"holds no cells of dimension 2 or 3 (its dimension is {dim})")
    cells = elements(gmsh, dim)
    if "" in cells.names:
        raise InputError("has cells in no named physical group, which would be their material")
    if any("|" in name for name in cells.names):
        raise InputError('has a material with "|" in its name')
    facets = elements(gmsh, dim - 1)
    require_names([*cells.names, *facets.names])
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
    if not sizes.min() > FLAT * sizes.max():  # also where they are not finite
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
            raise InputError("holds other cells than straight-sided triangles (2D) or tetrahedra (3D)")
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
        raise InputError(f"has the entity {entity} of dimension {dim} in several physical groups, not one")
    return str(gmsh.model.getPhysicalName(dim, groups[0])) if len(groups) == 1 else ""


def cell_nodes(gmsh: ModuleType, dim: int, cells: Ints) -> tuple[Floats, Ints]:
    """Points of the cells, in the order of their Gmsh tags, and the map from tag to index (-1: unused)."""
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    points = coordinates.reshape(-1, 3)
    if dim == 2 and np.ptp(points[:, 2]) > 0.0:
        raise InputError("has points outside the x-y plane, in which a 2D mesh must lie")
    used = np.unique(cells)
    index = np.full(int(tags.max()) + 1, -1, dtype=np.int64)
    index[used] = np.arange(len(used))
    place = index[tags.astype(np.int64)]
    kept = np.empty((len(used), dim))
    kept[place[place >= 0]] = points[place >= 0, :dim]
    return kept, index
