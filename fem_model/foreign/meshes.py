"""Meshes in any format that meshio reads: simplices with a region each."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.errors import InputError
from fem_model.foreign.files import digest, require_file

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SIMPLICES = {"triangle", "tetra"}
DIMENSIONS = {"vertex": 0, "line": 1, "triangle": 2, "quad": 2}  # of cells; of all others 3
PHYSICAL, ENTITY = "gmsh:physical", "gmsh:geometrical"
COINCIDENT = 1e-9  # distance of points that are one, relative to the diameter

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
    raw = _read(path)
    dim, chosen = _simplices(path, raw)
    array = _region_array(path, raw, chosen, region_data)
    values, region = np.unique(np.concatenate([raw.cell_data[array][k] for k in chosen]), return_inverse=True)
    cells = np.concatenate([raw.cells[k].data for k in chosen]).astype(np.int64)
    if array == PHYSICAL and 0 in values:  # Gmsh's number for none
        raise InputError(f"{path} has cells in no physical group, so that they have no regions")
    points, cells = _tidied(path, raw.points, cells, dim)
    names = _names(raw.field_data, dim) if array == PHYSICAL else {}
    called = [names.get(int(value), str(int(value))) for value in values]
    order = np.argsort(called)
    entity = _entities(raw, chosen, region)
    return RegionMesh(points, cells, np.argsort(order)[region], tuple(called[k] for k in order), entity)


def _read(path: Path) -> Any:
    """The file as meshio reads it, by the reader of its format: `meshio.read` would end the process."""
    import meshio

    suffixes = [suffix for suffix in meshio.extension_to_filetypes if suffix.count(".") == 1]
    require_file(path, suffixes)
    problems: list[str] = []
    for kind in reversed(meshio.extension_to_filetypes[path.suffix.lower()]):
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                return getattr(meshio, kind).read(str(path))
        except Exception as error:  # whatever the readers of damaged files raise
            problems.append(f"{kind}: {error or type(error).__name__}")
    raise InputError(f"{path} cannot be read ({'; '.join(problems)})")


def _simplices(path: Path, raw: Any) -> tuple[int, list[int]]:
    """The highest dimension of the cells, and the blocks of cells that have it."""
    dims = [DIMENSIONS.get(block.type.rstrip("0123456789"), 3) for block in raw.cells]
    dim = max(dims, default=0)
    chosen = [k for k, of_block in enumerate(dims) if of_block == dim]
    kinds = {raw.cells[k].type for k in chosen}
    if dim < 2 or not kinds <= SIMPLICES:
        found = ", ".join(sorted(kinds - SIMPLICES)) or "no cells"
        raise InputError(f"{path} holds {found}; only straight-sided triangles or tetrahedra are accepted")
    return dim, chosen


def _region_array(path: Path, raw: Any, chosen: list[int], wanted: str | None) -> str:
    """Name of the cell array that holds the regions."""
    whole = [name for name, values in raw.cell_data.items() if all(_is_whole(values[k]) for k in chosen)]
    kinds = {
        "cell arrays of whole numbers": whole,
        "other cell arrays": [name for name in raw.cell_data if name not in whole],
        "point arrays": list(raw.point_data),
    }
    listed = "; ".join(f"{kind}: {', '.join(names) or 'none'}" for kind, names in kinds.items())
    if wanted is not None and wanted not in whole:
        raise InputError(f'{path} has no cell array "{wanted}" of whole numbers. It has {listed}')
    likely = [wanted] if wanted else [PHYSICAL] if PHYSICAL in whole else [n for n in whole if n != ENTITY]
    if len(likely) != 1:
        reason = "has several arrays: name one as region_data" if likely else "has no regions"
        raise InputError(f"{path} {reason}. It has {listed}")
    return likely[0]


def _entities(raw: Any, chosen: list[int], region: Ints) -> Ints | None:
    """Gmsh's surfaces or volumes; None if they are not of these regions (a converter's zeros)."""
    if ENTITY not in raw.cell_data:
        return None
    entity = np.concatenate([raw.cell_data[ENTITY][k] for k in chosen]).astype(np.int64)
    regions_of_entities = np.unique(np.column_stack([entity, region]), axis=0)[:, 0]
    return entity if entity.min() > 0 and len(np.unique(entity)) == len(regions_of_entities) else None


def _is_whole(values: npt.NDArray[Any]) -> bool:
    return values.ndim == 1 and values.dtype.kind in "iuf" and bool(np.array_equal(values, np.rint(values)))


def _tidied(path: Path, points: Floats, cells: Ints, dim: int) -> tuple[Floats, Ints]:
    """The points in use, each place once, with `dim` coordinates, and cells that are positively oriented."""
    used, cells = np.unique(cells, return_inverse=True)
    points = points[used].astype(float)
    grid = COINCIDENT * float(np.linalg.norm(np.ptp(points, axis=0)))
    if points.shape[1] > dim and np.ptp(points[:, dim]) > grid:
        raise InputError(f"{path}: a 2D mesh must lie in the x-y plane")
    points = points[:, :dim]
    _, first, place = np.unique(np.rint(points / grid), axis=0, return_index=True, return_inverse=True)
    points, cells = points[first], place[cells].reshape(-1, dim + 1)
    sizes = _signed_sizes(points, cells)
    if np.abs(sizes).min() <= FLAT * np.abs(sizes).max():
        raise InputError(f"{path} has cells without any {'area' if dim == 2 else 'volume'}")
    return points, np.where((sizes < 0.0)[:, None], cells[:, [1, 0, *range(2, dim + 1)]], cells)


def _signed_sizes(points: Floats, cells: Ints) -> Floats:
    corners = points[cells]
    return np.asarray(np.linalg.det(corners[:, 1:] - corners[:, :1]) / (2.0 if points.shape[1] == 2 else 6.0))


def _names(field_data: Mapping[str, Any], dim: int) -> dict[int, str]:
    """Names of Gmsh's physical groups of a dimension."""
    return {int(number): name for name, (number, of_dim) in field_data.items() if int(of_dim) == dim}
