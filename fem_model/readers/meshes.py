"""Meshes in any format that meshio reads: simplices with a region each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.base.errors import InputError
from fem_model.base.simplices import edges_of, signed_sizes, sizes_of
from fem_model.readers import bounded
from fem_model.readers.files import digest, require_file
from fem_model.readers.limits import Allowance
from fem_model.readers.mesh_files import ENTITY, FORMATS, MeshFile, read_file
from fem_model.readers.reading import Arrays
from fem_model.readers.regions import ENTITIES, GROUP, memberships, of_groups, region_of, require_named
from fem_model.readers.soundness import Geometry, Places, in_order

DOLFIN_XML = (
    "is DOLFIN XML, which is not read: in legacy FEniCS, XDMFFile('mesh.xdmf').write(regions) writes the "
    "MeshFunction of the regions, with their mesh, in a format that is"
)


@dataclass(frozen=True, eq=False)
class RegionMesh:
    """Simplices of dimension d = 2 or 3, positively oriented, in the file's unit of length."""

    points: Floats  # (n, d)
    cells: Ints  # (m, d + 1)
    region: Ints  # (m,), indices of names
    names: tuple[str, ...]  # of the regions, sorted
    entity: Ints | None  # (m,), Gmsh's surfaces or volumes, where the file has them, each in one region
    facets: Ints  # (k, d), in Gmsh's named groups
    group: Ints  # (k,), indices of groups
    groups: tuple[str, ...]
    notes: tuple[str, ...]  # what was put right

    @property
    def extent(self) -> tuple[float, ...]:
        """Size along each axis."""
        return tuple(np.ptp(self.points, axis=0).tolist())

    def scaled(self, unit: float) -> RegionMesh:
        """The mesh with its lowest corner at the origin, in another unit of length."""
        return replace(self, points=(self.points - self.points.min(axis=0)) * unit)

    def digest(self) -> str:
        """Checksum of the points, the cells, their regions and entities."""
        entity = [] if self.entity is None else [self.entity]
        return digest([self.points, self.cells, self.region, *entity])

    def fractions(self) -> dict[str, float]:
        """Share of the area or volume of every region."""
        sizes = signed_sizes(self.points, self.cells)
        return dict(zip(self.names, (np.bincount(self.region, sizes) / sizes.sum()).tolist(), strict=True))

    def mean_edge(self) -> float:
        """Mean length of the edges of the cells."""
        return float(sizes_of(self.points, edges_of(self.cells).reshape(-1, 2)).mean())


def read_mesh(
    path: Path, region_data: str | None = None, wanted: Sequence[str] = (), unit: float = 1.0
) -> RegionMesh:
    """The simplices of the highest dimension in a mesh file, and their regions.

    Regions are the values of the cell array `region_data`, by default Gmsh's physical groups, Abaqus'
    element sets, or else the only cell array of whole numbers. Their names are those of the groups, else the
    numbers. Of several groups or sets that a cell is in, the one that is `wanted` counts. `unit` is that of
    the file in µm.
    Errors: InputError if the file cannot be read, has no regions, has other cells than triangles or
    tetrahedra, or is not in order: see `in_order`.
    """
    if path.suffix.lower() == ".xml":
        raise InputError(f"{path} {DOLFIN_XML}")
    require_file(path, FORMATS)
    found = bounded.read("mesh", path, region_data, repr(unit), *wanted)
    texts: dict[str, Any] = {name: tuple(found[name].tolist()) for name in ("names", "groups", "notes")}
    return RegionMesh(**{"entity": None, **found, **texts})


def simplices(path: Path, _: Allowance, region_data: str | None, unit: str, *wanted: str) -> Arrays:
    """The arrays of a RegionMesh, read in this process: see `read_mesh`."""
    file = read_file(path)
    dim = file.dim
    families = memberships(file, region_data, dim)
    geometry = in_order(file.points, file.cells(dim), dim, float(unit))
    entity = file.whole_arrays(dim).get(ENTITY)
    entity = None if entity is None else entity[geometry.first]
    where = partial(_where, geometry, entity, float(unit))
    moved = [family.moved(geometry.place) for family in families]
    found = region_of(moved, len(geometry.cells), wanted, where)
    values, region = np.unique(found.name[np.argsort(found.cell)], return_inverse=True)
    names = [found.names[value] for value in values]
    require_names(names)
    if found.kind == GROUP:
        require_named(file, dim, names, wanted)
    order = np.argsort(names)
    facets, group, groups = _named_facets(file, dim - 1, geometry.point)
    return {
        "points": geometry.points,
        "cells": geometry.cells,
        "region": np.argsort(order)[region],
        "names": np.array(names)[order],
        "facets": facets,
        "group": group,
        "groups": np.array(groups, dtype=str),
        "notes": np.array(geometry.notes, dtype=str),
        **({} if entity is None or not _is_of_regions(entity, region) else {"entity": entity}),
    }


def _where(geometry: Geometry, entity: Ints | None, unit: float, cells: Ints) -> str:
    """The entity, if there is one, and the place in µm of the first of some cells."""
    at = f"first {Places(geometry.points, geometry.cells, unit).of(cells)}"
    return f"({at})" if entity is None else f"({ENTITIES[geometry.dim]} {entity[cells[0]]}, {at})"


def require_names(names: Iterable[str]) -> None:
    """InputError for names of regions that cannot be printed in one line."""
    for name in names:
        if not name.isprintable():
            raise InputError(f"has a region with the name {name!r}, which cannot be printed")


def _is_of_regions(entity: Ints, region: Ints) -> bool:
    """True if Gmsh's surfaces or volumes are parts of regions, and not a converter's zeros."""
    regions_of_entities = np.unique(np.column_stack([entity, region]), axis=0)[:, 0]
    return bool(
        entity.min() > 0 and entity.max() < 2**31 and len(np.unique(entity)) == len(regions_of_entities)
    )


def _named_facets(file: MeshFile, dim: int, point: Ints) -> tuple[Ints, Ints, Sequence[str]]:
    """Facets between points in use that are in named groups; one that is in several is there as often."""
    found = of_groups(file, dim)
    if found is None:
        return np.empty((0, dim + 1), np.int64), np.empty(0, np.int64), ()
    require_names(found.names)
    is_named = np.isin(
        found.names, [name for (of_dim, _), name in file.groups.names.items() if of_dim == dim]
    )
    facets = point[file.cells(dim)[found.cell]]
    kept = (facets >= 0).all(axis=1) & is_named[found.name]
    return facets[kept], found.name[kept], found.names
