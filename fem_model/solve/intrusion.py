"""The resistance of the front to its running on as a crack does, known at every instant from ξ alone.

    P = (V_m/F) [K / (Y √(π a)) + p_c]   (V)

A crack of the length a, filled with lithium at the pressure p, runs when Y p √(πa) = K (Irwin), against the
stress p_c that closes it; plating goes on only while F η/V_m exceeds that pressure. K (`paths`) and a change
over distances not much longer than the front is wide. So both are taken at its contour ξ = ½ and carried
along the normal, x_Γ = x − n N: their change across the front would else hold it back, or let it through.

What was opened stays open. With n_min the least signed distance so far, r̄ = S((n − n_min)|∇h|)/S(|∇h|) is
how far the front has withdrawn from what it had opened. K is taken times 1 − s(r̄/λ), with s the smooth step
from OPEN[0] to OPEN[1].

At the sides of a path, and where what was opened is filled again, P rises steeply. A front that becomes
faster there, as one from which a reaction takes lithium does, would overshoot in an explicit step, stand
still, and overshoot again. So it is held against the P at the end of the step (`kinetics.restrained`). By the
Adams–Bashforth rule it comes (3/2) Δt (v − v⁻) farther than at its speed v⁻ before, which adds r (i_n − i_n⁻)
to P,

    r = (3/2) Δt V_m/(Fρ) max(∂P/∂n, 0),   ∂P/∂n = [P(x_Γ + δN) − P(x_Γ)]/δ,

with Δt that of the last step, i_n⁻ that at its start, and δ = AHEAD λ.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import ufl
from mpi4py import MPI

from fem_model.case.intrusion import Intrusion
from fem_model.constants import F
from fem_model.log import Stages
from fem_model.materials import V_m
from fem_model.physics.interface import FRONT
from fem_model.physics.model import DendriteModel
from fem_model.physics.relief import Relief
from fem_model.solve.algebra import AssembledVector, combine
from fem_model.solve.connection import TipFinder
from fem_model.solve.smoothing import FrontAverage

Array = npt.NDArray[np.float64]

NEAR = 8.0
"""Distance from the contour over λ within which P is carried along the normal: beyond, nothing reacts."""
OPEN = 0.25, 0.7
"""Withdrawal over λ from which what was opened resists less, and not at all: less would ratchet."""
AHEAD = 0.1
"""Distance over λ over which the rise of P ahead of the contour is taken: about half of that of a step."""
WEIGHT = 1.5
"""Weight of the rates now in a step of the Adams–Bashforth rule."""


class IntrusionSolver:
    """Finds P of a model; what does not change is made here, once."""

    def __init__(self, model: DendriteModel, front: FrontAverage, stages: Stages) -> None:
        assert model.cracks.paths is not None and model.case.intrusion is not None
        self.model, self.front, self.stages, self.paths = model, front, stages, model.cracks.paths
        self.section: Intrusion = model.case.intrusion
        dim = model.axis + 1
        self.x = model.V.tabulate_dof_coordinates()[:, :dim]
        assert self.section.geometry_factor is not None and self.section.length is not None
        self.Y, self.least = self.section.geometry_factor, self.section.length
        lam, w = model.case.phase_field.lam, self.paths.half_width
        self.relief = Relief(model.domain.extent[:-1], lam, self.Y, w)
        self.length = LENGTHS[self.section.law](self)
        self.edges = TipFinder(model.domain).edges
        test = ufl.TestFunction(model.V)
        withdrawn = (model.distance - model.least_distance) * model.density * test * model.dx
        self.withdrawn = AssembledVector(withdrawn)
        self.comm = model.domain.mesh.comm

    def update(self, dt: float) -> None:
        """P of the ξ now, and its rise in a step `dt` (s), into the model; front and normal must be known."""
        model, lam = self.model, self.model.case.phase_field.lam
        n = model.distance.x.array
        np.minimum(model.least_distance.x.array, n, out=model.least_distance.x.array)
        near = np.flatnonzero(np.abs(n) < NEAR * lam)
        normal = model.smooth_normal.x.array.reshape(len(n), -1)[near]
        with self.stages("intrusion"):
            contour, step = self.x[near] - n[near, None] * normal, AHEAD * lam
            withdrawn = self.front.average(self.withdrawn.assemble(), "withdrawn")[near]
            places = np.concatenate([contour, contour + step * normal])
            P, ahead = np.split(self._resistance(places, np.append(withdrawn, withdrawn - step)), 2)
        on_paths, anywhere = self._largest(P, near, contour)
        model.resistance.x.array[:], model.rise.x.array[:] = anywhere, 0.0
        model.resistance.x.array[near] = P
        model.rise.x.array[near] = WEIGHT * dt * np.maximum(ahead - P, 0.0) / step
        model.largest_resistance = on_paths or anywhere

    def remember(self, plating: Array) -> None:
        """Keep i_n of this instant for the next, from its weak form ∫ i_n |∇h| w dx on the owned nodes."""
        current = self.front.average(plating, "current")
        np.maximum(current, 0.0, out=self.model.current_before.x.array)

    def _resistance(self, places: Array, withdrawn: Array) -> Array:
        """P, V, of a front at these places that has withdrawn so far from what it had opened, m."""
        K = self.paths.toughness_at(places)
        if self.section.stays_open:
            over_lam = withdrawn / self.model.case.phase_field.lam
            share = np.clip((over_lam - OPEN[0]) / (OPEN[1] - OPEN[0]), 0.0, 1.0)
            K *= 1.0 - share**2 * (3 - 2 * share)
        a = np.maximum(self.length(places), self.least)
        P: Array = V_m / F * (K / (self.Y * np.sqrt(np.pi * a)) + self.section.closing_stress)
        return P

    def _largest(self, P: Array, near: npt.NDArray[np.int64], contour: Array) -> tuple[float, float]:
        """The largest P of the front on paths, from where Newton's method starts again, and that of all."""
        xi = self.model.xi.x.array[near]
        on_path = (xi * (1 - xi) > FRONT) & (self.paths.distance(contour) < self.paths.half_width)
        local = np.array([P[on_path].max(initial=0.0), P.max(initial=0.0)])
        on_paths, anywhere = combine(self.comm, local, MPI.MAX)
        return float(on_paths), float(anywhere)

    # Laws of the crack length a, m

    def by_relief(self, contour: Array) -> Array:
        """What a crack and its neighbours relieve: see `physics.relief`."""
        self.relief.update(self._tops())
        return self.relief.length_at(contour)

    def by_height(self, contour: Array) -> Array:
        """The height above the anode: as if no crack had a neighbour."""
        height: Array = contour[:, -1]
        return height

    def given(self, contour: Array) -> Array:
        """The length of the case."""
        return np.full(len(contour), self.least)

    def _tops(self) -> Array:
        """The highest points of the contour in the columns over all ranks, the same on each."""
        xi, a, b = self.model.xi.x.array, self.edges[:, 0], self.edges[:, 1]
        crossing = (xi[a] >= 0.5) != (xi[b] >= 0.5)
        a, b = a[crossing], b[crossing]
        share = (0.5 - xi[a]) / (xi[b] - xi[a])
        own = self.relief.tops(self.x[a] + share[:, None] * (self.x[b] - self.x[a]))
        return self.relief.tops(np.concatenate(self.comm.allgather(own[own[:, -1] > 0])))


LENGTHS: Mapping[str, Callable[[IntrusionSolver], Callable[[Array], Array]]] = {
    "relief": lambda solver: solver.by_relief,
    "height": lambda solver: solver.by_height,
    "fixed": lambda solver: solver.given,
}
"""Laws of the crack length by name."""
