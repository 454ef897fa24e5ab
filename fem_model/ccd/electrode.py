"""Critical current density (CCD) of an electrode with many flaws: that of its weakest one.

    P(CCD > i) = [1 − F(i)]^N        F(i) = ∫ p(a) Pr(i_c ≤ i | a) da

with the law p of the lengths of its N flaws. The law of i_c at a given length comes from patches: `relation`,
`strength`.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple, Protocol, Self

import numpy as np
from scipy.optimize import brentq

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.ccd.flaw_law import FlawLaw
from fem_model.ccd.posterior import INTERVAL, Estimate

RARE: Final = 1e-6
"""Part of one flaw of an electrode that may lie beyond each end of that integral."""
HALVINGS: Final = 25
"""Steps of the search for a quantile."""


class Relation(Protocol):
    """Current density at which a flaw fails, by its length and what is around it, z."""

    @property
    def longest(self) -> float:
        """Longest flaw in a patch, m."""

    def law_of_z(self, rare: float) -> tuple[Floats, Floats]:
        """Values of z, but for a `rare` share at both ends, and their weights; a row for each draw."""

    def bracket(self, law: FlawLaw, share: float) -> tuple[Floats, Floats]:
        """Logarithms of current densities (A/m²) between which this share of the flaws fails."""

    def length(self, log_current: float | Floats, z: Floats) -> Floats:
        """Length (m) of the flaws that fail at exp(log_current) in A/m²; the inverse of `log_current`."""

    def held(self) -> Self:
        """The relation in the middle of its uncertainty."""


class Parts(NamedTuple):
    """Shares of the variance of ln CCD that come from the patches and from the law of the flaws."""

    patches: float
    flaws: float


def flaws_on(area: float, spacing: float) -> float:
    """Number of flaws on a face (m²) that has one on each square of the side `spacing` (m).

    A strip in 2D stands for its flaws, which are counted: its extent out of the plane does not matter.
    """
    return area / spacing**2


def require_flaws(count: float, source: str = "an electrode") -> None:
    """InputError, which names its source, if there is less than one flaw."""
    if not 1 <= count < math.inf:
        raise InputError(f"{source} with {count:g} flaws: at least 1 is needed")


@dataclass(frozen=True, eq=False)
class Electrode:
    """An electrode with `count` flaws. Probabilities are means over the draws of both laws.

    InputError if there is less than one flaw.
    """

    relation: Relation
    law: FlawLaw
    count: float

    def __post_init__(self) -> None:
        require_flaws(self.count)

    def cdf(self, current: float) -> float:
        """Probability that the CCD is not above a current density (A/m²)."""
        if current <= 0:
            return 0.0
        return float(-np.mean(np.expm1(self.count * np.log1p(-self._weaker(math.log(current))))))

    def quantiles(self, share: float) -> Floats:
        """Current density (A/m²) that the CCD of this share of electrodes does not exceed, for each draw."""
        sought = -math.expm1(math.log1p(-share) / self.count)  # F there
        low, high = self.relation.bracket(self.law, sought)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            above = self._weaker(middle) > sought
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        currents: Floats = np.exp(low).ravel()
        return currents

    def median(self) -> Estimate:
        """The CCD of half of the electrodes, A/m²."""
        return Estimate.of(self.quantiles(0.5))

    def single(self) -> Estimate:
        """The CCD of one electrode, A/m²: its interval has the scatter between electrodes as well."""
        ends = [f(np.log(self.quantiles(share))) for f, share in ((np.min, 0.01), (np.max, 0.99))]
        shares = (0.5, *INTERVAL)
        logs = [brentq(lambda log, share=share: self.cdf(math.exp(log)) - share, *ends) for share in shares]
        return Estimate(*map(math.exp, logs))

    def modulus(self) -> Estimate:
        """The Weibull modulus of the CCD, from its quartiles."""
        ratio = math.log(math.log(4) / math.log(4 / 3))
        return Estimate.of(ratio / np.log(self.quantiles(0.75) / self.quantiles(0.25)))

    def parts(self) -> Parts:
        """Origin of the interval of the median: each part alone, with the other one held."""
        patches = np.log(replace(self, law=self.law.held()).quantiles(0.5)).var()
        flaws = np.log(replace(self, relation=self.relation.held()).quantiles(0.5)).var()
        both = float(patches + flaws) or 1.0
        return Parts(float(patches) / both, float(flaws) / both)

    def beyond(self) -> float:
        """Share of the decisive flaws, at the median, that are longer than all in the patches."""
        median = np.log(self.quantiles(0.5))[:, None]
        return float(np.mean(self._weaker(median, self.relation.longest) / self._weaker(median)))

    def _weaker(self, log_current: float | Floats, shortest: float = 0) -> Floats:
        """Share F of the flaws longer than `shortest` (m) whose i_c is not above exp(log_current) in A/m²."""
        z, weights = self._law_of_z
        length = np.maximum(self.relation.length(log_current, z), shortest)
        share: Floats = np.sum(weights * self.law.sf(length), axis=-1, keepdims=True)
        return np.minimum(share, 1 - np.finfo(float).eps)

    @cached_property
    def _law_of_z(self) -> tuple[Floats, Floats]:
        return self.relation.law_of_z(RARE / self.count)
