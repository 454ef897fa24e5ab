"""Files of meshes, read by meshio or, where it falls short, here: cells and what may be their regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.arrays import Floats, Ints
from fem_model.base.errors import FemModelError, InputError
from fem_model.readers.abaqus import read_inp
from fem_model.readers.msh import Groups, read_msh

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
SIMPLICES = {1: "line", 2: "triangle", 3: "tetra"}
DIMENSIONS = {"vertex": 0, "line": 1, "triangle": 2, "quad": 2}  # of cells; of all others 3
PHYSICAL, ENTITY = "gmsh:physical", "gmsh:geometrical"
LARGEST = 2.0**53  # number of a region: floating-point numbers are whole up to there
CURVED = (
    "such cells, whose sides may be curved, are not read: write straight-sided ones, in Gmsh with "
    "Mesh.ElementOrder = 1 (gmsh -order 1)"
)
OTHERS = (
    "all cells of the highest dimension must be straight-sided triangles or tetrahedra: in Gmsh, leave out "
    "Recombine; in other programs, split the cells into these"
)


@dataclass(frozen=True)
class MeshFile:
    """Contents of a file: the mesh as meshio has it, and what meshio does not know of groups and sets."""

    mesh: Any
    groups: Groups
    families: Sequence[Mapping[str, Ints]] = field(default_factory=tuple)
    """Sets of cells by name, as places among all cells; each family may have the regions."""

    @cached_property
    def dim(self) -> int:
        """The highest dimension of the cells, 2 or 3. InputError if some of it are no simplices."""
        dims = {block.type: DIMENSIONS.get(block.type.rstrip("0123456789"), 3) for block in self.mesh.cells}
        dim = max(dims.values(), default=0)
        if dim < 2:
            raise InputError("holds no cells of dimension 2 or 3; triangles or tetrahedra are read")
        if kinds := sorted(kind for kind, own in dims.items() if own == dim and kind != SIMPLICES[dim]):
            curved = all(kind.rstrip("0123456789") == SIMPLICES[dim] for kind in kinds)
            counts = {kind: sum(len(b.data) for b in self.mesh.cells if b.type == kind) for kind in kinds}
            listed = ", ".join(f"{kind} ({count})" for kind, count in counts.items())
            raise InputError(f"holds {listed}: {CURVED if curved else OTHERS}")
        return dim

    def blocks(self, dim: int) -> list[int]:
        """Numbers of the blocks of simplices of a dimension."""
        return [k for k, block in enumerate(self.mesh.cells) if block.type == SIMPLICES[dim]]

    def cells(self, dim: int) -> Ints:
        """The simplices of a dimension. InputError if they have other points than the file has."""
        points = len(self.mesh.points)
        blocks = [self.mesh.cells[k].data for k in self.blocks(dim)]
        cells = np.concatenate(blocks or [np.empty((0, dim + 1), np.int64)])
        if cells.ndim != 2 or cells.shape[1] != dim + 1 or cells.dtype.kind not in "iu":
            shape = f"{cells.shape}, {cells.dtype}"
            raise InputError(f"has cells of the shape {shape}; each has {dim + 1} points")
        if len(cells) and (cells.min() < 0 or cells.max() >= points):
            raise InputError(f"has cells at points that are not there; it has {points} points")
        return cells.astype(np.int64)

    @property
    def points(self) -> Floats:
        """The points (n, 2 or 3)."""
        points = np.asarray(self.mesh.points, dtype=float)
        if points.ndim != 2 or points.shape[1] not in (2, 3) or points.shape[1] < self.dim:
            raise InputError(f"has points of the shape {points.shape}; they have 2 or 3 coordinates each")
        return points

    def places(self) -> Ints:
        """Place of every cell among those of the highest dimension, -1 for all others."""
        sizes, chosen = [len(block.data) for block in self.mesh.cells], set(self.blocks(self.dim))
        belongs = np.repeat([k in chosen for k in range(len(sizes))], sizes)
        return np.where(belongs, np.cumsum(belongs) - 1, -1)

    def whole_arrays(self, dim: int) -> dict[str, Ints]:
        """The arrays of whole numbers, one for each cell of a dimension."""
        found = {}
        for name, values in self.mesh.cell_data.items():
            parts = [_column(values[k]) for k in self.blocks(dim)]
            if all(map(_is_whole, parts)):
                found[name] = np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64)
        return found


def read_file(path: Path) -> MeshFile:
    """The file by the reader of its format: `meshio.read` would end the process."""
    problems: list[str] = []
    for kind in FORMATS[path.suffix.lower()]:
        try:
            return _read(kind, path)
        except (FemModelError, MemoryError):
            raise
        except Exception as error:  # whatever the readers of damaged files raise
            problems.append(f"{kind}: {str(error) or type(error).__name__}")
    raise InputError(f"cannot be read ({'; '.join(problems)})")


def _read(kind: str, path: Path) -> MeshFile:
    import meshio

    if kind == "abaqus":
        mesh, families = read_inp(path)
        return MeshFile(mesh, Groups({}), families)
    if kind == "gmsh":
        return MeshFile(*read_msh(path))
    mesh = getattr(meshio, kind).read(str(path))
    given = mesh.field_data.items() if PHYSICAL in mesh.cell_data else ()
    return MeshFile(mesh, Groups({(int(dim), int(number)): name for name, (number, dim) in given}))


def _column(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The values, also where they are vectors of one component."""
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _is_whole(values: npt.NDArray[Any]) -> bool:
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        return False
    return bool((np.abs(values.astype(float)) < LARGEST).all() and np.array_equal(values, np.rint(values)))
