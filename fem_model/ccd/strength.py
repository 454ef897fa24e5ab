"""Current density at which a flaw fails, by its length: that of a single crack, and what is around it.

    i_c = r i_1(a),     i_1(a) = i_n(P(a)),     P(a) = (V_m/F) [K/(Y √(πa)) + p_c]

i_1 is the onset of a single crack of the length a on an open face, along boundaries of the mean toughness K
of the case (Irwin). The ratio r holds what is around a flaw: tougher boundaries, junctions, how the current
spreads. Its law is that of the sampled patches, each with the weight of a Bayesian bootstrap (Rubin, Ann.
Stat. 9 (1981) 130). Nothing weaker than the weakest patch is assumed: where the toughness has no scatter r
has a sharp lower bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.case import Case
from fem_model.ccd.passage import Growth, growth_of
from fem_model.laws.fracture import running_resistance

DRAWS: Final = 500
"""Draws of the weights."""
LENGTHS: Final = 1e-9, 1.0
"""Shortest and longest crack that is asked for, m."""
TABLE: Final = 5000
"""Cracks between them: their currents are interpolated to 1e-6."""


@dataclass(frozen=True)
class SingleCrack:
    """i_1(a) of a case."""

    growth: Growth
    toughness: float
    factor: float
    closing_stress: float
    scatters: bool
    """True if the toughness scatters from boundary to boundary, without a lower bound."""

    @classmethod
    def of(cls, case: Case) -> Self:
        """Single crack by the [intrusion] of a case."""
        section = case.intrusion
        assert section is not None and section.geometry_factor is not None
        growth = growth_of(case, lambda _: 1.0)
        return cls(
            growth,
            section.toughness,
            section.geometry_factor,
            section.closing_stress or 0.0,
            bool(section.scatter),
        )

    def current(self, length: Floats) -> Floats:
        """i_1 (A/m²) of cracks of a length (m)."""
        P = running_resistance(self.toughness, length, self.factor, self.closing_stress)
        current: Floats = self.growth.current(P)
        return current

    def length(self, current: Floats) -> Floats:
        """Length (m) of the cracks that run from i_1 (A/m²) on; infinite where p_c alone holds them."""
        log_current, log_length = self._table
        length: Floats = np.exp(np.interp(np.log(current), log_current, log_length, np.inf, -np.inf))
        return length

    @cached_property
    def _table(self) -> tuple[Floats, Floats]:
        """Logarithms of i_1, rising, and of the length."""
        length = np.geomspace(*LENGTHS[::-1], TABLE)
        return np.log(self.current(length)), np.log(length)


@dataclass(frozen=True, eq=False)
class Strength:
    """Ratios r of patches, with draws of their weights."""

    single: SingleCrack
    longest: float
    """Longest flaw in a patch, m."""
    z: Floats
    """ln r, (n,)."""
    weights: Floats
    """(draws, n), each row with the sum 1."""

    @classmethod
    def sampled(
        cls,
        single: SingleCrack,
        lengths: Sequence[float],
        currents: Sequence[float],
        rng: np.random.Generator,
    ) -> Self:
        """The strength of patches, from lengths of flaws (m) and current densities of failure (A/m²)."""
        z = np.log(np.asarray(currents) / single.current(np.asarray(lengths)))
        return cls(single, max(lengths), z, rng.dirichlet(np.ones(len(z)), DRAWS))

    def held(self) -> Self:
        """The strength with equal weights."""
        return replace(self, weights=np.full((1, len(self.z)), 1 / len(self.z)))

    def law_of_z(self, rare: float) -> tuple[Floats, Floats]:
        """ln r of the patches, and their weights."""
        return self.z, self.weights

    def z_at(self, share: float) -> Floats:
        """The smallest ln r, or the largest."""
        return np.array([[self.z.min() if share < 0.5 else self.z.max()]])

    def log_current(self, length: Floats, z: Floats) -> Floats:
        """Logarithm of the current density (A/m²) at which flaws of a length (m) fail."""
        return np.log(self.single.current(length)) + z

    def length(self, log_current: float | Floats, z: Floats) -> Floats:
        """Length (m) of the flaws that fail at exp(log_current), A/m²."""
        return self.single.length(np.exp(log_current - z))
