"""What a plane across the domain shows of a run in 3D, as a run in 2D that all maps can draw."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from fem_model.base.levels import between, level_triangles, shares
from fem_model.post.contour import FrontLine, find_front
from fem_model.post.lithium import Array, Integers
from fem_model.post.load import Run

NODAL = ("xi", "phi")
NEAR_A_SIDE = 1e-3
"""Planes stay this share of the breadth inside the domain."""
OFF_THE_NODES = 1e-6
"""How far a plane is moved, in shares of the breadth, if it goes through nodes."""


@dataclass(frozen=True)
class Section(Run):
    """The plane y = `level` (µm) of a run in 3D: x goes across and z up. Fields have their values in 3D."""

    whole: Run
    level: float

    @cached_property
    def _cut(self) -> tuple[Integers, Integers, Integers, Array]:
        """Edges that cross the plane, the triangles between them, their cells, and where on each edge."""
        y = self.whole.points[:, 1]
        edges, triangles, cell = level_triangles(self.whole.cells, y > self.level)
        return edges, triangles, cell, shares(y, edges, self.level)

    @cached_property
    def points(self) -> Array:
        """Nodes (N, 2), µm."""
        edges, _, _, share = self._cut
        return between(self.whole.points, edges, share)[:, [0, 2]]

    @property
    def in_space(self) -> Array:
        """Nodes (N, 3), µm."""
        return np.insert(self.points, 1, self.level, axis=1)

    @cached_property
    def cells(self) -> Integers:
        """Triangles (M, 3)."""
        return self._cut[1]

    @property
    def upward(self) -> str:
        """The axis that leads from the anode up."""
        return self.whole.upward

    @cached_property
    def material(self) -> Integers:
        """Electrolyte of each triangle."""
        return self.whole.material[self._cut[2]]

    @cached_property
    def grain(self) -> Integers:
        """Grain of each triangle."""
        return self.whole.grain[self._cut[2]]

    @cached_property
    def fronts(self) -> tuple[tuple[FrontLine, ...], ...]:
        """The contour ξ = ½ at each output; lithium may be connected to the anode outside the plane."""
        return tuple(self._front(output) for output in range(len(self.times)))

    def _front(self, output: int) -> tuple[FrontLine, ...]:
        surface, cell = self.whole.surfaces[output], self._cut[2]
        attached = np.zeros(len(self.whole.cells), dtype=bool)
        attached[surface.cell] = surface.attached
        lines = find_front(self.points, self.cells, self.field("xi", output))
        return tuple(replace(line, attached=bool(attached[cell[line.cells]].any())) for line in lines)

    def field(self, name: str, output: int) -> Array:
        """As `Run.field`, at the nodes and triangles of the section."""
        values = self.whole.field(name, output)
        edges, _, cell, share = self._cut
        return between(values, edges, share) if name in NODAL else values[cell]


def section_through(run: Run, y: float) -> Section:
    """The section of a run in 3D at y (µm), or as near to it as can be."""
    along = run.points[:, 1]
    low, breadth = along.min(), np.ptp(along)
    level = low + breadth * np.clip((y - low) / breadth, NEAR_A_SIDE, 1 - NEAR_A_SIDE)
    while (abs(along - level) < 1e-3 * OFF_THE_NODES * breadth).any():
        level += OFF_THE_NODES * breadth
    values: dict[str, Any] = {entry.name: getattr(run, entry.name) for entry in fields(Run)}
    return Section(**values, whole=run, level=float(level))
