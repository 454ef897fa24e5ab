"""Fates of the arms of lithium since the output before: which move, what has stopped the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree

from fem_model.base.arrays import Floats, Ints
from fem_model.laws.relief import Relief
from fem_model.post.alloy import reacting
from fem_model.post.lithium import pieces_of
from fem_model.record.observables.charges import METAL
from fem_model.record.observables.column import Column
from fem_model.record.observables.reactions import CHARGE

if TYPE_CHECKING:
    from fem_model.post.analysis import Analysis

STILL, SLOW = 0.1, 0.05
"""Advance over λ, and over that of the fastest arm, below which an arm rests."""
AROUND = 2.0
"""Distance from an end over λ within which its surroundings may be a product."""
SOME, MOST = 0.25, 0.5
"""Share of these surroundings that can react, and of that what has, from which the product stops an arm."""
BEHIND = 1.5
"""Depth below the relieved region, over the half-width of a path, from which half of a crack counts."""
AHEAD = 2.0
"""Distance from an end over the half-width of a path within which boundaries are ahead of it."""
SHORT, MOVING, RECEDING, REST = "short", "moving", "receding", "rest"
"""Fates beside those in `REASONS`."""


class Fates:
    """The fates of the arms of the lithium at one output, farthest first."""

    def __init__(self, analysis: Analysis, output: int) -> None:
        self.analysis, self.run, self.output = analysis, analysis.run, output
        self.mesh, self.skeleton = self.run.mesh_at(output), analysis.skeletons[output]
        self.ends = np.array([arm.end for arm in self.skeleton.arms], dtype=np.int64)
        self.places = self.mesh.points[self.ends]
        self.lam = 1e6 * self.run.case.phase_field.lam

    @cached_property
    def advances(self) -> Floats:
        """Advance of the front at the end of each arm since the output before, µm; NaN at the first.

        It is the largest change of the depth below the front, of either sign, in the head of the arm.
        """
        if not self.output:
            return np.full(len(self.places), np.nan)
        heads = [arm.head for arm in self.skeleton.arms]
        gains = [self._depths(head, self.output) - self._depths(head, self.output - 1) for head in heads]
        return np.array([gain[np.abs(gain).argmax()] for gain in gains])

    @cached_property
    def dendrites(self) -> list[int]:
        """The dendrite of each arm: a piece of lithium on the anode; they are numbered from 1 along x."""
        pieces = pieces_of(self.mesh.cells, self.run.field("xi", self.output) >= 0.5)[self.ends]
        order = np.argsort(self.places[:, 0], kind="stable")
        number = {piece: k + 1 for k, piece in enumerate(dict.fromkeys(pieces[order].tolist()))}
        return [number[piece] for piece in pieces.tolist()]

    @cached_property
    def materials(self) -> list[str]:
        """The electrolyte at the end of each arm."""
        cell = np.empty(len(self.mesh.points), dtype=np.int64)
        cell[self.mesh.cells] = np.arange(len(self.mesh.cells))[:, None]
        return [self.run.names[k] for k in self.mesh.material[cell[self.ends]]]

    @cached_property
    def by_arm(self) -> list[str | None]:
        """The fate of each arm; None at the first output."""
        return [self._fate(k) if self.output else None for k in range(len(self.places))]

    @cached_property
    def by_dendrite(self) -> list[str | None]:
        """The fate of each dendrite: that of an arm that moves, or else of its farthest."""
        found: dict[int, str | None] = {}
        for number, fate in zip(self.dendrites, self.by_arm, strict=True):
            if number not in found or fate == SHORT or (fate == MOVING and found[number] != SHORT):
                found[number] = fate
        return list(found.values())

    def _depths(self, nodes: Ints, output: int) -> Floats:
        """Depth of nodes below the front at an output, µm; less than 0 before it."""
        front, places = self.run.front_points(output), self.mesh.points[nodes]
        if not len(front):
            return np.asarray(self.mesh.low[-1] - places[:, -1])
        depth = KDTree(front).query(places)[0]
        below: Floats = np.where(self._xi(nodes, output) >= 0.5, depth, -depth)
        return below

    def _xi(self, nodes: Ints, output: int) -> Floats:
        """ξ of another output, which may have a mesh of its own, at nodes."""
        xi, mesh = self.run.field("xi", output), self.run.mesh_at(output)
        return xi[nodes] if mesh is self.mesh else mesh.values_at(xi, self.mesh.points[nodes])

    def _fate(self, k: int) -> str:
        summary, advance = self.run.summary or {}, self.advances[k]
        last = self.output == len(self.run.times) - 1
        if last and summary.get("status") == "short_circuit" and k == self.places[:, -1].argmax():
            return SHORT
        if abs(advance) >= max(STILL * self.lam, SLOW * self.advances.max()):
            return MOVING if advance > 0 else RECEDING
        return next((name for name, holds in REASONS.items() if holds(self, k)), REST)

    # Reasons to rest

    def is_in_product(self, k: int) -> bool:
        """True if all that can react around the end of an arm has reacted."""
        run = self.run
        if not run.case.reactions:
            return False
        around = np.linalg.norm(self.mesh.middles - self.places[k], axis=1) <= AROUND * self.lam
        sizes, able = self.mesh.sizes[around], reacting(self.mesh, run.case)[around]
        converted = sizes @ (able * run.field("conversion", self.output)[around])
        can = float(sizes @ able)
        return 0 < can >= SOME * float(sizes.sum()) and float(converted) >= MOST * can

    def is_in_shadow(self, k: int) -> bool:
        """Longer cracks relieve the stress around the end: it is well below the region that they relieve."""
        section = self.run.case.intrusion
        if section is None or section.law != "relief":
            return False
        return bool(self._below_relieved[k] >= BEHIND * self.analysis.path)

    def is_before_tough(self, k: int) -> bool:
        """The weakest boundary ahead is tougher than those of the way were on average."""
        section = self.run.case.intrusion
        if section is None:
            return False
        return self._toughness_ahead(k) > self._toughness_behind(k)

    def is_starved(self, k: int) -> bool:
        """True if reactions have taken more of the charge since the output before than the metal has."""
        metal, product = self._gain(METAL), self._gain(CHARGE)
        return product > max(metal, 0.0)

    def _gain(self, column: Column) -> float:
        """Increase of a column of the series since the output before."""
        values = self.analysis.series(column.name)
        return 0.0 if values is None else float(values[self.output] - values[self.output - 1])

    @cached_property
    def _below_relieved(self) -> Floats:
        """Depth of each end below the region that the cracks relieve, µm."""
        section, low = self.run.case.intrusion, self.mesh.low
        assert section is not None and section.geometry_factor is not None
        size = (self.mesh.high - low)[:-1]
        relief = Relief(size.tolist(), self.lam, section.geometry_factor, self.analysis.path)
        tops = relief.tops(self.run.front_points(self.output) - low)
        return relief.below(self.places - low, tops)

    @cached_property
    def _toughness(self) -> Floats:
        """Toughness of each edge (triangle) of the boundaries, Pa m^½."""
        return self.analysis.toughness_at(self.output)

    def _toughness_ahead(self, k: int) -> float:
        """Least toughness of the boundaries near an end that are not under lithium; else that of grains."""
        boundaries, section = self.mesh.boundaries, self.run.case.intrusion
        assert section is not None and section.grain_toughness is not None
        free = (self.run.field("xi", self.output)[boundaries.facets] < 0.5).all(axis=1)
        away = np.linalg.norm(boundaries.corners.mean(axis=1) - self.places[k], axis=1)
        ahead = free & (away <= AHEAD * self.analysis.path)
        return float(self._toughness[ahead].min(initial=section.grain_toughness))

    def _toughness_behind(self, k: int) -> float:
        """Mean toughness of the boundaries along the way to an end beyond the lithium of the start, or 0."""
        places, lengths = self.skeleton.pieces_of_way(self.skeleton.arms[k].node)
        start = self.run.field("xi", 0)[KDTree(self.run.mesh_at(0).points).query(places)[1]] >= 0.5
        facet = self.mesh.boundaries.nearest(places, self.analysis.path)
        on_path = ~start & (facet >= 0)
        if not on_path.any():
            return 0.0
        return float(np.average(self._toughness[facet[on_path]], weights=lengths[on_path]))


REASONS: Mapping[str, Callable[[Fates, int], bool]] = {
    "product": Fates.is_in_product,
    "shadow": Fates.is_in_shadow,
    "tough": Fates.is_before_tough,
    "starved": Fates.is_starved,
}
"""Reasons that may have stopped an arm, in the order in which they are tested."""
FATES = {
    SHORT: "at the counter electrode",
    MOVING: "moving",
    "product": "stopped by a product",
    "shadow": "stopped in the shadow of others",
    "tough": "stopped by what is tougher ahead",
    "starved": "at rest, as reactions take the charge",
    REST: "at rest, too weakly driven",
    RECEDING: "receding",
}
"""All fates, in words."""
