"""Removes edges that are too short for a mesh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.microstructure.areas import Polygons, polygon_area, restore_areas, without_repeats
from fem_model.microstructure.polygons import TOLERANCE, Microstructure

ROUNDS = 5  # of merging, and of restoring areas, which moves the points a little
LARGEST_CHANGE = 0.25  # of a grain's area by merging, as a share


def merge_short_edges(microstructure: Microstructure, shortest: Callable[[Floats], Floats]) -> Microstructure:
    """Merge the ends of edges shorter than `shortest` allows at their middle, and keep all areas.

    `shortest` takes points (n, 2) and gives lengths in m. Corners of the rectangle stay, and points on a wall
    stay on it. An edge remains, however short, where merging it would remove or fold a grain or change its
    area by more than a quarter; smaller changes are taken back by moving the points around.
    """
    corners = _Corners(microstructure)
    merged = False
    for _ in range(ROUNDS):
        if not corners.merge(shortest):
            break
        corners.points = restore_areas(corners.points, corners.polygons, corners.targets, corners.free)
        merged = True
    return corners.microstructure() if merged else microstructure


class _Corners:
    """The corners of a microstructure while some are merged."""

    def __init__(self, microstructure: Microstructure) -> None:
        self.regions = microstructure.regions
        self.points = microstructure.points.copy()
        self.polygons: Polygons = [region.polygon for region in self.regions]
        self.targets = np.array(microstructure.areas())
        self.beside: list[set[int]] = [set() for _ in self.points]  # the polygons at each point
        for index, polygon in enumerate(self.polygons):
            for corner in polygon:
                self.beside[corner].add(index)
        size = np.array([microstructure.width, microstructure.depth])
        low, high = self.points <= TOLERANCE * size, self.points >= (1.0 - TOLERANCE) * size
        self.walls = np.column_stack([low, high])  # (p, 4): on the left, anode, right, counter side

    @property
    def free(self) -> Bools:
        """True for coordinates (p, 2) that may change."""
        return ~(self.walls[:, :2] | self.walls[:, 2:])

    def merge(self, shortest: Callable[[Floats], Floats]) -> int:
        """Merge short edges, the shortest first, none beside another; how many were merged."""
        touched: set[int] = set()
        count = 0
        for a, b in self._short_edges(shortest).tolist():
            if touched.isdisjoint((a, b)) and self._merge_edge(a, b):
                touched.update(corner for index in self.beside[a] for corner in self.polygons[index])
                count += 1
        return count

    def microstructure(self) -> Microstructure:
        """Microstructure of the corners, without those that are no longer used."""
        used, place = np.unique(np.concatenate(self.polygons), return_inverse=True)
        ends = np.cumsum([len(polygon) for polygon in self.polygons])[:-1]
        regions = tuple(
            replace(region, polygon=tuple(polygon.tolist()))
            for region, polygon in zip(self.regions, np.split(place, ends), strict=True)
        )
        return Microstructure(self.points[used], regions)

    def _short_edges(self, shortest: Callable[[Floats], Floats]) -> Ints:
        """Edges (n, 2) below the length allowed, by rising length."""
        ends = [np.column_stack([polygon, np.roll(polygon, -1)]) for polygon in self.polygons]
        edges = np.unique(np.sort(np.concatenate(ends), axis=1), axis=0)
        start, end = self.points[edges[:, 0]], self.points[edges[:, 1]]
        length = np.linalg.norm(end - start, axis=1)
        order = np.argsort(length, kind="stable")
        short: Ints = edges[order[(length < shortest((start + end) / 2.0))[order]]]
        return short

    def _merge_edge(self, a: int, b: int) -> bool:
        """Merge b into a if every polygon around stays in shape; whether it was done."""
        place = self._common_place(a, b)
        if place is None:
            return False
        changed = {
            index: without_repeats([a if corner == b else corner for corner in self.polygons[index]])
            for index in self.beside[a] | self.beside[b]
        }
        before = self.points[a].copy()
        self.points[a] = place
        if not all(self._in_shape(index, polygon) for index, polygon in changed.items()):
            self.points[a] = before
            return False
        for index, polygon in changed.items():
            self.polygons[index] = polygon
        self.beside[a] |= self.beside[b]
        self.walls[a] |= self.walls[b]
        return True

    def _common_place(self, a: int, b: int) -> Floats | None:
        """Place where two points may meet and be on all walls of either; None if there is none."""
        if (self.walls[a] == self.walls[b]).all():
            return np.asarray(self.points[[a, b]].mean(axis=0))
        for one, other in ((a, b), (b, a)):
            if (self.walls[one] >= self.walls[other]).all():
                return np.array(self.points[one])
        return None

    def _in_shape(self, index: int, polygon: tuple[int, ...]) -> bool:
        """True if a polygon is simple (all of it seen from its middle) and has nearly its area."""
        if len(polygon) < 3 or len(set(polygon)) < len(polygon):
            return False
        corners = self.points[list(polygon)]
        x, y = (corners - corners.mean(axis=0)).T
        seen = x * np.roll(y, -1) - y * np.roll(x, -1) > 0.0
        change = polygon_area(corners) / self.targets[index] - 1.0
        return bool(seen.all()) and abs(change) <= LARGEST_CHANGE
