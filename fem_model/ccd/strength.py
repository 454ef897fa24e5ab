"""Current density at which a flaw fails, by its length: that of a single crack, and what is around it.

    i_c = r i_1(a),     i_1(a) = i_n(P(a)),     P(a) = (V_m/F) [K/(Y √(πa)) + p_c]

i_1 is the onset of a single crack of the length a on an open face, along boundaries of the mean toughness K
of the case (Irwin). The ratio r holds what is around a flaw: tougher boundaries, junctions, how the current
spreads. Its law is that of the sampled patches, each with the weight of a Bayesian bootstrap (Rubin, Ann.
Stat. 9 (1981) 130). Among millions of flaws there are surroundings that no patch has. Where the toughness has
no scatter none is weaker than those of a single crack, r = 1. So this stands for one more patch with the
weight ½ (Jeffreys): if none of n patches is that weak, a share of Beta(½, n) of the flaws may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.case import Case
from fem_model.ccd.flaw_law import FlawLaw
from fem_model.ccd.passage import Growth, growth_of
from fem_model.laws.fracture import running_resistance

DRAWS: Final = 500
"""Draws of the weights."""
UNSEEN: Final = 0.5
"""Weight of what no patch shows, that of a patch being 1."""
NOTICED: Final = 0.05
"""Difference of ln r that is worth a word."""
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

    @classmethod
    def of(cls, case: Case) -> Self:
        """Single crack by the [intrusion] of a case. InputError if its law or its contacts are others."""
        section = case.intrusion
        if section is None or section.law != "height":
            raise InputError('[intrusion] law must be "height" for a study of the critical current density')
        if case.exchange(case.anode) != case.exchange(case.kinetics):
            raise InputError(
                "[anode] must have the R_ct of [kinetics] in a study of the critical current density"
            )
        assert section.geometry_factor is not None
        growth = growth_of(case, 1.0)
        return cls(growth, section.toughness, section.geometry_factor, section.closing_stress or 0.0)

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
    """ln r, (n + 1,): of the patches, and of what none of them shows."""
    weights: Floats
    """(draws, n + 1), each row with the sum 1."""

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
        weights = rng.dirichlet(np.append(np.ones(len(z)), UNSEEN), DRAWS)
        return cls(single, max(lengths), np.append(z, min(0.0, z.min())), weights)

    @property
    def unseen(self) -> bool:
        """True if what no patch shows is weaker than all patches, by more than NOTICED."""
        return bool(self.z[-1] < self.z[:-1].min() - NOTICED)

    def held(self) -> Self:
        """The strength with equal weights."""
        return replace(self, weights=np.full((1, len(self.z)), 1 / len(self.z)))

    def law_of_z(self, rare: float) -> tuple[Floats, Floats]:
        """ln r of the patches, and their weights."""
        return self.z, self.weights

    def bracket(self, law: FlawLaw, share: float) -> tuple[Floats, Floats]:
        """Logarithms of current densities (A/m²) between which a share of the flaws fails."""
        longest = np.log(self.single.current(law.isf(share)))
        return longest + self.z.min(), longest + self.z.max()

    def length(self, log_current: float | Floats, z: Floats) -> Floats:
        """Length (m) of the flaws that fail at exp(log_current), A/m²."""
        return self.single.length(np.exp(log_current - z))
