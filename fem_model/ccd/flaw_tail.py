"""Lengths of flaws as measured, with a tail beyond them: no family of laws is assumed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Self

import numpy as np
from scipy import stats

from fem_model.base.arrays import Floats
from fem_model.ccd.flaw_law import FEWEST, Family, FlawLaw, Number, checked
from fem_model.ccd.posterior import DRAWS, WALKERS, sampled

TAIL: Final = 0.1
"""Share of the measured lengths that are the tail, if that is not fewer than FEWEST."""
TAIL_SHAPES: Final = (-0.5, 0.5)
"""Bounds on the shape of a tail: its density is bounded, and its variance finite."""


@dataclass(frozen=True, eq=False)
class Pareto(Family):
    """Excesses over a threshold by the generalised law of Pareto: the shape, and the scale (m)."""

    kind: ClassVar[Any] = stats.genpareto
    shape: Number
    scale: Number

    @property
    def parameters(self) -> dict[str, Number]:
        """The parameters of SciPy's law."""
        return {"c": self.shape, "scale": self.scale}

    @classmethod
    def fitted(cls, excess: Floats, rng: np.random.Generator, longest: float) -> "Pareto":
        """The law of measured excesses (m), flat in the logarithm of the scale and in the shape."""

        def law(drawn: Floats) -> "Pareto":
            shape, log_scale = drawn.T[..., None]
            return cls(shape, np.exp(log_scale), longest=longest)

        def log_density(drawn: Floats) -> Floats:
            allowed = (TAIL_SHAPES[0] < drawn[:, 0]) & (drawn[:, 0] < TAIL_SHAPES[1])
            return np.where(allowed, law(drawn).log_density(excess).sum(axis=1), -np.inf)

        shapes = rng.uniform(0, TAIL_SHAPES[1], WALKERS)
        scales = np.log(excess.mean()) + rng.standard_normal(WALKERS) / math.sqrt(len(excess))
        return law(sampled(log_density, np.column_stack([shapes, scales]), rng))


@dataclass(frozen=True, eq=False)
class Measured(FlawLaw):
    """Lengths as measured up to a threshold, and beyond it a tail (peaks over threshold).

    Far out most laws have nearly a tail of Pareto's (Pickands, Ann. Stat. 3 (1975) 119).
    """

    body: Floats
    """Lengths up to the threshold, m, in their order; the last one is the threshold."""
    share: Number
    """Share of the flaws that are longer."""
    tail: Pareto
    """Law of their excess."""

    def sf(self, length: Number) -> Floats:
        """Share of the flaws that are longer than `length` (m)."""
        shorter = np.interp(length, self.body, np.linspace(1, 0, len(self.body)))
        longer = self.share * self.tail.sf(np.maximum(length - self.body[-1], 0))
        share: Floats = longer + (1 - self.share) * shorter
        return share

    def isf(self, share: Number) -> Floats:
        """Length (m) that this share of the flaws exceeds."""
        rank = np.clip((1 - share) / (1 - self.share), 0, 1)
        shorter = np.interp(rank, np.linspace(0, 1, len(self.body)), self.body)
        length: Floats = shorter + self.tail.isf(np.minimum(share / self.share, 1))
        return length

    def held(self) -> Self:
        """The law with the medians of its parameters."""
        return replace(self, share=float(np.median(self.share)), tail=self.tail.held())

    @classmethod
    def fitted(cls, lengths: Sequence[float], rng: np.random.Generator, longest: float = math.inf) -> Self:
        """The law of measured lengths (m). InputError as `checked`, for 2 × FEWEST of them."""
        known = np.sort(checked(lengths, longest, 2 * FEWEST))
        above = max(FEWEST, round(TAIL * len(known)))
        body = known[:-above]
        share = rng.beta(above + 0.5, len(body) + 0.5, (DRAWS, 1))
        return cls(body, share, Pareto.fitted(known[-above:] - body[-1], rng, longest - body[-1]))
