"""Draws of the parameters of a law, given what was observed."""

from collections.abc import Callable
from typing import Final, NamedTuple, Self

import numpy as np

from fem_model.base.arrays import Floats

WALKERS: Final = 200
BURN: Final = 100
"""Moves of each walker before the first draw."""
KEPT: Final = 4
"""Draws of each walker."""
THIN: Final = 30
"""Moves between two of them."""
DRAWS: Final = WALKERS * KEPT
INTERVAL: Final = (0.05, 0.95)
"""Quantiles at the ends of each interval."""


class Estimate(NamedTuple):
    """A value with its 90 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: Floats) -> Self:
        """Median and interval of draws."""
        value, low, high = np.quantile(draws, (0.5, *INTERVAL))
        return cls(float(value), float(low), float(high))


def sampled(log_density: Callable[[Floats], Floats], start: Floats, rng: np.random.Generator) -> Floats:
    """Draws (DRAWS, p) from a density whose logarithm takes parameters (n, p), from WALKERS starting points.

    A walker moves along the line to another one by a random factor, without a step size (the stretch move of
    Goodman and Weare, Comm. App. Math. Comp. Sci. 5 (2010) 65). Halves take turns.
    """
    walkers, kept = start.copy(), list[Floats]()
    density = log_density(walkers)
    for move in range(1, BURN + KEPT * THIN + 1):
        for half, others in ((slice(0, None, 2), walkers[1::2]), (slice(1, None, 2), walkers[::2])):
            stretch = (1 + rng.random(len(others))) ** 2 / 2
            origin = rng.permutation(others)
            trial = origin + stretch[:, None] * (walkers[half] - origin)
            there = log_density(trial)
            gain = (start.shape[1] - 1) * np.log(stretch) + there - density[half]
            taken = np.log(rng.random(len(others))) < gain
            walkers[half] = np.where(taken[:, None], trial, walkers[half])
            density[half] = np.where(taken, there, density[half])
        if move > BURN and (move - BURN) % THIN == 0:
            kept.append(walkers.copy())
    return np.concatenate(kept)
