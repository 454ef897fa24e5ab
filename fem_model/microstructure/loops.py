"""Closed loops from the sides of a region in the plane. Numpy only."""

from __future__ import annotations

import math
from collections import defaultdict

from fem_model.base.arrays import Floats, Ints
from fem_model.microstructure.areas import polygon_area

Loop = tuple[int, ...]


def loops_of(points: Floats, segments: Ints) -> list[Loop]:
    """Loops of the directed `segments` (s, 2) with one connected region on their left: its rim, then holes.

    Where the region touches itself in a point, a loop turns so that the region lies within the turn.
    """
    ends = segments.tolist()
    leaving: dict[int, list[int]] = defaultdict(list)
    for number, (start, _) in enumerate(ends):
        leaving[start].append(number)
    left, loops = dict.fromkeys(range(len(ends))), []
    while left:
        number, loop = next(iter(left)), []
        while number in left:
            del left[number]
            start, end = ends[number]
            loop.append(start)
            number = min(leaving[end], key=lambda n: _turn(points, start, end, ends[n][1]))
        loops.append(tuple(loop))
    return sorted(loops, key=lambda loop: -polygon_area(points[list(loop)]))


def _turn(points: Floats, before: int, at: int, after: int) -> float:
    """Angle at a point, clockwise from the way back to the way on."""
    (x, y), (u, v) = points[before] - points[at], points[after] - points[at]
    return (math.atan2(y, x) - math.atan2(v, u)) % math.tau
