"""A conforming division of a box into polyhedra."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.microstructure.facets import sums_by
from fem_model.microstructure.polygons import TOLERANCE, shares_by_name

WALLS = (("left", "right"), ("front", "back"), ("anode", "counter"))
"""Names of the lower and the upper wall of each axis."""


def require_filled(extent: tuple[float, ...], volumes: Floats, part: str, sides: str) -> None:
    """ValueError unless the parts of a box have positive volumes that sum to its own."""
    box = float(np.prod(extent))
    if volumes.min() <= 0.0:
        raise ValueError(f"every {part} must have a positive volume, its {sides} anticlockwise")
    if abs(volumes.sum() - box) > TOLERANCE * box:
        raise ValueError(f"the {part}s overlap or leave gaps")


@dataclass(frozen=True, eq=False)
class Polyhedra:
    """Grains that fill the box from (0, 0, 0) to (width, breadth, depth) without gaps; the anode is z = 0.

    `points` in metres, shape (n, 3). Each face is listed once: the corners (indices of points) of a flat
    polygon, anticlockwise seen from behind `beside[face, 0]`, the grain it belongs to; `beside[face, 1]` is
    the grain on the other side, -1 at a wall. `materials[grain]` is what a grain is made of, and its number
    is grain + 1. ValueError if the faces do not enclose every grain, or the grains do not fill the box.
    """

    points: Floats
    faces: tuple[tuple[int, ...], ...]
    beside: Ints  # (faces, 2)
    materials: tuple[str, ...]

    def __post_init__(self) -> None:
        require_filled(self.extent, self.volumes(), "grain", "faces")
        self.face_names  # noqa: B018  (checks that every face has a name)

    @property
    def extent(self) -> tuple[float, ...]:
        """Sizes along x, y and z, m."""
        return tuple(float(length) for length in self.points.max(axis=0))

    @property
    def beside_surfaces(self) -> Ints:
        """The two grains of each face."""
        return self.beside

    def volumes(self) -> Floats:
        """Volume of each grain, m³: the cones from the origin to its faces."""
        cones = (self._middles * self._areas).sum(axis=1) / 3.0
        shared = self.beside[:, 1] >= 0
        own = np.bincount(self.beside[:, 0], cones, len(self.materials))
        return own - np.bincount(self.beside[shared, 1], cones[shared], len(self.materials))

    def volume_fractions(self) -> dict[str, float]:
        """Share of the total volume by material, in the order of first appearance."""
        return shares_by_name(self.materials, self.volumes())

    @cached_property
    def edges(self) -> Ints:
        """Every edge once (e, 2), the smaller index first."""
        corner, after, _ = self._corners
        return np.unique(np.sort(np.column_stack([corner, after]), axis=1), axis=0)

    @cached_property
    def face_names(self) -> tuple[str, ...]:
        """Name of every face: its wall, or "A|B", the materials beside it, sorted.

        The walls are "left" (x = 0), "right", "front" (y = 0), "back", "anode" (z = 0) and "counter".
        """
        middles = self._middles / self.extent
        places = zip(self.beside.tolist(), middles, strict=True)
        return tuple(self._name(one, other, middle) for (one, other), middle in places)

    def _name(self, one: int, other: int, middle: Floats) -> str:
        if other >= 0:
            return "|".join(sorted((self.materials[one], self.materials[other])))
        for names, place in zip(WALLS, middle, strict=True):
            for name, wall in zip(names, (0.0, 1.0), strict=True):
                if abs(place - wall) < TOLERANCE:
                    return name
        raise ValueError("a face that belongs to one grain alone does not lie on a wall")

    @cached_property
    def _corners(self) -> tuple[Ints, Ints, Ints]:
        """Every corner of every face, the corner after it, and the face."""
        sizes = [len(face) for face in self.faces]
        after = [corner for face in self.faces for corner in face[1:] + face[:1]]
        return np.concatenate(self.faces), np.array(after), np.repeat(np.arange(len(sizes)), sizes)

    @cached_property
    def _middles(self) -> Floats:
        corner, _, face = self._corners
        return sums_by(face, self.points[corner], len(self.faces)) / np.bincount(face)[:, None]

    @cached_property
    def _areas(self) -> Floats:
        """Area times normal of every face."""
        corner, after, face = self._corners
        return sums_by(face, np.cross(self.points[corner], self.points[after]) / 2.0, len(self.faces))
