"""A conforming division of a rectangle into polygons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from fem_model.base.arrays import Floats
from fem_model.microstructure.areas import polygon_area

Edge = tuple[int, int]  # indices of two points, the smaller one first

TOLERANCE = 1e-9  # relative to the size of the rectangle


@dataclass(frozen=True)
class Region:
    """One grain of one material; `polygon` lists its corners (indices of shared points) anticlockwise.

    The corners of each of its `holes` are listed clockwise.
    """

    material: str
    grain: int
    polygon: tuple[int, ...]
    holes: tuple[tuple[int, ...], ...] = ()

    @property
    def loops(self) -> tuple[tuple[int, ...], ...]:
        """The polygon and the holes in it."""
        return (self.polygon, *self.holes)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The sides of the polygon, in its order, and then of its holes."""
        ends = (end for loop in self.loops for end in zip(loop, loop[1:] + loop[:1], strict=True))
        return tuple((min(edge), max(edge)) for edge in ends)


@dataclass(frozen=True, eq=False)
class Microstructure:
    """Polygons that fill the rectangle from (0, 0) to (width, depth) without gaps; the anode is y = 0.

    `points` in metres, shape (n, 2). Neighbouring regions share points and whole edges, so that a corner of
    one never lies inside an edge of the other. Grain numbers are positive and differ between regions.
    ValueError if any of this is violated.
    """

    points: Floats
    regions: tuple[Region, ...]

    def __post_init__(self) -> None:
        grains = [region.grain for region in self.regions]
        if min(grains) < 1 or len(set(grains)) < len(grains):
            raise ValueError("grain numbers must be positive and differ between regions")
        if min(self.areas()) <= 0.0:
            raise ValueError("every polygon must have a positive area, its corners anticlockwise")
        if abs(sum(self.areas()) - self.width * self.depth) > TOLERANCE * self.width * self.depth:
            raise ValueError("the polygons overlap or leave gaps")
        self.edge_names  # noqa: B018  (checks that every edge has a name)

    @property
    def width(self) -> float:
        """Size along the anode (x), m."""
        return float(self.points[:, 0].max())

    @property
    def depth(self) -> float:
        """Size from the anode to the counter electrode (y), m."""
        return float(self.points[:, 1].max())

    @property
    def extent(self) -> tuple[float, ...]:
        """Sizes along x and y, m."""
        return self.width, self.depth

    def areas(self) -> list[float]:
        """Area of each region, m²."""
        return [
            sum(polygon_area(self.points[list(loop)]) for loop in region.loops) for region in self.regions
        ]

    def area_fractions(self) -> dict[str, float]:
        """Share of the total area by material, in the order of first appearance."""
        return shares_by_name((region.material for region in self.regions), self.areas())

    @cached_property
    def edge_names(self) -> dict[Edge, str]:
        """Name of every edge: its side of the rectangle, or "A|B", the materials beside it, sorted.

        The sides are "anode" (y = 0), "counter", "left" (x = 0) and "right".
        """
        owners: dict[Edge, list[str]] = {}
        for region in self.regions:
            for edge in region.edges:
                owners.setdefault(edge, []).append(region.material)
        return {edge: self._name(edge, materials) for edge, materials in owners.items()}

    def _name(self, edge: Edge, materials: list[str]) -> str:
        if len(materials) == 2:
            return "|".join(sorted(materials))
        middle = self.points[list(edge)].mean(axis=0) / (self.width, self.depth)
        sides = {"left": middle[0], "right": 1.0 - middle[0], "anode": middle[1], "counter": 1.0 - middle[1]}
        for side, distance in sides.items():
            if len(materials) == 1 and abs(distance) < TOLERANCE:
                return side
        raise ValueError(f"edge {edge} does not conform: it belongs to {len(materials)} regions")


def shares_by_name(names: Iterable[str], sizes: Iterable[float]) -> dict[str, float]:
    """Share of the sum of all sizes by name, in the order of first appearance."""
    sizes = [float(size) for size in sizes]
    total = sum(sizes)
    shares: dict[str, float] = {}
    for name, size in zip(names, sizes, strict=True):
        shares[name] = shares.get(name, 0.0) + size / total
    return shares
