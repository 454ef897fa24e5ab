"""The lithium front: the phase field ξ, what belongs to it, and the term that keeps its profile.

    ρ ∂ξ/∂t = (V_m/F) i_n(A) |∇h| + ∇·[ρ(μ∇ξ + ξ(1−ξ)(μ/λ − v̄(1−2ξ)) n)] − what products take

ρ is the room: the share of the volume that lithium takes where it grows, 1 unless the case says otherwise.
"""

import fem_model._dolfinx_first  # noqa: F401

from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI
from petsc4py import PETSc

from fem_model.base.constants import F
from fem_model.case import Case
from fem_model.laws import interface
from fem_model.materials import V_m
from fem_model.numerics.algebra import combine
from fem_model.numerics.band import Band
from fem_model.numerics.reach import Reach
from fem_model.numerics.smoothing import Smoother
from fem_model.physics.cracks import Cracks
from fem_model.physics.initial import initial_distance
from fem_model.processes.spaces import Spaces
from fem_model.processes.state import Field, Kept, State

ROOM_CHANGE = 2.0
"""Length over λ of the S by which the room changes between materials: in a shorter one a front stretches."""
REMNANT = 1e-6
"""Least ξ(1 − ξ) of what is left of a front."""
REACTS = 1e-7
"""Least ξ(1 − ξ) that reacts: where it is less, 16 λ from a front, are 1e-13 of the current of the front.

A cell that leaves the band loses its rates at once. They must be round-off by then: where ∂z/∂t jumps, a step
that extrapolates it would take z out of its bounds.
"""
MIRRORS = ("left", "right"), ("front", "back")
"""Outer faces across x and across y, which mirror the front."""


class Front:
    """ξ on a domain, with the fields that are made from it once a step.

    `xi` (ξ), `distance` (n, m), `least_distance` (the least n so far, m), `smooth_normal` (of which κ is the
    divergence, 1/m), `speed` (v̄, m/s). `relaxation` (1/s) is what the classical Allen–Cahn bracket adds
    to ξ, where that is selected. Its band is that of the front, or all cells if ξ can grow `everywhere`.
    """

    def __init__(self, spaces: Spaces, case: Case, cracks: Cracks, *, everywhere: bool = False) -> None:
        self.spaces, self.case, self.section = spaces, case, case.phase_field
        self.xi, self.distance = spaces.nodal("xi"), spaces.nodal("distance")
        self.least_distance = spaces.nodal("least_distance")
        self.smooth_normal = fem.Function(spaces.vectors, name="smooth_normal")
        self.speed, self.relaxation = spaces.nodal("front_speed"), spaces.nodal("relaxation")
        self.mobility = spaces.constant(self.section.mobility or 0.0)
        self.lam = spaces.constant(self.section.lam)
        self.room = self._room()
        distance = initial_distance(case, cracks.flaws, spaces.axis)
        self.band = Band(spaces.V, spaces.cells, spaces.volumes(), spaces.quadrature_degree)
        self.everywhere = everywhere
        self.reach = Reach(spaces.V, self.band, self.section.lam)
        self.xi.interpolate(lambda x: interface.tanh_profile(distance(x), self.section.lam))
        self.update_distance()
        self.least_distance.x.array[:] = self.distance.x.array

    def _room(self) -> Any:
        """ρ: a number, or where materials differ a function that changes between them over some λ."""
        rooms = self.case.room_table()
        if len(set(rooms.values())) == 1:
            return next(iter(rooms.values()))
        spaces, room = self.spaces, self.spaces.nodal("room")
        values = spaces.domain.material_values(rooms)
        over = spaces.constant(ROOM_CHANGE * self.section.lam)
        Smoother(spaces.V, spaces.dx, over, "spread").of(values, room)
        return room

    def update_distance(self) -> None:
        """The signed distance that belongs to ξ, node by node, and the band of cells that react."""
        xi = self.xi.x.array
        self.distance.x.array[:] = interface.signed_distance(xi, self.section.lam)
        self.band.update((np.abs(xi * (1 - xi)) > REACTS) | self.everywhere)

    # Its share in the state

    def fields(self) -> list[Field]:
        """ξ, of which ∫ρξ is kept, and what it has opened."""
        xi = Field("xi", self.xi.x.array, kept=Kept.AMOUNT)
        return [xi, Field("least_distance", self.least_distance.x.array)]

    def numbers(self) -> dict[str, float]:
        """μ of the fastest part of the front, m²/s."""
        return {"mobility": float(self.mobility.value)}

    def take_up(self, state: State) -> None:
        """Go on from a state."""
        self.mobility.value = state.numbers["mobility"]
        self.update_distance()

    # Coefficients

    @cached_property
    def normal(self) -> Any:
        """n, out of the lithium."""
        return interface.normal(self.distance)

    @cached_property
    def density(self) -> Any:
        """|∇h|, 1/m."""
        return interface.interface_density(self.xi, self.normal)

    @cached_property
    def free(self) -> Any:
        """1 − ρ h(ξ): the share that is electrolyte."""
        return 1 - self.room * interface.lithium_fraction(self.xi)

    def mass(self) -> PETSc.Mat:
        """The matrix of ∫ ρ u w dx, m³: one that no one may change."""
        return self.spaces.mass if self.room == 1.0 else self.spaces.mass_matrix(self.room)

    @property
    def is_classical(self) -> bool:
        """True if the profile is kept by the classical Allen–Cahn bracket."""
        return self.section.capillarity == "classical"

    @cached_property
    def capillary(self) -> Any:
        """(V_m/F) γκ, V."""
        gamma = self.spaces.constant(V_m / F * self.section.gamma)
        return gamma * ufl.div(self.smooth_normal) if self.section.curvature_acts else 0.0

    def profile(self, w: Any) -> Any:
        """Weak form of minus the profile-keeping term of ξ (its sign as in ∂ξ/∂t + … = …)."""
        dx = self.spaces.dx
        if self.is_classical:
            return interface.classical_profile(self.xi, w, self.mobility, self.lam, dx)
        n, speed, peclet = self.smooth_normal, self.speed, self.section.peclet
        mobility: Any = self.mobility
        if peclet is not None:
            mobility = interface.local_mobility(self.mobility, speed, self.lam, peclet)
        return interface.conservative_profile(self.xi, w, n, speed, mobility, self.lam, self.room, dx)

    def mirrors(self, axis: int) -> list[fem.DirichletBC]:
        """Zero on the outer faces that lie across `axis` and mirror the front: all but the counter face."""
        return self.spaces.zero_on(*(("anode",) if axis == self.spaces.axis else MIRRORS[axis]))

    def fastest(self) -> tuple[float, float]:
        """|v̄| of the fastest part of the front, where 0.1 < ξ < 0.9, and of all that is not bulk, m/s.

        What is left of lithium that has dissolved has ξ < 0.1 everywhere: its speed stands for that of the
        front where there is none. Collective.
        """
        xi, speed = self.xi.x.array, np.abs(self.speed.x.array)
        within = xi * (1 - xi)
        local = [float(speed[within > least].max(initial=0.0)) for least in (interface.FRONT, REMNANT)]
        front, remnant = combine(self.spaces.comm, np.array(local), MPI.MAX)
        return float(front or remnant), float(remnant)
