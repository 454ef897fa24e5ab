"""Passage of a crack along its way, through the half-cycles of a protocol.

A current density i that the free share f of the face takes has the overpotential η with i = f i_n(η). A crack
whose way resists with P(s) moves at

    ds/dt = (V_m/(Fρ)) i_n(A),     A = max(η − P, 0) + min(η, 0),

with the room ρ. Where it has been before it comes back without resistance, P = 0; on stripping it withdraws
down to its plug. P is constant on each piece of the way, and η within a half-cycle, so that times are exact.
The current that the tip itself takes is left out.

Charge alone: a half-cycle with the charge Q moves a tip by V_m Q/(Fρf) at most, when nothing resists. The
stripping after it withdraws the tip by all of that. So with reversal no crack gets farther from where it
started than V_m Q/(Fρf) of the largest half-cycle, whatever resists it, and a staircase comes through the
way d in the first step with i t ≥ Fρf d/V_m at the earliest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import isfinite
from typing import Any

import numpy as np
from scipy.optimize import brentq

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.base.errors import InputError
from fem_model.case import Case
from fem_model.case.drives import Stage
from fem_model.laws.kinetics import ChargeTransfer, affinity
from fem_model.materials import V_m

FIRST_GUESS = 1e-3
"""Overpotential (V) from which the bracket of a current is doubled until it holds it."""


@dataclass(frozen=True, eq=False)
class Profile:
    """P along the way of a crack, piece by piece from the end of its flaw on."""

    length: Floats
    """(n,), m."""
    resistance: Floats
    """(n,), V."""

    @cached_property
    def ends(self) -> Floats:
        """Way from the flaw to the end of each piece, m."""
        return np.cumsum(self.length)

    def beyond(self, opened: float) -> tuple[Floats, Floats]:
        """Ends (m) and P (V) of the pieces, the first of them what has been `opened` (m)."""
        left = self.ends > opened
        return np.append(opened, self.ends[left]), np.append(0.0, self.resistance[left])


@dataclass(frozen=True)
class Growth:
    """Speed of a crack at a current density of the face; both have the same kinetics."""

    current: Callable[[Any], Any]
    """i_n (A/m²) of an affinity (V), which rises through 0 at 0."""
    room: float
    """ρ, share of the volume of a path that lithium takes."""
    free: float
    """f, share of the face that takes it. A flaw covers ρ of its mouth."""

    def overpotential(self, current: float) -> float:
        """η (V) at a current density of the face, A/m², with its sign."""
        through, high = abs(current) / self.free, FIRST_GUESS
        sign = float(np.sign(current))
        while abs(self.current(sign * high)) < through:
            high *= 2
        return float(
            sign * brentq(lambda eta: abs(self.current(sign * eta)) - through, 0.0, high, xtol=1e-15)
        )

    def speed(self, overpotential: float, resistance: Any) -> Any:
        """ds/dt (m/s) of a tip against a resistance (V), negative where it withdraws."""
        left = affinity(overpotential, 0.0, resistance, reversible=False, smoothing=0.0)
        return V_m / (F * self.room) * self.current(left)

    def reach(self, stage: Stage) -> float:
        """Way (m) of a tip in a stage when nothing resists it: V_m Q/(Fρf)."""
        assert stage.current is not None
        return float(abs(self.speed(self.overpotential(stage.current), 0.0))) * stage.time


def growth_of(case: Case, free: float) -> Growth:
    """Growth by the kinetics and the room of a case."""
    transfer = ChargeTransfer(case.kinetics.law, case.kinetics.alpha, case.kinetics.temperature)
    return Growth(partial(transfer.current, i0=case.exchange(case.kinetics)), case.phase_field.room, free)


@dataclass(frozen=True, eq=False)
class Passage:
    """Course of a crack; distances along its way from the end of its flaw, m."""

    tips: Floats
    """Place of the tip at the end of each stage that it went through."""
    opened: Floats
    """Farthest place so far, the same."""
    stage: Stage | None
    """The first stage in which it came through, None if it did not."""
    time: float
    """Time until it came through, or of all stages, s."""


def passage(profile: Profile, growth: Growth, stages: Sequence[Stage], behind: float = 0.0) -> Passage:
    """Passage of a crack through the stages of a protocol. InputError if one has no current or no end.

    It starts at the end of its flaw, and can withdraw by `behind` (m) of that, down to the plug.
    """
    if not all(stage.current is not None and isfinite(stage.time) for stage in stages):
        raise InputError("a passage takes stages with a given current, which end after a time or a capacity")
    tip, opened, before = 0.0, 0.0, 0.0
    course: list[tuple[float, float]] = []
    for stage in stages:
        eta = growth.overpotential(stage.current or 0.0)
        if eta < 0:
            tip = max(tip + growth.speed(eta, 0.0) * stage.time, -behind)
        else:
            ends, resistance = profile.beyond(opened)
            arrival = _arrivals(np.diff(ends, prepend=tip), growth.speed(eta, resistance))
            tip = float(np.interp(stage.time, np.append(0.0, arrival), np.append(tip, ends)))
            opened = max(opened, tip)
            if arrival[-1] <= stage.time:
                return _passed([*course, (tip, opened)], stage, before + float(arrival[-1]))
        course.append((tip, opened))
        before += stage.time
    return _passed(course, None, before)


def _arrivals(length: Floats, speed: Floats) -> Floats:
    """Times (s) at the ends of pieces, from the start of the first; inf from where it stands still."""
    never = np.full(len(length), np.inf)
    return np.cumsum(np.divide(length, speed, out=never, where=speed > 0))


def _passed(course: Sequence[tuple[float, float]], stage: Stage | None, time: float) -> Passage:
    tips, opened = np.array(course).reshape(-1, 2).T
    return Passage(tips, opened, stage, time)
