"""A mesh of a run: what its cells are made of, and what follows from that."""

from dataclasses import dataclass
from functools import cached_property
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.post.boundaries import Boundaries, find_boundaries
from fem_model.post.grains import Grains, find_grains

if TYPE_CHECKING:
    from pyvista import UnstructuredGrid


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles or tetrahedra with their electrolytes and grains. Lengths in µm."""

    points: Floats
    """Nodes (N, d): the last axis leads from the anode up, the others along it."""
    cells: Ints
    """Triangles (M, 3) or tetrahedra (M, 4)."""
    material: Ints
    """Electrolyte of each cell (M,), as its place in `names`; under lithium, the one that was there."""
    grain: Ints
    """Number of the grain of each cell (M,): bands and particles each have one of their own."""
    names: tuple[str, ...]
    """The electrolytes of the run."""

    @property
    def dim(self) -> int:
        """2 or 3."""
        return int(self.points.shape[1])

    @cached_property
    def low(self) -> Floats:
        """The lowest corner of the domain (d,)."""
        return np.asarray(self.points.min(axis=0))

    @cached_property
    def high(self) -> Floats:
        """The highest corner of the domain (d,)."""
        return np.asarray(self.points.max(axis=0))

    @cached_property
    def middles(self) -> Floats:
        """The middle (M, d) of each cell."""
        return np.asarray(self.points[self.cells].mean(axis=1))

    @cached_property
    def sizes(self) -> Floats:
        """Area of each triangle, µm², volume of each tetrahedron, µm³."""
        corners = self.points[self.cells]
        return np.asarray(abs(np.linalg.det(corners[:, 1:] - corners[:, :1])) / factorial(self.dim))

    @cached_property
    def boundaries(self) -> Boundaries:
        """Boundaries between grains."""
        return find_boundaries(self)

    @cached_property
    def grains(self) -> Grains:
        """Grains, bounded by the boundaries."""
        return find_grains(self)

    def grid(self) -> "UnstructuredGrid":
        """The cells as PyVista takes them, with nothing on them; points in µm."""
        import pyvista

        kind = pyvista.CellType.TRIANGLE if self.dim == 2 else pyvista.CellType.TETRA
        return pyvista.UnstructuredGrid({kind: self.cells}, in_space(self.points))

    def values_at(self, values: Floats, places: Floats) -> Floats:
        """The field with nodal `values` (N,) at places (n, d) in the domain; linear in each cell."""
        import pyvista

        grid = self.grid()
        grid.point_data["values"] = values
        found = pyvista.PolyData(in_space(places)).sample(grid, snap_to_closest_point=True)
        return np.asarray(found.point_data["values"])


def in_space(points: Floats) -> Floats:
    """Points (n, 2) or (n, 3) as VTK takes them, (n, 3)."""
    return np.pad(points, ((0, 0), (0, 3 - points.shape[1])))
