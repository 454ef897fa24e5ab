"""Laws of the lengths of flaws, m.

The parameters of a stated law are numbers. Those of a law that was fitted to measured lengths are columns of
draws from their posterior, flat in the logarithms of median, spread, scale and modulus: what such a law gives
has a row for each draw. For laws of ln a with a location and a scale, as LogNormal and Weibull, this is
exact for any number of lengths. Percentiles of a bootstrap are too narrow where few lengths are
extrapolated.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar, Final, Self

import numpy as np
from scipy import stats

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.ccd.posterior import WALKERS, Estimate, sampled

Number = float | Floats
FEWEST: Final = 10
"""Fewest lengths that a law is fitted to."""


class FlawLaw(ABC):
    """A law of the lengths of flaws."""

    @abstractmethod
    def sf(self, length: Number) -> Floats:
        """Share of the flaws that are longer than `length` (m)."""

    @abstractmethod
    def isf(self, share: Number) -> Floats:
        """Length (m) that this share of the flaws exceeds."""

    @abstractmethod
    def held(self) -> Self:
        """The law in the middle of its uncertainty."""

    def draw(self, rng: np.random.Generator, number: int) -> Floats:
        """Lengths of flaws taken at random, m."""
        return self.held().isf(1 - rng.random(number))

    def largest(self, flaws: float) -> Estimate:
        """Length (m) of the largest flaw of an electrode: median, and interval of single electrodes."""
        below = (np.arange(1000) + 0.5) / 1000
        return Estimate.of(self.isf(-np.expm1(np.log(below) / flaws)))


@dataclass(frozen=True, eq=False)
class Family(FlawLaw):
    """A law of SciPy, cut off at the longest flaw (m) that can be."""

    longest: float = field(default=math.inf, kw_only=True)
    kind: ClassVar[Any]
    """The law of SciPy."""

    @property
    @abstractmethod
    def parameters(self) -> dict[str, Number]:
        """Its parameters there."""

    def log_density(self, length: Number) -> Floats:
        """Logarithm of the density of a length (m) before the law is cut off."""
        density: Floats = self.kind.logpdf(length, **self.parameters)
        return density

    def sf(self, length: Number) -> Floats:
        """Share of the flaws that are longer than `length` (m)."""
        beyond = self.kind.sf(self.longest, **self.parameters)
        share: Floats = np.maximum(self.kind.sf(length, **self.parameters) - beyond, 0) / (1 - beyond)
        return share

    def isf(self, share: Number) -> Floats:
        """Length (m) that this share of the flaws exceeds."""
        beyond = self.kind.sf(self.longest, **self.parameters)
        length: Floats = self.kind.isf(beyond + share * (1 - beyond), **self.parameters)
        return length

    def held(self) -> Self:
        """The law with the medians of its parameters."""
        return replace(self, **{name: float(np.median(value)) for name, value in vars(self).items()})


class ScaleAndShape(Family):
    """A law whose two parameters are its scale (m) and its shape, in this order."""

    @classmethod
    def fitted(cls, lengths: Sequence[float], rng: np.random.Generator, longest: float = math.inf) -> Self:
        """The law of measured lengths (m). InputError as `checked`."""
        known = checked(lengths, longest)
        shape, _, scale = cls.kind.fit(known, floc=0)
        return _fitted(partial(cls, longest=longest), known, (scale, shape), rng)


@dataclass(frozen=True, eq=False)
class LogNormal(ScaleAndShape):
    """Lengths whose logarithm is normal: the median (m), and the standard deviation of ln a."""

    kind: ClassVar[Any] = stats.lognorm
    median: Number
    spread: Number

    @property
    def parameters(self) -> dict[str, Number]:
        """The parameters of SciPy's law."""
        return {"s": self.spread, "scale": self.median}


@dataclass(frozen=True, eq=False)
class Weibull(ScaleAndShape):
    """Lengths by the law of Weibull: the scale (m) that 37 % exceed, and the modulus."""

    kind: ClassVar[Any] = stats.weibull_min
    scale: Number
    modulus: Number

    @property
    def parameters(self) -> dict[str, Number]:
        """The parameters of SciPy's law."""
        return {"c": self.modulus, "scale": self.scale}


def checked(lengths: Sequence[float], longest: float, fewest: int = FEWEST) -> Floats:
    """The lengths (m). InputError if they are few, all equal, not positive or beyond the longest."""
    known = np.asarray(lengths, dtype=float)
    if len(known) < fewest or len(set(lengths)) == 1:
        raise InputError(f"{len(known)} lengths of flaws: a law needs at least {fewest}, not all equal")
    for length in known[~((known > 0) & (known <= longest) & (known < math.inf))]:
        raise InputError(
            f"a flaw of {length:g} m: must be positive and not beyond the longest, {longest:g} m"
        )
    return known


def _fitted[L: Family](
    family: Callable[[Number, Number], L],
    lengths: Floats,
    guess: tuple[float, float],
    rng: np.random.Generator,
) -> L:
    """The law of lengths (m), flat in the logarithms of its two parameters."""

    def law(logs: Floats) -> L:
        first, second = np.exp(logs.T[..., None])
        return family(first, second)

    def log_density(logs: Floats) -> Floats:
        density: Floats = law(logs).log_density(lengths).sum(axis=1)
        return density

    width = np.array([np.log(lengths).std(), 1]) / math.sqrt(len(lengths))
    return law(sampled(log_density, np.log(guess) + width * rng.standard_normal((WALKERS, 2)), rng))
