"""The paths on which lithium can crack an electrolyte: boundaries between grains, and flaws.

A path is a surface with a fracture toughness K_b and a half-width w, within which that of the grains, K_g,
gives way to it. Where paths meet the weakest counts:

    K(x) = min over paths of  K_g + (K_b − K_g) exp(−(d/w)⁸),

with d the distance from the path. K_b varies from boundary to boundary (`toughness`), and is 0 on flaws.

The directions of a path at one of its points are those in which the points within w of it lie,
T = ΣΔΔᵀ over its largest eigenvalue: a line in 2D, a plane in 3D, all of space where paths meet.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from fem_model.base.arrays import Floats
from fem_model.case.intrusion import Intrusion
from fem_model.mesh.domain import Domain
from fem_model.mesh.grain_boundaries import GrainBoundaries
from fem_model.physics.toughness import boundary_toughness

SHARPNESS = 8
"""Exponent of the profile: a Gaussian of the same width holds the front back before its sides are reached."""
SAMPLING = {2: 0.25, 3: 0.5}
"""Distance of the points on a path over its half-width: the distance from it is exact to a few w/100."""
HOLD = 2.0
"""Distance over the half-width up to which a path holds lithium beside it: as wide as a flaw."""
REACH = 1.2
"""Distance over the half-width up to which a path counts: exp(−1.2⁸) is 0.014."""


@dataclass(eq=False)
class Paths:
    """Points on all paths, with the toughness there, Pa m^½."""

    points: Floats
    """(n, d), m."""
    toughness: Floats
    """(n,)."""
    grain_toughness: float
    half_width: float

    def __post_init__(self) -> None:
        self._tree, self._most = None, 1
        if len(self.points):
            self._tree, reach = KDTree(self.points), 1.5 * REACH * self.half_width
            self._most = int(self._tree.query_ball_point(self.points, reach, return_length=True).max())

    def toughness_at(self, x: Floats) -> Floats:
        """K at places x (n, d)."""
        if self._tree is None:
            return np.full(len(x), self.grain_toughness)
        reach, ranks = REACH * self.half_width, [*range(1, self._most + 1)]
        distance, nearest = self._tree.query(x, k=ranks, distance_upper_bound=reach)
        below = np.append(self.toughness - self.grain_toughness, 0.0)[nearest]  # 0 where there is no point
        found = self.grain_toughness + below * np.exp(-((distance / self.half_width) ** SHARPNESS))
        weakest: Floats = found.min(axis=1)
        return weakest

    @cached_property
    def _directions(self) -> Floats:
        """T at the points, (n, d, d)."""
        assert self._tree is not None
        pairs = self._tree.query_pairs(self.half_width, output_type="ndarray")
        way = self.points[pairs[:, 1]] - self.points[pairs[:, 0]]
        spread = np.zeros((*self.points.shape, self.points.shape[1]))
        for end in pairs.T:
            np.add.at(spread, end, way[:, :, None] * way[:, None, :])
        largest = np.linalg.eigvalsh(spread)[:, -1]
        result: Floats = spread / np.where(largest > 0, largest, 1.0)[:, None, None]
        return result

    def along(self, x: Floats, normal: Floats) -> tuple[Floats, Floats]:
        """1 at places x (n, d) on a path, 0 off all; and |T^½ N|, how far a normal lies along the path."""
        if self._tree is None:
            return np.zeros(len(x)), np.ones(len(x))
        distance, nearest = self._tree.query(x)
        within = np.exp(-((distance / (HOLD * self.half_width)) ** SHARPNESS))
        squared = np.einsum("ni,nij,nj->n", normal, self._directions[nearest], normal)
        return within, np.sqrt(np.clip(squared, 0.0, 1.0))

    def distance(self, x: Floats) -> Floats:
        """Distance (m) from the nearest path; infinite where there is none."""
        if self._tree is None:
            return np.full(len(x), np.inf)
        return np.asarray(self._tree.query(x)[0])


def find_paths(
    domain: Domain, boundaries: GrainBoundaries, section: Intrusion, flaws: Sequence[Floats]
) -> Paths:
    """The paths of a domain: its boundaries between grains, and the points (n, d) of each flaw."""
    w = section.half_width
    assert w is not None and section.grain_toughness is not None
    points, facets = boundaries.sampled(SAMPLING[domain.mesh.geometry.dim] * w)
    by_facet = boundary_toughness(section, boundaries.grains, boundaries.pair, dict(domain.pairs))
    on_flaws = np.zeros(sum(map(len, flaws)))
    everything = np.concatenate([points, *flaws]), np.concatenate([by_facet[facets], on_flaws])
    return Paths(*everything, section.grain_toughness, w)
