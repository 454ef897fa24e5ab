"""Measured critical current densities (CCD) beside predicted ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, Self

import numpy as np
from scipy import stats

from fem_model.base.errors import InputError
from fem_model.ccd.posterior import INTERVAL, Estimate

LARGEST: Final = 700.0
"""Largest exponent: beyond it the probability is 1."""
RESAMPLES: Final = 1000
"""Resampled lists of electrolytes for the interval of a rank correlation."""


class CcdLaw(Protocol):
    """A predicted law of the CCD."""

    def cdf(self, current: float) -> float:
        """Probability that the CCD is not above a current density (A/m²)."""


class Datum(NamedTuple):
    """A measured CCD, known to lie above one current density and not above another, A/m²."""

    lower: float
    upper: float

    @classmethod
    def reported(cls, current: float, step: float) -> Self:
        """The interval of a CCD (A/m²) that was reported as the step of a staircase at which the short came.

        InputError if the current density or the step is not positive.
        """
        if not (0 < current < math.inf and 0 < step < math.inf):
            raise InputError(f"a CCD of {current:g} A/m² in steps of {step:g} A/m²: both must be positive")
        return cls(max(current - step, 0.0), current)

    @property
    def middle(self) -> float:
        """Middle of the interval, A/m²."""
        return (self.lower + self.upper) / 2

    def probability(self, law: CcdLaw) -> float:
        """Probability of this datum by a predicted law."""
        return law.cdf(self.upper) - law.cdf(self.lower)


def rank_correlation(predicted: Sequence[float], data: Sequence[Datum], rng: np.random.Generator) -> Estimate:
    """Kendall's τ_b of predicted and measured CCD, and its interval by resampling the electrolytes.

    Data with the same upper end are ties. InputError if there are fewer than three electrolytes.
    """
    if len(predicted) != len(data) or len(data) < 3:
        raise InputError(
            f"{len(predicted)} predicted and {len(data)} measured CCD: at least three pairs are needed"
        )
    measured = [datum.upper for datum in data]
    level = INTERVAL[1] - INTERVAL[0]
    options = {"paired": True, "vectorized": False, "n_resamples": RESAMPLES, "method": "percentile"}
    found = stats.bootstrap((predicted, measured), _tau, confidence_level=level, rng=rng, **options)
    return Estimate(_tau(predicted, measured), *map(float, found.confidence_interval))


def _tau(predicted: Sequence[float], measured: Sequence[float]) -> float:
    """Kendall's τ_b, or 0 if all are equal on one side: there is no order then."""
    return float(np.nan_to_num(stats.kendalltau(predicted, measured, method="asymptotic").statistic))


@dataclass(frozen=True)
class NullModel:
    """A short at one voltage V = CCD × R across any pellet, with scatter by the law of Weibull."""

    voltage: float
    """V at the median of pellets, V."""
    resistance: float
    """Resistance of the pellet, Ω m²."""
    modulus: float
    """Weibull modulus of the CCD: that of the prediction which this is compared with."""

    @property
    def median(self) -> float:
        """The CCD of half of the pellets, A/m²."""
        return self.voltage / self.resistance

    def cdf(self, current: float) -> float:
        """Probability that the CCD is not above a current density (A/m²)."""
        power = min(self.modulus * math.log(current / self.median), LARGEST) if current > 0 else -math.inf
        return 1 - math.exp2(-math.exp(power))
