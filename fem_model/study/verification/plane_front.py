"""A plane front under a prescribed current that changes in time: it moves as it is, without any source.

    ξ = ½[1 − tanh((y − y₀ − s)/2λ)],   s = (V_m/F) ∫ i dt,   i = i₁ (1 + a sin ωt)

The floor ε of |∇n|, by which the model divides to make the normal, slows and widens it by 1 − ε²/2.
"""

from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.laws.interface import NORMAL_FLOOR
from fem_model.materials import V_m
from fem_model.mesh.domain import build_domain
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, Tables, case
from fem_model.study.verification.exact import march, relative_error, start
from fem_model.study.verification.orders import Curve

LABEL = "plane front"
Y0, LAM = 20e-6, 1e-6
"""Start of FILM, and its λ, m."""
CURRENT, SWING, PERIOD = 10.0, 0.5, 3000.0
"""i₁ (A/m²), a, and 2π/ω (s)."""
SIZES = {1: (0.5, 0.25, 0.125), 2: (1.0, 0.5, 0.25)}
"""Cell sizes by degree, µm."""
SHORT, SHORT_STEPS = 100.0, 32
"""Time up to which the cells are compared, s, and the number of steps."""
COUNTS = (16, 32, 64, 128)
"""Numbers of steps for a whole period; the last only in full."""


def position(t: Any) -> Any:
    """s(t), m, and so how far the front has moved."""
    omega = 2 * np.pi / PERIOD
    return V_m / F * CURRENT * (t + SWING * (1 - ufl.cos(omega * t)) / omega)


def error(comm: MPI.Comm, h: float, degree: int, steps: int, end: float) -> float:
    """Relative error of ξ at the end of the steps."""
    settings = case(FILM, _changes(h, degree, steps, end))
    domain = build_domain(settings, comm)
    t, y = fem.Constant(domain.mesh, 0.0), ufl.SpatialCoordinate(domain.mesh)[1]
    kept = 1 - NORMAL_FLOOR**2 / 2
    xi = 0.5 * (1 - ufl.tanh(kept * (y - Y0 - kept * position(t)) / (2 * LAM)))
    current = CURRENT * (1 + SWING * ufl.sin(2 * np.pi / PERIOD * t))
    extras = Extras(front_current=current, electrodes=False)
    simulation = Simulation(settings, comm, domain=domain, extras=extras)
    start(simulation.model, xi)
    march(simulation, t, end, steps)
    return relative_error(simulation.model, simulation.model.front.xi, xi)


def _changes(h: float, degree: int, steps: int, end: float) -> Tables:
    sizes = {"cell_size_front": f"{h} um", "cell_size_bulk": "2 um", "front_height": "40 um"}
    return {
        "mesh": sizes | {"degree": degree},
        "drive.voltage": "1 mV",
        "time": {"end": f"{end} s", "step": f"{end / steps} s", "outputs": 1},
    }


def in_space(comm: MPI.Comm, degree: int) -> Curve:
    """Errors of ξ over the cell size."""
    errors = [error(comm, h, degree, SHORT_STEPS, SHORT) for h in SIZES[degree]]
    return Curve(f"{LABEL} P{degree}: ξ", SIZES[degree], errors, degree + 1)


def in_time(comm: MPI.Comm, full: bool) -> Curve:
    """Errors of ξ over the time step, as a share of the period."""
    counts = COUNTS if full else COUNTS[:3]
    errors = [error(comm, SIZES[2][1], 2, n, PERIOD) for n in counts]
    return Curve(f"{LABEL} P2: ξ", [1 / n for n in counts], errors, 2)
