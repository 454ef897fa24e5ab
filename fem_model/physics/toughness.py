"""The fracture toughness of boundaries between grains. NumPy alone, so that pictures can show it."""

import math
from collections.abc import Mapping

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.case.intrusion import Intrusion


def boundary_toughness(section: Intrusion, grains: Ints, pair: Ints, pairs: Mapping[str, int]) -> Floats:
    """K_b of each facet of the boundaries, Pa m^½: of its pair, scattered from boundary to boundary.

    `grains` (m, 2) holds the numbers of the grains on both sides, the smaller first, `pair` (m,) that of
    their materials, a value of `pairs`. The scatter (Weibull) goes by the seed and the numbers of the grains,
    and so does not depend on cells or ranks.
    """
    mean = np.full(len(pair), section.toughness)
    for entry in section.pairs:
        mean[pair == pairs.get(entry.sorted_pair, -1)] = entry.toughness
    if section.scatter is None:
        return mean
    _, first, number = np.unique(grains, axis=0, return_index=True, return_inverse=True)
    drawn = [_weibull(section.scatter, [section.seed, *map(int, grains[k])]) for k in first]
    scattered: Floats = mean * np.array(drawn)[number.reshape(-1)]
    return scattered


def _weibull(modulus: float, seed: list[int]) -> float:
    """A number of the Weibull law with this modulus and the mean 1."""
    return float(np.random.default_rng(seed).weibull(modulus)) / math.gamma(1 + 1 / modulus)
