"""A disc of lithium between a film on the anode and the counter electrode, under a given current.

Its surface plates at A cos θ (see `floating_disc`), and so it moves as a whole towards the counter electrode,
at V_m A/F. With σR = a it does not disturb the field at all, A is the current density, and it moves with
the flat front below it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.engine.model import Model
from fem_model.materials import V_m
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import NUCLEUS, case
from fem_model.study.verification.floating_disc import (
    CURRENT,
    DRIVE,
    RADIUS,
    SIGMA,
    UM,
    WIDTH,
    disc_potential,
    electrolyte,
    put_disc,
)
from fem_model.study.verification.runs import crossings, instants

TALL, FILM, START = 22e-6, 3e-6, np.array([5e-6, 11e-6])
"""Depth of the electrolyte, thickness of the film on the anode, and where the disc is at the start, m."""
TRAVEL = 2e-6
"""Distance by which the undisturbed current moves a front in the run, m."""


@dataclass(frozen=True)
class Drift:
    """Course of the disc at each instant of the run."""

    area: Floats
    """∫ξ above the film, m²."""
    height: Floats
    """Its centre, m."""
    slender: Floats
    """√(⟨(y − ȳ)²⟩/⟨(x − x̄)²⟩) over the disc: 1 for a round one."""
    start: float
    """Its potential at the start, V."""
    outlines: tuple[Floats, Floats]
    """Points (n, 3) where ξ = ½ at the start and at the end, m."""

    @property
    def moved(self) -> float:
        """Distance that it went, over that of a flat front under the same current."""
        return float((self.height[-1] - self.height[0]) / TRAVEL)

    @property
    def off_at_start(self) -> float:
        """Its potential at the start less that of the undisturbed field at its centre, over G a.

        Behind the counter electrode at 0 V come σR = a and the electrolyte: φ = −i (R + (H − y)/σ).
        """
        field = -CURRENT * (RADIUS + TALL - START[1]) / SIGMA
        return float((self.start - field) / DRIVE)


def drift(comm: MPI.Comm, n: int) -> Drift:
    """The run with λ = a/n."""
    end = TRAVEL / (V_m / F * CURRENT)
    changes = electrolyte(WIDTH, TALL, RADIUS / n, 1.0) | {
        "anode.initial": {"kind": "film", "thickness": f"{FILM} m"},
        "drive": {"mode": "galvanostatic", "current": f"{CURRENT} A/m^2"},
        "time": {"end": f"{end} s", "outputs": 1},
    }
    simulation = Simulation(case(NUCLEUS, changes), comm)
    put_disc(simulation, START, alone=False)
    before, found, potentials = crossings(simulation), [], []
    for _ in instants(simulation):
        found.append(_moments(simulation.model, simulation.recorder.last["tip_m"]))
        potentials.append(disc_potential(simulation.model, START))
    area, height, slender = np.array(found).T
    return Drift(area, height, slender, potentials[0], (before, crossings(simulation)))


def _moments(model: Model, front: float) -> tuple[float, float, float]:
    """∫ξ, ȳ and √(⟨(y − ȳ)²⟩/⟨(x − x̄)²⟩) of the lithium more than 2 µm above the `front` of the film."""
    x = ufl.SpatialCoordinate(model.domain.mesh)
    xi = ufl.conditional(ufl.gt(x[1], model.spaces.constant(front + 2 * UM)), model.front.xi, 0.0)

    def integral(weight: Any) -> float:
        return model.spaces.integrate(weight * xi * model.spaces.dx)

    area = integral(1.0)
    x0, y0 = (integral(x[k]) / area for k in range(2))
    wide, tall = (integral((x[k] - model.spaces.constant(mean)) ** 2) for k, mean in enumerate((x0, y0)))
    return area, y0, float(np.sqrt(tall / wide))
