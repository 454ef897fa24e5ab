"""One time step of ξ, given the rate at which the reactions grow it.

∂ξ/∂t = f + B(ξ), with f the reaction rate and B the profile-keeping term. Both stages of the
linearly implicit, L-stable, second-order method ROS2 (Verwer et al., SIAM J. Sci. Comput. 20
(1999) 1456) share one matrix M − γ Δt B′(ξⁿ), γ = 1 − 1/√2:

    (M − γΔt B′) k₁ = f + B(ξⁿ),   (M − γΔt B′) k₂ = f + B(ξⁿ + Δt k₁) − 2 M k₁,
    ξⁿ⁺¹ = ξⁿ + Δt (3 k₁ + k₂)/2.

f holds the motion by curvature, which diffuses waves along the front and of itself is stable in short steps
only. So as much diffusion, C, damps what changes in the rate since the step before, which was r:

    (M − γΔt B′ + Δt C) k₁ = f + B(ξⁿ) + Δt C r,   (M − γΔt B′ + Δt C) k₂ = … − Δt C r.

Of a change, the share N²/(1 + N)² is left out, N = Δt C/M: C takes nothing from the order of the method.
Where f is not extrapolated, as in the first step, r = 0.

B and C move no lithium, so that ∫ξ grows by exactly Δt ∫f: the ledger of lithium rests on this.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from petsc4py import PETSc

from fem_model.base.arrays import Floats
from fem_model.base.log import Stages
from fem_model.numerics.algebra import add_forms
from fem_model.numerics.band import BandForms, BandVector
from fem_model.numerics.linear import MASS_LIKE
from fem_model.numerics.reach import PartSolver
from fem_model.processes.front import Front

GAMMA = 1 - 1 / np.sqrt(2)
RTOL = 1e-12

Damping = Callable[[Any, Any], Any]
"""Bilinear form of C, 1/s, in u and w; None where nothing is damped."""


class PhaseSolver:
    """Advances the ξ of a front; forms and matrices are made here, once."""

    def __init__(self, front: Front, damped: Damping, stages: Stages) -> None:
        self.front, self.stages = front, stages
        V, xi = front.spaces.V, front.xi
        w, u = ufl.TestFunction(V), ufl.TrialFunction(V)
        self.dt = front.spaces.constant(1.0)
        profile = front.profile(w)
        self.profile, slope = BandVector(front.band, profile), GAMMA * ufl.derivative(profile, xi, u)
        self.last = fem.Function(V)
        self.damped = BandVector(front.band, damping) if (damping := damped(self.last, w)) else None
        self.slope = BandForms(front.band, self.dt * (slope + (damped(u, w) or 0)))
        self.mass = front.mass()
        self.k1, self.k2, self.moved = (fem.Function(V) for _ in range(3))
        self.matrix = self.mass.duplicate()
        self.linear = PartSolver(self.matrix, V.dofmap.index_map, front.reach, MASS_LIKE, RTOL, "phase")
        self.owned = V.dofmap.index_map.size_local

    def advance(self, rate: Floats, dt: float, last: Floats | None = None) -> None:
        """Go from ξⁿ to ξⁿ⁺¹; `rate` is the weak reaction rate ∫ f w dx of the owned nodes.

        `last` is the rate of ξ in the step before, 1/s, by default 0.
        """
        xi, start = self.front.xi, self.front.xi.x.array.copy()
        self.dt.value = dt
        with self.stages("assembly"):
            self._fill()
            kept = self._undamped(last)
            b = rate + kept - self.profile.assemble()
        self.linear.new_values()
        self._solve(b, self.k1)
        xi.x.array[:] = start + dt * self.k1.x.array
        with self.stages("assembly"):
            self.mass.mult(self.k1.x.petsc_vec, self.moved.x.petsc_vec)
            b = rate - kept - self.profile.assemble() - 2 * self.moved.x.array[: self.owned]
        self._solve(b, self.k2)
        xi.x.array[:] = start + dt * (1.5 * self.k1.x.array + 0.5 * self.k2.x.array)
        self.front.update_distance()

    def _fill(self) -> None:
        """M − γ Δt B′ + Δt C of the ξ now."""
        self.mass.copy(self.matrix, PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
        add_forms(self.matrix, self.slope.now())

    def _undamped(self, last: Floats | None) -> Floats | float:
        """Δt C r."""
        if self.damped is None or last is None:
            return 0.0
        self.last.x.array[:] = last
        damped: Floats = self.dt.value * self.damped.assemble()
        return damped

    def bracket(self) -> Floats:
        """Put the rate of the profile-keeping term now into the front's `relaxation`, 1/s; its weak form."""
        weak: Floats = -self.profile.assemble()
        self.front.relaxation.x.array[:] = self._pointwise(weak)
        return weak

    def relax(self, reaction: Floats, dt: float) -> None:
        """Put ξ half of a step ahead, and what the profile-keeping term does in it into `relaxation`, 1/s.

        Both to second order if `reaction` is the weak reaction rate to first order.
        """
        front, start = self.front, self.front.xi.x.array.copy()
        reacted = self._pointwise(reaction)
        self.advance(reaction, dt)
        front.relaxation.x.array[:] = (front.xi.x.array - start) / dt - reacted
        front.xi.x.array[:] = 0.5 * (front.xi.x.array + start)
        front.update_distance()

    def _pointwise(self, weak: Floats) -> Floats:
        """M⁻¹ of a weak rate, 1/s."""
        self.dt.value = 0.0
        with self.stages("assembly"):
            self._fill()
        self.linear.new_values()
        self.k1.x.array[:] = 0.0
        self._solve(weak, self.k1)
        rate: Floats = self.k1.x.array.copy()
        return rate

    def _solve(self, b: Floats, k: fem.Function) -> None:
        with self.stages("solve"):
            self.linear.solve(b, k)
