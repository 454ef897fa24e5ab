"""Meshes in any format that meshio reads: simplices with a region each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.errors import FemModelError, InputError
from fem_model.foreign import bounded
from fem_model.foreign.files import digest, require_file
from fem_model.foreign.limits import Allowance
from fem_model.foreign.reading import Arrays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MODULES: Mapping[str, str] = {
    "abaqus": ".inp",
    "avsucd": ".avs",
    "cgns": ".cgns",
    "exodus": ".e .exo .ex2",
    "flac3d": ".f3grid",
    "gmsh": ".msh",
    "ansys": ".msh",
    "h5m": ".h5m",
    "hmf": ".hmf",
    "mdpa": ".mdpa",
    "med": ".med",
    "medit": ".mesh .meshb",
    "nastran": ".bdf .fem .nas",
    "netgen": ".vol",
    "obj": ".obj",
    "off": ".off",
    "permas": ".post .dato",
    "ply": ".ply",
    "stl": ".stl",
    "su2": ".su2",
    "tecplot": ".dat .tec",
    "tetgen": ".ele .node",
    "ugrid": ".ugrid",
    "vtk": ".vtk",
    "vtu": ".vtu",
    "wkt": ".wkt",
    "xdmf": ".xdmf .xmf",
}
"""Suffixes that the modules of meshio read; where there are two, they are tried in this order."""
FORMATS: Mapping[str, Sequence[str]] = {
    suffix: [module for module, others in MODULES.items() if suffix in others.split()]
    for suffixes in MODULES.values()
    for suffix in suffixes.split()
}
SIMPLICES = {"triangle", "tetra"}
DIMENSIONS = {"vertex": 0, "line": 1, "triangle": 2, "quad": 2}  # of cells; of all others 3
PHYSICAL, ENTITY = "gmsh:physical", "gmsh:geometrical"
COINCIDENT = 1e-9  # distance of points that are one, relative to the diameter
LARGEST = 2.0**53  # number of a region: floating-point numbers are whole up to there
MOST_REGIONS = 5000  # each needs a material of its own in the case

FLAT = COINCIDENT**2  # area or volume of a cell, as a share of the largest, that counts as none


@dataclass(frozen=True, eq=False)
class RegionMesh:
    """Simplices of dimension d = 2 or 3, positively oriented, in the file's unit of length."""

    points: Floats  # (n, d)
    cells: Ints  # (m, d + 1)
    region: Ints  # (m,), indices of names
    names: tuple[str, ...]  # of the regions, sorted
    entity: Ints | None  # (m,), Gmsh's surfaces or volumes, where the file has them, each in one region

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
        sizes = _signed_sizes(self.points, self.cells)
        return dict(zip(self.names, (np.bincount(self.region, sizes) / sizes.sum()).tolist(), strict=True))

    def mean_edge(self) -> float:
        """Mean length of the edges of the cells."""
        ends = self.points[self.cells][:, list(combinations(range(self.cells.shape[1]), 2))]
        return float(np.linalg.norm(ends[:, :, 1] - ends[:, :, 0], axis=2).mean())


def read_mesh(path: Path, region_data: str | None = None) -> RegionMesh:
    """The simplices of the highest dimension in a mesh file, and their regions.

    Regions are the values of the cell array `region_data`, by default Gmsh's physical groups, or else the
    only cell array of whole numbers. Their names are those of the groups, else the numbers. Points at one
    place are taken as one.
    Errors: InputError if the file cannot be read, has other cells than triangles or tetrahedra, cells without
    volume or outside a plane, or no regions; then it lists the arrays that are there.
    """
    require_file(path, FORMATS)
    found = bounded.read("mesh", path, region_data)
    names = tuple(found["names"].tolist())
    return RegionMesh(found["points"], found["cells"], found["region"], names, found.get("entity"))


def simplices(path: Path, _: Allowance, region_data: str | None) -> Arrays:
    """The arrays of a RegionMesh, read in this process: see `read_mesh`."""
    raw = _read(path)
    dim, chosen = _simplices(raw)
    array = _region_array(raw, chosen, region_data)
    values, region = np.unique(np.concatenate([raw.cell_data[array][k] for k in chosen]), return_inverse=True)
    if len(values) > MOST_REGIONS:
        raise InputError(f"has more than {MOST_REGIONS} different regions")
    if array == PHYSICAL and 0 in values:  # Gmsh's number for none
        raise InputError("has cells in no physical group, so that they have no regions")
    points, cells = _tidied(*_checked(raw, chosen, dim), dim)
    names = _names(raw.field_data, dim) if array == PHYSICAL else {}
    called = [names.get(int(value), str(int(value))) for value in values]
    require_names(called)
    order = np.argsort(called)
    entity = _entities(raw, chosen, region)
    return {
        "points": points,
        "cells": cells,
        "region": np.argsort(order)[region],
        "names": np.array(called)[order],
        **({} if entity is None else {"entity": entity}),
    }


def require_names(names: Iterable[str]) -> None:
    """InputError for names of regions that cannot be printed in one line."""
    for name in names:
        if not name.isprintable():
            raise InputError(f"has a region with the name {name!r}, which cannot be printed")


def _read(path: Path) -> Any:
    """The file as meshio reads it, by the reader of its format: `meshio.read` would end the process."""
    import meshio

    problems: list[str] = []
    for kind in FORMATS[path.suffix.lower()]:
        try:
            return getattr(meshio, kind).read(str(path))
        except (FemModelError, MemoryError):
            raise
        except Exception as error:  # whatever the readers of damaged files raise
            problems.append(f"{kind}: {str(error) or type(error).__name__}")
    raise InputError(f"cannot be read ({'; '.join(problems)})")


def _simplices(raw: Any) -> tuple[int, list[int]]:
    """The highest dimension of the cells, and the blocks of cells that have it."""
    dims = [DIMENSIONS.get(block.type.rstrip("0123456789"), 3) for block in raw.cells]
    dim = max(dims, default=0)
    chosen = [k for k, of_block in enumerate(dims) if of_block == dim]
    kinds = {raw.cells[k].type for k in chosen}
    if dim < 2 or not kinds <= SIMPLICES:
        found = ", ".join(sorted(kinds - SIMPLICES)) or "no cells"
        raise InputError(f"holds {found}; only straight-sided triangles or tetrahedra are accepted")
    return dim, chosen


def _region_array(raw: Any, chosen: list[int], wanted: str | None) -> str:
    """Name of the cell array that holds the regions."""
    whole = [name for name, values in raw.cell_data.items() if all(_is_whole(values[k]) for k in chosen)]
    kinds = {
        "cell arrays of whole numbers": whole,
        "other cell arrays": [name for name in raw.cell_data if name not in whole],
        "point arrays": list(raw.point_data),
    }
    listed = "; ".join(f"{kind}: {', '.join(names) or 'none'}" for kind, names in kinds.items())
    if wanted is not None and wanted not in whole:
        raise InputError(f'has no cell array "{wanted}" of whole numbers. It has {listed}')
    likely = [wanted] if wanted else [PHYSICAL] if PHYSICAL in whole else [n for n in whole if n != ENTITY]
    if len(likely) != 1:
        reason = "has several arrays: name one as region_data" if likely else "has no regions"
        raise InputError(f"{reason}. It has {listed}")
    return likely[0]


def _entities(raw: Any, chosen: list[int], region: Ints) -> Ints | None:
    """Gmsh's surfaces or volumes; None if they are not of these regions (a converter's zeros)."""
    if ENTITY not in raw.cell_data:
        return None
    entity = np.concatenate([raw.cell_data[ENTITY][k] for k in chosen]).astype(np.int64)
    regions_of_entities = np.unique(np.column_stack([entity, region]), axis=0)[:, 0]
    fit = entity.min() > 0 and entity.max() < 2**31 and len(np.unique(entity)) == len(regions_of_entities)
    return entity if fit else None


def _is_whole(values: npt.NDArray[Any]) -> bool:
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        return False
    return bool((np.abs(values.astype(float)) < LARGEST).all() and np.array_equal(values, np.rint(values)))


def _checked(raw: Any, chosen: list[int], dim: int) -> tuple[Floats, Ints]:
    """Points and cells. InputError if cells have other points than these, or points no place."""
    points = np.asarray(raw.points, dtype=float)
    cells = np.concatenate([raw.cells[k].data for k in chosen])
    if points.ndim != 2 or points.shape[1] not in (2, 3) or points.shape[1] < dim:
        raise InputError(f"has points of the shape {points.shape}; they have 2 or 3 coordinates each")
    if cells.ndim != 2 or cells.shape[1] != dim + 1 or cells.dtype.kind not in "iu" or not len(cells):
        raise InputError(f"has cells of the shape {cells.shape}, {cells.dtype}; each has {dim + 1} points")
    if cells.min() < 0 or cells.max() >= len(points):
        raise InputError(f"has cells at points that are not there; it has {len(points)} points")
    if not np.isfinite(points[np.unique(cells)]).all():
        raise InputError("has points whose coordinates are not finite")
    return points, cells.astype(np.int64)


def _tidied(points: Floats, cells: Ints, dim: int) -> tuple[Floats, Ints]:
    """The points in use, each place once, with `dim` coordinates, and cells that are positively oriented."""
    used, cells = np.unique(cells, return_inverse=True)
    points = points[used]
    grid = COINCIDENT * float(np.linalg.norm(np.ptp(points, axis=0)))
    if points.shape[1] > dim and np.ptp(points[:, dim]) > grid:
        raise InputError("has points outside the x-y plane, in which a 2D mesh must lie")
    points = points[:, :dim]
    _, first, place = np.unique(np.rint(points / grid), axis=0, return_index=True, return_inverse=True)
    points, cells = points[first], place[cells].reshape(-1, dim + 1)
    sizes = _signed_sizes(points, cells)
    if not np.abs(sizes).min() > FLAT * np.abs(sizes).max():  # also where they are not finite
        raise InputError(f"has cells without any {'area' if dim == 2 else 'volume'}")
    return points, np.where((sizes < 0.0)[:, None], cells[:, [1, 0, *range(2, dim + 1)]], cells)


def _signed_sizes(points: Floats, cells: Ints) -> Floats:
    corners = points[cells]
    return np.asarray(np.linalg.det(corners[:, 1:] - corners[:, :1]) / (2.0 if points.shape[1] == 2 else 6.0))


def _names(field_data: Mapping[str, Any], dim: int) -> dict[int, str]:
    """Names of Gmsh's physical groups of a dimension."""
    return {int(number): name for name, (number, of_dim) in field_data.items() if int(of_dim) == dim}
