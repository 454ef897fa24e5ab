"""Estimates the error of a run from λ, cells and steps before it starts, and a balanced choice of the three.

Each shifts the growth of the tip by a share FACTOR (length/r)²: the lengths are λ itself, the cell size h at
the front, and the way d of the front in a step; r is the radius of the smallest feature. Cells and steps show
second order each. The factors were measured in two cases (docs/convergence.md), two flaws of 2.5 µm in two
electrolytes and runs/nuclei: 0.14 to 0.4 for λ from 0.18 to 0.5 µm, 0.03 to 0.06 for cells, 0.5 for steps.
Hence the errors are good to a factor of three.
"""

import math
from dataclasses import dataclass

from fem_model.base.constants import F
from fem_model.case.case import Case
from fem_model.case.layouts import Particles
from fem_model.case.sections import Film, Nuclei
from fem_model.materials import V_m

OF_LAM, OF_CELLS, OF_STEPS = 0.25, 0.06, 0.5
"""Factors of the squares of λ, h and d over r."""
STEP = 0.4
"""d over λ of a balanced choice, whose cells are as large as λ, as their error is the smallest."""
WORTH = 0.8
"""Share of the error that a balanced choice must not exceed to be worth a change."""


@dataclass(frozen=True)
class Resolution:
    """The three lengths, m: λ, h and d."""

    lam: float
    cell: float
    way: float

    def errors(self, radius: float) -> dict[str, float]:
        """Share of the growth by which each is off, about, for features of this radius (m)."""
        factors = {"λ": (OF_LAM, self.lam), "cells": (OF_CELLS, self.cell), "steps": (OF_STEPS, self.way)}
        return {name: factor * (length / radius) ** 2 for name, (factor, length) in factors.items()}

    def balanced(self, dim: int) -> "Resolution":
        """The smallest error for the same number of unknowns times steps."""
        lam = (self.cell**dim * self.way / STEP) ** (1 / (dim + 1))
        return Resolution(lam, lam, STEP * lam)


@dataclass(frozen=True)
class Balance:
    """Errors of a case by their cause, as shares of the growth, and a better choice at the same cost."""

    now: Resolution
    errors: dict[str, float]
    better: Resolution | None
    after: float
    """Error of the better choice, else of the case."""

    @property
    def dominant(self) -> str:
        """Cause of the largest error."""
        return max(self.errors, key=lambda name: self.errors[name])


def balance(case: Case) -> Balance | None:
    """The balance of a case; None where nothing moves or has a radius, or cracks are as wide as paths."""
    radius, way = feature_radius(case), _way(case)
    if radius is None or way == 0:
        return None
    now = Resolution(case.phase_field.lam, case.mesh.finest, way)
    errors, better = now.errors(radius), now.balanced(case.microstructure.dim)
    before, after = (math.fsum(found.values()) for found in (errors, better.errors(radius)))
    if after < WORTH * before:
        return Balance(now, errors, better, after)
    return Balance(now, errors, None, before)


def feature_radius(case: Case) -> float | None:
    """Radius (m) of the smallest nucleus, of the smallest kind of grains, or of the waves of a film."""
    if case.intrusion:
        return None
    initial, section, found = case.anode.initial, case.microstructure, list[float]()
    if isinstance(initial, Nuclei):
        found += [nucleus.radius for nucleus in initial.nuclei]
    if isinstance(initial, Film) and initial.amplitude:
        found.append(min(initial.wavelength, section.width) / (2 * math.pi))
    if isinstance(section, Particles) and len({g.material for g in section.grains if g.mass_share}) > 1:
        found += [grains.size / 2 for grains in section.grains if grains.mass_share]
    return min(found, default=None)


def _way(case: Case) -> float:
    """Way of the front in a step, m."""
    if case.time.step:
        return V_m / F * case.nominal_current() * case.time.step
    return case.time.front_step * case.phase_field.lam
