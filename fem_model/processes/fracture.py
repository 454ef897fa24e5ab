"""The resistance of the front to its running on as a crack does, known at every instant from ξ alone.

    P = (V_m/F) [K / (Y √(π a)) + p_c]   (V)

A crack of the length a, filled with lithium at the pressure p, runs when Y p √(πa) = K (Irwin), against the
stress p_c that closes it; plating goes on only while F η/V_m exceeds that pressure. K (`paths`) and a change
over distances not much longer than the front is wide. So both are taken at its contour ξ = ½ and carried
along the normal, x_Γ = x − n N: their change across the front would else hold it back, or let it through.

What was opened stays open. With n_min the least signed distance so far, r̄ = S((n − n_min)|∇h|)/S(|∇h|) is
how far the front has withdrawn from what it had opened. K is taken times 1 − s(r̄/λ), with s the smooth step
from OPEN[0] to OPEN[1].

Lithium leaves a path as it came, along it: its opening is given, and so its sides neither grow nor dissolve.
Nor does it leave the mouth of a path, up to the height of the `plug`: there the foil, which the stack presses
into it, gives what is stripped, while it has some. Of i_n < 0 on a path the share

    |T^½ N| s((z − z_plug)/w + ½)

is left, with the directions T of the path and the normal N. By that cosine a tip of any shape withdraws as a
whole: a crack that is stripped shortens by dz/dt = V_m i_n/(Fρ), and rests as a plug from which it can grow.

At the sides of a path, and where what was opened is filled again, P rises steeply. A front that becomes
faster there, as one from which a reaction takes lithium does, would overshoot in an explicit step, stand
still, and overshoot again. So it is held against the P at the end of the step (`kinetics.restrained`). By the
Adams–Bashforth rule it comes (3/2) Δt (v − v⁻) farther than at its speed v⁻ before, which adds r (i_n − i_n⁻)
to P,

    r = (3/2) Δt V_m/(Fρ) max(∂P/∂n, 0),   ∂P/∂n = [P(x_Γ + δN) − P(x_Γ)]/δ,

with Δt that of the last step, i_n⁻ that at its start, and δ = AHEAD λ.
"""

import fem_model._dolfinx_first  # noqa: F401

from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI

from fem_model.base.arrays import Floats, Ints
from fem_model.base.constants import F
from fem_model.base.log import Stages
from fem_model.case.intrusion import Intrusion
from fem_model.laws import kinetics
from fem_model.laws.crack_length import CRACK_LENGTHS
from fem_model.laws.fracture import running_resistance
from fem_model.laws.interface import FRONT
from fem_model.laws.relief import Relief
from fem_model.materials import V_m
from fem_model.numerics.algebra import combine
from fem_model.numerics.band import BandVector
from fem_model.numerics.connection import TipFinder
from fem_model.physics.paths import Paths
from fem_model.processes.averages import FrontAverage
from fem_model.processes.front import Front
from fem_model.processes.state import Field, State

NEAR = 8.0
"""Distance from the contour over λ within which P is carried along the normal: beyond, nothing reacts."""
OPEN = 0.2, 0.65
"""Withdrawal over λ from which what was opened resists less, and not at all: less would ratchet."""
AHEAD = 0.1
"""Distance over λ over which the rise of P ahead of the contour is taken: about half of that of a step."""
WEIGHT = 1.5
"""Weight of the rates now in a step of the Adams–Bashforth rule."""


class Fracture:
    """P of a front that runs on paths, by the law of the crack length in [intrusion]."""

    def __init__(
        self, section: Intrusion, front: Front, paths: Paths, average: FrontAverage, stages: Stages
    ) -> None:
        self.section, self.front, self.paths = section, front, paths
        self.average, self.stages, self.spaces = average, stages, front.spaces
        spaces, lam = front.spaces, front.section.lam
        self.x = spaces.V.tabulate_dof_coordinates()[:, : spaces.axis + 1]
        assert section.geometry_factor is not None and section.length is not None
        self.Y, self.least = section.geometry_factor, section.length
        self.relief = Relief(spaces.domain.extent[:-1], lam, self.Y, paths.half_width)
        self.length = CRACK_LENGTHS[section.law]
        self.finder = TipFinder(spaces.domain)
        withdrawn = (front.distance - front.least_distance) * front.density
        self.withdrawn = BandVector(front.band, withdrawn * ufl.TestFunction(spaces.V) * spaces.dx)
        self.pressure, self.most = spaces.nodal("resistance"), 0.0
        self.rise, self.current_before = spaces.nodal("rise"), spaces.nodal("current_before")
        self.share_held = spaces.nodal("held")

    def term(self) -> fem.Function:
        """P for forms, V."""
        return self.pressure

    def largest(self) -> float:
        """The largest P of the front on paths, from where Newton's method starts again, V."""
        return self.most

    def restrained(self, current: Any, slope: Any) -> Any:
        """i_n that fits the P of the end of a step, A/m²."""
        rise = self.rise * V_m / (F * self.front.room)
        return kinetics.restrained(current, self.current_before, rise * slope)

    def held(self) -> fem.Function:
        """Share of what would dissolve that paths and the foil keep in place."""
        return self.share_held

    def update(self, dt: float) -> None:
        """P of the ξ now, and its rise in a step `dt` (s); front and normal must be known."""
        front, lam = self.front, self.front.section.lam
        n = front.distance.x.array
        np.minimum(front.least_distance.x.array, n, out=front.least_distance.x.array)
        near = np.flatnonzero(np.abs(n) < NEAR * lam)
        normal = front.smooth_normal.x.array.reshape(len(n), -1)[near]
        with self.stages("intrusion"):
            contour, step = self.x[near] - n[near, None] * normal, AHEAD * lam
            withdrawn = self.average.of(self.withdrawn.assemble(), "withdrawn")[near]
            places = np.concatenate([contour, contour + step * normal])
            P, ahead = np.split(self._resistance(places, np.append(withdrawn, withdrawn - step)), 2)
        on_paths, anywhere = self._largest(P, near, contour)
        self.pressure.x.array[:], self.rise.x.array[:] = anywhere, 0.0
        self.pressure.x.array[near] = P
        self.rise.x.array[near] = WEIGHT * dt * np.maximum(ahead - P, 0.0) / step
        self.share_held.x.array[:] = 0.0
        self.share_held.x.array[near] = self._held(contour, normal)
        self.most = on_paths or anywhere

    def remember(self, plating: Floats) -> None:
        """Keep i_n of this instant for the next, from ∫ i_n |∇h| w dx on the owned nodes."""
        current = self.average.of(plating, "current")
        np.maximum(current, 0.0, out=self.current_before.x.array)

    def fields(self) -> list[Field]:
        """i_n of the instant before, A/m²."""
        return [Field("current_before", self.current_before.x.array)]

    def numbers(self) -> dict[str, float]:
        """None."""
        return {}

    def take_up(self, state: State) -> None:
        """P follows from ξ."""

    def _resistance(self, places: Floats, withdrawn: Floats) -> Floats:
        """P, V, of a front at these places that has withdrawn so far from what it had opened, m."""
        K = self.paths.toughness_at(places)
        if self.section.stays_open:
            over_lam = withdrawn / self.front.section.lam
            K *= 1.0 - _smooth_step((over_lam - OPEN[0]) / (OPEN[1] - OPEN[0]))
        a = np.maximum(self.length(places, self.least, self.relief, self._tops), self.least)
        P: Floats = running_resistance(K, a, self.Y, self.section.closing_stress or 0.0)
        return P

    def _held(self, contour: Floats, normal: Floats) -> Floats:
        """Share of what would dissolve that stays in place, of a front at these places with this normal."""
        w, plug = self.paths.half_width, self.section.plug
        assert plug is not None
        within, along = self.paths.along(contour, normal)
        share: Floats = within * (1.0 - along * _smooth_step((contour[:, -1] - plug) / w + 0.5))
        return share

    def _largest(self, P: Floats, near: Ints, contour: Floats) -> tuple[float, float]:
        """The largest P of the front on paths, from where Newton's method starts again, and that of all."""
        xi = self.front.xi.x.array[near]
        on_path = (xi * (1 - xi) > FRONT) & (self.paths.distance(contour) < self.paths.half_width)
        local = np.array([P[on_path].max(initial=0.0), P.max(initial=0.0)])
        on_paths, anywhere = combine(self.spaces.comm, local, MPI.MAX)
        return float(on_paths), float(anywhere)

    def _tops(self) -> Floats:
        """The highest points of the contour in the columns over all ranks, the same on each."""
        xi = self.front.xi.x.array
        a, b, _ = self.finder.crossings(xi)
        share = (0.5 - xi[a]) / (xi[b] - xi[a])
        own = self.relief.tops(self.x[a] + share[:, None] * (self.x[b] - self.x[a]))
        return self.relief.tops(np.concatenate(self.spaces.comm.allgather(own[own[:, -1] > 0])))


def _smooth_step(x: Floats) -> Floats:
    """x²(3 − 2x), 0 below 0 and 1 above 1."""
    share = np.clip(x, 0.0, 1.0)
    result: Floats = share**2 * (3 - 2 * share)
    return result
