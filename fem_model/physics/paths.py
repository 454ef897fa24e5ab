"""The paths on which lithium can crack an electrolyte: boundaries between grains, and flaws.

A path is a surface with a fracture toughness K_b and a half-width w, within which that of the grains, K_g,
gives way to it. Where paths meet the weakest counts:

    K(x) = min over paths of  K_g + (K_b − K_g) exp(−(d/w)⁸),

with d the distance from the path. K_b varies from boundary to boundary (Weibull), and is 0 on flaws.
"""

import fem_model._dolfinx_first  # noqa: F401

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from fem_model.case.intrusion import Intrusion
from fem_model.mesh.domain import Domain
from fem_model.mesh.grain_boundaries import GrainBoundaries

Array = npt.NDArray[np.float64]

SHARPNESS = 8
"""Exponent of the profile: a Gaussian of the same width holds the front back before its sides are reached."""
SAMPLING = {2: 0.25, 3: 0.5}
"""Distance of the points on a path over its half-width: the distance from it is exact to a few w/100."""
REACH = 1.2
"""Distance over the half-width up to which a path counts: exp(−1.2⁸) is 0.014."""
POINTS = 48
"""Nearest points on paths that are looked at: all within reach where three boundaries meet."""


@dataclass(eq=False)
class Paths:
    """Points on all paths, with the toughness there, Pa m^½."""

    points: Array
    """(n, d), m."""
    toughness: Array
    """(n,)."""
    grain_toughness: float
    half_width: float

    def __post_init__(self) -> None:
        self._tree = KDTree(self.points) if len(self.points) else None

    def toughness_at(self, x: Array) -> Array:
        """K at places x (n, d)."""
        if self._tree is None:
            return np.full(len(x), self.grain_toughness)
        count = min(POINTS, len(self.points))
        reach = REACH * self.half_width
        distance, nearest = self._tree.query(x, k=[*range(1, count + 1)], distance_upper_bound=reach)
        below = np.append(self.toughness - self.grain_toughness, 0.0)[nearest]  # 0 where there is no point
        found = self.grain_toughness + below * np.exp(-((distance / self.half_width) ** SHARPNESS))
        weakest: Array = found.min(axis=1)
        return weakest

    def distance(self, x: Array) -> Array:
        """Distance (m) from the nearest path; infinite where there is none."""
        if self._tree is None:
            return np.full(len(x), np.inf)
        return np.asarray(self._tree.query(x)[0])


def boundary_toughness(section: Intrusion, boundaries: GrainBoundaries, pairs: dict[str, int]) -> Array:
    """K_b of each facet of the boundaries, Pa m^½: of its pair, scattered from boundary to boundary.

    The scatter goes by the seed and the numbers of the two grains, and so does not depend on cells or ranks.
    """
    mean = np.full(len(boundaries.pair), section.toughness)
    for entry in section.pairs:
        mean[boundaries.pair == pairs.get(entry.sorted_pair, -1)] = entry.toughness
    if section.scatter is None:
        return mean
    _, first, number = np.unique(boundaries.grains, axis=0, return_index=True, return_inverse=True)
    drawn = [_weibull(section.scatter, [section.seed, *map(int, boundaries.grains[k])]) for k in first]
    scattered: Array = mean * np.array(drawn)[number.reshape(-1)]
    return scattered


def _weibull(modulus: float, seed: list[int]) -> float:
    """A number of the Weibull law with this modulus and the mean 1."""
    return float(np.random.default_rng(seed).weibull(modulus)) / math.gamma(1 + 1 / modulus)


def find_paths(
    domain: Domain, boundaries: GrainBoundaries, section: Intrusion, flaws: Sequence[Array]
) -> Paths:
    """The paths of a domain: its boundaries between grains, and the points (n, d) of each flaw."""
    w = section.half_width
    assert w is not None and section.grain_toughness is not None
    points, facets = boundaries.sampled(SAMPLING[domain.mesh.geometry.dim] * w)
    toughness = boundary_toughness(section, boundaries, dict(domain.pairs))[facets]
    on_flaws = np.zeros(sum(map(len, flaws)))
    everything = np.concatenate([points, *flaws]), np.concatenate([toughness, on_flaws])
    return Paths(*everything, section.grain_toughness, w)
