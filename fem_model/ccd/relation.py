"""Onset current density of a flaw by its length, and its scatter, from sampled patches.

    ln i_c = α + β ln(a/a₀) + σ z        β < 0: a longer flaw is not stronger

z stands for toughness and surroundings. What decides on an electrode lies far out in its lower tail, of
which patches show little. So the law of z is not chosen: it has a shape Q (Prentice, Biometrika 61 (1974)
539), 0 for the normal law, 1 if i_c scatters by the law of Weibull, larger for a longer lower tail and
negative for a shorter one. The posterior takes in all shapes that the patches allow.

Only the law of i_c at a given length is learnt from patches. Their lengths may be drawn by any law,
unweighted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from scipy import stats
from scipy.special import gammaln

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.ccd.flaw_law import FlawLaw
from fem_model.ccd.posterior import WALKERS, sampled

FEWEST: Final = 10
"""Fewest patches."""
SHAPES: Final = (-1.0, 2.0)
"""Bounds on Q, between which all are equally likely before; 0 and 1 are equally far from them."""
FINEST: Final = math.log(1e-3)
"""Least ln σ: finer than an onset is searched for."""
POINTS: Final = 100
"""Points of the integral over z: the CCD is exact to 0.3 %, if lengths differ by 10 % or more."""
LARGE: Final = 300.0
"""Arguments of exponentials are kept to ± this."""
LEAST_SHAPE: Final = 1e-3
"""Least |Q| that is computed with; a smaller one makes no difference."""


@dataclass(frozen=True, eq=False)
class LogLinear:
    """Constants of the relation as draws (n, 1) from their posterior, flat in α, β < 0, ln σ and Q."""

    middle: float
    """a₀: the geometric mean of the lengths, m."""
    longest: float
    """Longest flaw in a patch, m."""
    bend: float
    """Quadratic term in ln a over its standard error: beyond ± 3 the relation is no straight line."""
    level: Floats
    slope: Floats
    scatter: Floats
    shape: Floats

    @classmethod
    def fitted(cls, lengths: Sequence[float], currents: Sequence[float], rng: np.random.Generator) -> Self:
        """The relation of flaws in patches: lengths (m), onset current densities (A/m²).

        InputError if they are few, a value is not positive, or there are not three lengths.
        """
        log_length, log_current = _logarithms(lengths, currents)
        middle = float(log_length.mean())
        x = log_length - middle

        def log_density(drawn: Floats) -> Floats:
            level, slope, log_scatter, shape = drawn.T[..., None]
            z = (log_current - level - slope * x) / np.exp(log_scatter)
            density = (density_of(z, shape) - log_scatter).sum(axis=1)
            allowed = (slope < 0) & (log_scatter > FINEST) & (SHAPES[0] < shape) & (shape < SHAPES[1])
            return np.where(allowed[:, 0], density, -np.inf)

        level, slope, log_scatter, shape = sampled(log_density, _start(x, log_current, rng), rng).T[..., None]
        bend, covariance = np.polyfit(x, log_current, 2, cov=True)
        return cls(
            middle=math.exp(middle),
            longest=float(np.max(lengths)),
            bend=float(bend[0] / math.sqrt(covariance[0, 0])),
            level=level,
            slope=slope,
            scatter=np.exp(log_scatter),
            shape=shape,
        )

    def held(self) -> Self:
        """The relation in the middle of its uncertainty."""
        names = ("level", "slope", "scatter", "shape")
        return replace(self, **{name: np.median(getattr(self, name), keepdims=True) for name in names})

    def law_of_z(self, rare: float) -> tuple[Floats, Floats]:
        """Points (n, POINTS) of z but for a `rare` share at both ends, and their weights."""
        low, high = (quantile_of(share, self.shape) for share in (rare, 1 - rare))
        z = low + (high - low) * np.linspace(0, 1, POINTS)
        return z, np.exp(density_of(z, self.shape)) * np.gradient(z, axis=-1)

    def bracket(self, law: FlawLaw, share: float) -> tuple[Floats, Floats]:
        """Logarithms of current densities (A/m²) between which a share of the flaws fails."""
        return self._corner(law, share / 3), self._corner(law, math.sqrt(share))

    def _corner(self, law: FlawLaw, share: float) -> Floats:
        """ln i_c of the flaws with this share of the lengths above them, and this share of z below."""
        return self.log_current(law.isf(share), quantile_of(share, self.shape))

    def log_current(self, length: Floats, z: Floats) -> Floats:
        """Logarithm of i_c (A/m²) of flaws of a length (m)."""
        return self.level + self.slope * np.log(length / self.middle) + self.scatter * z

    def length(self, log_current: float | Floats, z: Floats) -> Floats:
        """Length (m) of the flaws whose i_c is exp(log_current) in A/m²; the inverse of `log_current`."""
        logs = (log_current - self.level - self.scatter * z) / self.slope
        return self.middle * np.exp(np.clip(logs, -LARGE, LARGE))


def density_of(z: Floats, shape: Floats) -> Floats:
    """Logarithm of the density of z; SciPy's `loggamma` takes three times as long."""
    q = _apart_from_0(shape)
    k, u = q**-2, np.minimum(q * z, LARGE)
    constant = np.log(np.abs(q)) + k * np.log(k) - gammaln(k)
    density: Floats = constant + k * (u - np.exp(u))
    return density


def quantile_of(share: float, shape: Floats) -> Floats:
    """The z that a share of its law does not exceed."""
    q = _apart_from_0(shape)
    u = np.where(q > 0, stats.loggamma.ppf(share, q**-2), stats.loggamma.isf(share, q**-2))
    z: Floats = (u + 2 * np.log(np.abs(q))) / q
    return z


def _apart_from_0(shape: Floats) -> Floats:
    return np.where(np.abs(shape) < LEAST_SHAPE, LEAST_SHAPE, shape)


def _logarithms(lengths: Sequence[float], currents: Sequence[float]) -> tuple[Floats, Floats]:
    if len(lengths) != len(currents) or len(lengths) < FEWEST:
        text = f"{len(lengths)} lengths and {len(currents)} onset current densities of flaws in patches"
        raise InputError(f"{text}: one of each is needed for each of at least {FEWEST} flaws")
    for value in (*lengths, *currents):
        if not 0 < value < math.inf:
            raise InputError(f"a flaw in a patch with {value:g} as length or onset: both must be positive")
    if len(set(lengths)) < 3:
        raise InputError("flaws in patches have one or two lengths in all: at least 3 are needed")
    return np.log(lengths), np.log(currents)


def _start(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
    """Starting points about the straight line of least squares."""
    line = stats.linregress(x, y)
    scatter = max(float((y - line.intercept - line.slope * x).std()), 2 * math.exp(FINEST))
    level, slope, log_scatter = rng.standard_normal((3, WALKERS)) / math.sqrt(len(x))
    columns = [
        line.intercept + scatter * level,
        -np.abs(line.slope + scatter / x.std() * slope),
        math.log(scatter) + np.abs(log_scatter),
        rng.uniform(*SHAPES, WALKERS),
    ]
    return np.column_stack(columns)
