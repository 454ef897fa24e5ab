"""A disc of lithium in a uniform field, isolated from any electrode: its potential and its current.

Where the undisturbed field is φ₀ + G y about the centre, a disc of radius a and resistance R of its surface,
in an electrolyte of conductivity σ, takes the potential φ₀ and, at the angle θ from the y-axis, the current

    i(θ) = [2 i∞/(1 + q)] cos θ,   q = σR/a,   i∞ = σG,   φ = φ₀ + G y [1 + (q − 1)/(q + 1) (a/r)²]   (r > a)

since σ ∂φ/∂r = (φ − φ₀)/R = i on its surface: no net current passes. Capillarity alone shifts its potential,
to φ₀ − V_m γ/(F a).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.mesh import exterior_facet_indices
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.errors import SolverError
from fem_model.engine.model import Model
from fem_model.laws.interface import tanh_profile
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import NUCLEUS, Tables, case

SIGMA, CURRENT = 0.357, 10.0  # S/m, A/m²
RADIUS, UM = 3e-6, 1e-6
GRADIENT = CURRENT / SIGMA
"""G of the undisturbed field, V/m."""
DRIVE = GRADIENT * RADIUS
"""G a, what drives the current through the disc, V."""


WIDTH, DEPTH, CENTRE = 10e-6, 12e-6, np.array([5.3e-6, 7.4e-6])
"""Size of the electrolyte around a disc at rest, and its centre, m."""
ABOVE = 1e-3
"""φ₀ of the undisturbed field at the centre over the φ_M of the anode, V."""


def electrolyte(width: float, depth: float, lam: float, q: float) -> Tables:
    """Changes to NUCLEUS: one electrolyte with cells of λ/2, linear kinetics, floating islands. In m."""
    return {
        "microstructure": {
            "layout": "layers",
            "width": f"{width} m",
            "depth": f"{depth} m",
            "layers": [{"material": "B", "share": 1.0}],
        },
        "mesh": {"cell_size_front": f"{lam / 2} m", "cell_size_bulk": f"{max(lam / 2, 0.5 * UM)} m"},
        "phase_field": {"lam": f"{lam} m", "capillarity": "none"},
        "kinetics": {"R_ct": f"{q * RADIUS / SIGMA} ohm m^2", "law": "linear"},
        "anode.initial.nuclei": [{"position": "0 um", "radius": f"{max(2 * lam, UM)} m"}],
        "anode.islands": "floating",
        "solver.tolerance": 1e-11,
    }


def put_disc(simulation: Simulation, centre: Floats, alone: bool, radius: float = RADIUS) -> None:
    """A disc of lithium around `centre`, of this `radius` (m), alone or beside the lithium of the case."""
    model, recorder = simulation.model, simulation.recorder
    x = model.spaces.V.tabulate_dof_coordinates()[:, :2]
    disc = tanh_profile(np.linalg.norm(x - centre, axis=1) - radius, model.case.phase_field.lam)
    model.front.xi.x.array[:] = disc if alone else np.maximum(model.front.xi.x.array, disc)
    model.front.update_distance()
    recorder.count_from_here()


def disc_potential(model: Model, centre: Floats) -> float:
    """Potential of the metal at the node nearest to `centre` (m), V."""
    x = model.spaces.V.tabulate_dof_coordinates()[:, :2]
    distance = np.linalg.norm(x - centre, axis=1)
    here = int(distance.argmin())
    found = model.domain.mesh.comm.allgather((float(distance[here]), float(model.metal.offset.x.array[here])))
    return float(model.metal.phi.value + min(found)[1])


@dataclass(frozen=True)
class Disc:
    """A disc in a field that is uniform far away: q = σR/a, n = a/λ; γ in J/m²."""

    q: float
    n: int
    gamma: float = 0.0

    @property
    def share(self) -> float:
        """(q − 1)/(q + 1) of its dipole."""
        return (self.q - 1) / (self.q + 1)

    def field(self, x: Floats) -> Floats:
        """φ (V) outside of it at the points x (2 or 3, n)."""
        dx, dy = x[0] - CENTRE[0], x[1] - CENTRE[1]
        within = np.maximum(dx**2 + dy**2, RADIUS**2)
        phi: Floats = ABOVE + GRADIENT * dy * (1 + self.share * RADIUS**2 / within)
        return phi

    def conditions(self, V: fem.FunctionSpace) -> list[fem.DirichletBC]:
        """Conditions: that φ on all four sides."""
        outer, mesh = fem.Function(V), V.mesh
        outer.interpolate(self.field)
        mesh.topology.create_connectivity(1, 2)
        facets = exterior_facet_indices(mesh.topology)
        return [fem.dirichletbc(outer, fem.locate_dofs_topological(V, 1, facets))]

    def solve(self, comm: MPI.Comm) -> "Current":
        """Its current and potential, with φ far away given."""
        changes = electrolyte(WIDTH, DEPTH, RADIUS / self.n, self.q) | {
            "drive": {"mode": "potentiostatic", "voltage": "1e-9 V"}
        }
        if self.gamma:
            changes |= {"phase_field": {"lam": f"{RADIUS / self.n} m", "gamma": f"{self.gamma} J/m^2"}}
        extras = Extras(phi_fixed=self.conditions, electrodes=False)
        simulation = Simulation(case(NUCLEUS, changes), comm, extras=extras)
        put_disc(simulation, CENTRE, alone=True)
        if outcome := simulation.instant():
            raise SolverError(outcome.reason)
        return Current(
            self,
            *_harmonics(simulation.model),
            disc_potential(simulation.model, CENTRE),
            _on_surface(simulation.model),
        )


class Current(NamedTuple):
    """The current of a disc as harmonics of the angle, A/m², its potential (V), and (θ, i) on its surface."""

    disc: Disc
    net: float
    through: float
    others: float
    potential: float
    surface: Floats


def _harmonics(model: Model) -> tuple[float, float, float]:
    """∮ i dθ/2π, that of i cos θ over ½, and the largest one of sin θ, cos 2θ, sin 2θ and cos 3θ."""
    x = ufl.SpatialCoordinate(model.domain.mesh)
    theta = ufl.atan2(x[0] - CENTRE[0], x[1] - CENTRE[1])

    def mean(weight: Any) -> float:
        current = model.spaces.integrate(model.electrodes.plating * weight * model.spaces.dx)
        return current / (np.pi * RADIUS)

    weights = [ufl.sin(theta), ufl.cos(2 * theta), ufl.sin(2 * theta), ufl.cos(3 * theta)]
    return mean(model.spaces.constant(0.5)), mean(ufl.cos(theta)), max(abs(mean(w)) for w in weights)


def _on_surface(model: Model) -> Floats:
    """Angle and current density (A/m²) at nodes close to the surface, (n, 2), of all ranks."""
    x = model.spaces.V.tabulate_dof_coordinates()[:, :2] - CENTRE
    near = abs(np.linalg.norm(x, axis=1) - RADIUS) < 0.1 * model.case.phase_field.lam
    metal = float(model.metal.phi.value) + model.metal.offset.x.array[near]
    R_ct = model.case.charge_transfer(model.case.kinetics)
    own = np.column_stack([np.arctan2(*x[near].T), (model.charge.phi.x.array[near] - metal) / R_ct])
    return np.concatenate(model.domain.mesh.comm.allgather(own))
