"""A conforming division of a box by triangles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.base.simplices import distinct_rows
from fem_model.microstructure.enclosures import Enclosures
from fem_model.microstructure.polygons import TOLERANCE
from fem_model.microstructure.polyhedra import WALLS, require_filled

WALL_NAMES = tuple(name for wall in WALLS for name in wall)


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Regions that fill the box from (0, 0, 0) to (width, breadth, depth) without gaps; the anode is z = 0.

    `points` in metres (n, 3). Each of the `triangles` (t, 3) is listed once, anticlockwise seen from outside
    region `beside[:, 0]`; `beside[:, 1]` is the region on the other side, -1 at a wall. A region is made of
    `materials[region]`, and its number is region + 1.
    ValueError if the triangles do not enclose every region, or the regions do not fill the box.
    """

    points: Floats
    triangles: Ints
    beside: Ints
    materials: tuple[str, ...]

    def __post_init__(self) -> None:
        require_filled(self.extent, self.volumes(), "region", "triangles")
        self.patches  # noqa: B018  (checks that every triangle has a name)

    @property
    def extent(self) -> tuple[float, ...]:
        """Sizes along x, y and z, m."""
        return tuple(float(length) for length in self.points.max(axis=0))

    @property
    def beside_surfaces(self) -> Ints:
        """The two regions of each patch."""
        return self.patches[0]

    def volumes(self) -> Floats:
        """Volume of each region, m³."""
        return Enclosures(self.triangles, self.beside).volumes(self.points)

    @cached_property
    def patches(self) -> tuple[Ints, tuple[str, ...], Ints]:
        """The patches between one and the same two regions, or between a region and a wall.

        The two regions of each (n, 2), its name, and the patch of every triangle. The name is that of the
        wall, as for `Polyhedra`, or "A|B", the materials beside it, sorted.
        """
        shift = len(WALL_NAMES)
        other = np.where(self.beside[:, 1] >= 0, self.beside[:, 1] + shift, 0)
        outer = np.flatnonzero(self.beside[:, 1] < 0)
        other[outer] = self._walls(outer)
        codes, patch = distinct_rows(np.column_stack([self.beside[:, 0], other]))
        names = [
            WALL_NAMES[b] if b < shift else "|".join(sorted((self.materials[a], self.materials[b - shift])))
            for a, b in codes.tolist()
        ]
        return np.column_stack([codes[:, 0], np.maximum(codes[:, 1] - shift, -1)]), tuple(names), patch

    def refined(self, longest: Callable[[Floats], Floats]) -> Surfaces:
        """Surfaces with edges halved until none is longer than `longest` allows at its middle.

        `longest` takes points (n, 3) and gives lengths in m. A triangle is cut at the edge that is longest
        for its place, and only together with those that share this edge.
        """
        surfaces = self
        while (chosen := surfaces._too_long(longest)).size:
            surfaces = surfaces._with_edges_halved(chosen)
        return surfaces

    def _walls(self, triangles: Ints) -> Ints:
        """Number of the wall that each triangle lies on."""
        corners = self.points[self.triangles[triangles]] / self.extent
        on_wall = np.stack([np.abs(corners) < TOLERANCE, np.abs(corners - 1.0) < TOLERANCE], axis=3)
        flat = on_wall.all(axis=1).reshape(len(triangles), -1)
        if not flat.any(axis=1).all():
            raise ValueError("a triangle that belongs to one region alone does not lie on a wall")
        return np.asarray(flat.argmax(axis=1))

    @cached_property
    def _edges(self) -> tuple[Ints, Ints]:
        """Every edge once (e, 2), and the edges (t, 3) from the corners of each triangle to the next ones."""
        ends = np.stack([self.triangles, np.roll(self.triangles, -1, axis=1)], axis=2)
        edges, place = distinct_rows(np.sort(ends.reshape(-1, 2), axis=1))
        return edges, place.reshape(-1, 3)

    def _too_long(self, longest: Callable[[Floats], Floats]) -> Ints:
        """Edges to halve now, no two of one triangle; none if none is too long."""
        edges, of_triangle = self._edges
        ends = self.points[edges]
        excess = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) / longest(ends.mean(axis=1))
        rank = np.empty(len(edges), dtype=np.int64)
        rank[np.argsort(excess, kind="stable")] = np.arange(len(edges))
        first = np.take_along_axis(of_triangle, rank[of_triangle].argmax(axis=1)[:, None], axis=1)
        in_all = np.bincount(first.ravel(), minlength=len(edges)) == np.bincount(of_triangle.ravel())
        return np.flatnonzero(in_all & (excess > 1.0))

    def _with_edges_halved(self, chosen: Ints) -> Surfaces:
        """Surfaces with new points in the middles of chosen edges, no two of which share a triangle."""
        edges, of_triangle = self._edges
        middle = np.full(len(edges), -1)
        middle[chosen] = len(self.points) + np.arange(len(chosen))
        cut, side = np.nonzero(middle[of_triangle] >= 0)
        a, b, c = (self.triangles[cut, (side + k) % 3] for k in range(3))
        new = middle[of_triangle[cut, side]]
        whole = np.delete(np.arange(len(self.triangles)), cut)
        parts = [self.triangles[whole], np.column_stack([a, new, c]), np.column_stack([new, b, c])]
        return replace(
            self,
            points=np.concatenate([self.points, self.points[edges[chosen]].mean(axis=1)]),
            triangles=np.concatenate(parts),
            beside=self.beside[np.concatenate([whole, cut, cut])],
        )
