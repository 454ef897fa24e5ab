"""Section of a run in 3D by a plane, as a run in 2D that all maps can draw."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.arrays import Floats, Ints
from fem_model.base.level_sets import between, level_triangles, shares
from fem_model.post.contour import FrontLine, find_front
from fem_model.post.load import Run
from fem_model.post.mesh import Mesh

NODAL = ("xi", "phi")
NEAR_A_SIDE = 1e-3
"""Planes stay this share of the breadth inside the domain."""
OFF_THE_NODES = 1e-6
"""Shift of a plane that goes through nodes, in shares of the breadth."""


@dataclass(frozen=True)
class Cut:
    """Cut of a mesh in 3D by the plane y = `level` (µm)."""

    whole: Mesh
    level: float

    @cached_property
    def _parts(self) -> tuple[Ints, Ints, Ints, Floats]:
        """Edges that cross the plane, the triangles between them, their cells, and where on each edge."""
        y = self.whole.points[:, 1]
        edges, triangles, cell = level_triangles(self.whole.cells, y > self.level)
        return edges, triangles, cell, shares(y, edges, self.level)

    @cached_property
    def mesh(self) -> Mesh:
        """The triangles of the plane: x goes across and z up."""
        _, triangles, cell, _ = self._parts
        points = self.nodal(self.whole.points)[:, [0, 2]]
        return Mesh(points, triangles, self.whole.material[cell], self.whole.grain[cell], self.whole.names)

    def nodal(self, values: Floats) -> Floats:
        """Values at the nodes of the plane from those at the nodes in 3D."""
        edges, _, _, share = self._parts
        return between(values, edges, share)

    def by_cell[Values: np.generic](self, values: npt.NDArray[Values]) -> npt.NDArray[Values]:
        """Values of the triangles of the plane from those of the tetrahedra."""
        return values[self._parts[2]]


@dataclass(frozen=True)
class Section(Run):
    """The plane y = `level` (µm) of a run in 3D: x goes across and z up. Fields have their values in 3D."""

    whole: Run
    level: float

    @cached_property
    def _cuts(self) -> dict[int, Cut]:
        return {number: Cut(mesh, self.level) for number, mesh in self.whole.meshes.items()}

    @cached_property
    def meshes(self) -> Mapping[int, Mesh]:
        """The meshes of the plane, by the numbers of those in 3D."""
        return {number: cut.mesh for number, cut in self._cuts.items()}

    @property
    def in_space(self) -> Floats:
        """Nodes (N, 3) of the last mesh, µm."""
        return np.insert(self.mesh.points, 1, self.level, axis=1)

    @property
    def upward(self) -> str:
        """The axis that leads from the anode up."""
        return self.whole.upward

    @cached_property
    def fronts(self) -> tuple[tuple[FrontLine, ...], ...]:
        """The contour ξ = ½ at each output; lithium may be connected to the anode outside the plane."""
        return tuple(self._front(output) for output in range(len(self.times)))

    def _front(self, output: int) -> tuple[FrontLine, ...]:
        surface, whole = self.whole.surfaces[output], self.whole.mesh_at(output)
        attached = np.zeros(len(whole.cells), dtype=bool)
        attached[surface.cell] = surface.attached
        attached = self._cuts[self.outputs[output].mesh].by_cell(attached)
        lines = self._level(find_front, output)
        return tuple(replace(line, attached=bool(attached[line.cells].any())) for line in lines)

    def field(self, name: str, output: int) -> Floats:
        """Field as `Run.field` gives it, at the nodes and triangles of the section."""
        values, cut = self.whole.field(name, output), self._cuts[self.outputs[output].mesh]
        return cut.nodal(values) if name in NODAL else cut.by_cell(values)


def section_through(run: Run, y: float) -> Section:
    """The section of a run in 3D at y (µm), or as near to it as can be."""
    along = np.concatenate([mesh.points[:, 1] for mesh in run.meshes.values()])
    low, breadth = along.min(), np.ptp(along)
    level = low + breadth * np.clip((y - low) / breadth, NEAR_A_SIDE, 1 - NEAR_A_SIDE)
    while (abs(along - level) < 1e-3 * OFF_THE_NODES * breadth).any():
        level += OFF_THE_NODES * breadth
    values: dict[str, Any] = {entry.name: getattr(run, entry.name) for entry in fields(Run)}
    return Section(**values, whole=run, level=float(level))
