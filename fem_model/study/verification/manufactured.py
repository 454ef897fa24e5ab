"""Manufactured solutions: smooth fields that solve the equations once sources are added to them.

The sources follow from the strong form, with the derivatives of the fields taken by UFL:

    charge   q = ∇·(σ_eff ∇φ) − i_n(φ − φ_M) δ − (F/V_m) μB        added to the sink of charge, A/m³
    phase    s = ∂ξ/∂t − (V_m/F) i_n(φ − φ_M) δ − μB               added to the growth of ξ, 1/s

with δ = |∇h| and B = ∇²ξ − ξ(1−ξ)(1−2ξ)/λ² of the classical bracket, which is local. The fields have no flux
through the boundary but for φ at the counter face, where φ = 0; φ has a kink where σ jumps.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import ufl
from dolfinx import fem
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.constants import F, R
from fem_model.laws.interface import NORMAL_FLOOR
from fem_model.materials import V_m
from fem_model.mesh.domain import Domain, build_domain
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification import plane_front
from fem_model.study.verification.cases import Tables, case
from fem_model.study.verification.entry import Check, Entry, Report
from fem_model.study.verification.exact import NO_CURRENT, march, relative_error, start
from fem_model.study.verification.orders import Curve, Panel, draw_orders

NAME = "manufactured"
W, L, LAM, MU = 6e-6, 12e-6, 1e-6, 2e-13  # m, m, m, m²/s
SIGMA_A, SIGMA_B, RESIDUAL = 1.0, 0.3, 1e-3  # S/m, S/m, 1
I0, T, VOLTAGE = 1e4, 298.15, 0.01  # A/m², K, V
AMPLITUDE, RATE = 0.01, 2.0  # of φ, V, and of all changes, 1/s
ORDER_TOLERANCE = 0.2
SIZES = {1: (0.5, 0.25, 0.125, 0.0625), 2: (1.0, 0.5, 0.25, 0.125)}
"""Cell sizes by degree, µm; the last only in full."""
SHORT, SHORT_STEPS = 0.05, {1: 8, 2: 16}
"""Time up to which the cells are compared, s, and the number of steps by degree."""
LONG, COUNTS = 0.5, (8, 16, 32, 64)
"""Time up to which steps are compared, s, and their numbers; the last only in full."""

LAYERS: Tables = {
    "microstructure": {
        "layout": "layers",
        "width": f"{W} m",
        "depth": f"{L} m",
        "layers": [{"material": "A", "share": 0.5}, {"material": "B", "share": 0.5}],
    },
    "materials": {"A": {"sigma": f"{SIGMA_A} S/m"}, "B": {"sigma": f"{SIGMA_B} S/m"}},
    "mesh": {"cell_size_front": "1 um", "cell_size_bulk": "1 um"},
    "phase_field": {
        "lam": f"{LAM} m",
        "mobility": f"{MU} m^2/s",
        "capillarity": "classical",
        "sigma_residual": RESIDUAL,
    },
    "kinetics": {"i0": f"{I0} A/m^2", "temperature": f"{T} K"},
    "anode": {"initial": {"kind": "film", "thickness": f"{L / 2} m"}},
    "counter": {"kind": "fixed"},
    "drive": {"mode": "potentiostatic", "voltage": f"{VOLTAGE} V"},
    "time": {"end": "1 s", "step": "1 s", "outputs": 1},
    "solver": {"tolerance": 1e-8},
}


class Problem(NamedTuple):
    """Problem that is solved: with which capillarity, and with or without the reaction of the front."""

    name: str
    capillarity: str
    reaction: bool


POTENTIAL = Problem("potential", "none", True)
ALLEN_CAHN = Problem("Allen–Cahn", "classical", False)
COUPLED = Problem("coupled", "classical", True)


class Level(NamedTuple):
    """A discretisation: cell size (µm), degree, and the number of steps up to a time (s)."""

    h: float
    degree: int
    steps: int
    end: float


class Exact(NamedTuple):
    """The fields as UFL, and the sources that follow from them."""

    xi: Any
    phi: Any
    charge: Any
    phase: Any


class Errors(NamedTuple):
    """Relative errors in the L2 norm."""

    xi: float
    phi: float


def norm(vector: Any) -> Any:
    """|v|."""
    return ufl.sqrt(ufl.inner(vector, vector))


def front_density(xi: Any) -> Any:
    """δ = |∇h| = 6ξ(1−ξ)|∇ξ|, with the floor of |∇n|, n = λ ln((1−ξ)/ξ), by which the model divides."""
    slope = LAM * norm(ufl.grad(xi)) / (xi * (1 - xi))
    return 6 * xi * (1 - xi) * norm(ufl.grad(xi)) * slope / ufl.sqrt(slope**2 + NORMAL_FLOOR**2)


def exact_fields(domain: Domain, time: fem.Constant, problem: Problem) -> Exact:
    """ξ and φ of LAYERS at a time, and their sources."""
    x, y = ufl.SpatialCoordinate(domain.mesh)
    t = ufl.variable(time)
    sway = ufl.sin(ufl.pi * y / L) * ufl.cos(ufl.pi * x / W) * ufl.sin(RATE * t)
    xi = 0.4 * (1 + ufl.cos(ufl.pi * y / L + 0.25 * sway))
    sigma = ufl.conditional(ufl.lt(x, W / 2), SIGMA_A, SIGMA_B)
    across = 1 + 0.2 * ufl.sin(ufl.pi * (x / W - 0.5)) / sigma
    phi = AMPLITUDE * (1 + 0.5 * ufl.sin(RATE * t)) * ufl.cos(ufl.pi * y / (2 * L)) * across
    eta = F / (R * T) * (phi + VOLTAGE)
    plating = I0 * (ufl.exp(eta / 2) - ufl.exp(-eta / 2)) * front_density(xi) if problem.reaction else 0.0
    bracket = MU * (ufl.div(ufl.grad(xi)) - xi * (1 - xi) * (1 - 2 * xi) / LAM**2)
    relaxation = bracket if problem.capillarity == "classical" else 0.0
    sigma_eff = sigma * (1 - xi**2 * (3 - 2 * xi) + RESIDUAL)
    charge = ufl.div(sigma_eff * ufl.grad(phi)) - plating - F / V_m * relaxation
    return Exact(xi, phi, charge, ufl.diff(xi, t) - V_m / F * plating - relaxation)


def errors(comm: MPI.Comm, problem: Problem, level: Level) -> Errors:
    """Errors at the end of the steps, or at an instant without any."""
    settings = case(LAYERS, _changes(problem, level))
    domain = build_domain(settings, comm)
    time = fem.Constant(domain.mesh, 0.0 if level.steps else level.end)
    exact = exact_fields(domain, time, problem)
    charge, current = (exact.charge, None) if problem.reaction else (None, NO_CURRENT)
    extras = Extras(charge=charge, phase=exact.phase, front_current=current, electrodes=False)
    simulation = Simulation(settings, comm, domain=domain, extras=extras)
    model = simulation.model
    start(model, exact.xi)
    march(simulation, time, level.end, level.steps)
    of_phi = relative_error(model, model.charge.phi, exact.phi)
    return Errors(relative_error(model, model.front.xi, exact.xi), of_phi)


def _changes(problem: Problem, level: Level) -> Tables:
    size = f"{level.h} um"
    return {
        "mesh": {"cell_size_front": size, "cell_size_bulk": size, "degree": level.degree},
        "phase_field.capillarity": problem.capillarity,
        "time": {"end": f"{level.end} s", "step": f"{level.end / max(level.steps, 1)} s", "outputs": 1},
    }


def in_space(comm: MPI.Comm, problem: Problem, degree: int, full: bool) -> list[Curve]:
    """Errors of ξ and φ over the cell size, with steps so short that only the cells matter."""
    sizes = SIZES[degree] if full else SIZES[degree][:3]
    steps = 0 if problem is POTENTIAL else SHORT_STEPS[degree]
    found = [errors(comm, problem, Level(h, degree, steps, SHORT)) for h in sizes]
    return _curves(problem, f"P{degree}", sizes, found, degree + 1)


def in_time(comm: MPI.Comm, problem: Problem, full: bool) -> list[Curve]:
    """Errors of ξ and φ over the step, as a share of the time, with cells so small that only steps matter."""
    counts = COUNTS if full else COUNTS[:3]
    found = [errors(comm, problem, Level(SIZES[2][2], 2, n, LONG)) for n in counts]
    return _curves(problem, "P2", [1 / n for n in counts], found, 2)


def _curves(
    problem: Problem, degree: str, sizes: Sequence[float], found: Sequence[Errors], order: float
) -> list[Curve]:
    curves = []
    if problem is not POTENTIAL:
        curves.append(Curve(f"{problem.name} {degree}: ξ", sizes, [e.xi for e in found], order))
    if problem is not ALLEN_CAHN:
        curves.append(Curve(f"{problem.name} {degree}: φ", sizes, [e.phi for e in found], order))
    return curves


def run(comm: MPI.Comm, full: bool) -> Report:
    """All problems and degrees."""
    problems = (POTENTIAL, ALLEN_CAHN, COUPLED)
    space = [c for degree in SIZES for problem in problems for c in in_space(comm, problem, degree, full)]
    space += [plane_front.in_space(comm, degree) for degree in plane_front.SIZES]
    in_steps = (ALLEN_CAHN, COUPLED) if full else (COUPLED,)
    time = [c for problem in in_steps for c in in_time(comm, problem, full)]
    time.append(plane_front.in_time(comm, full))
    entries = (*(_entry(c, "space") for c in space), *(_entry(c, "time") for c in time))
    return Report(entries, _draw(space, time) if comm.rank == 0 else None)


def _draw(space: Sequence[Curve], time: Sequence[Curve]) -> Figure:
    error = "Relative error, L2"
    linear, quadratic = ([c for c in space if f"P{degree}" in c.label] for degree in (1, 2))
    cells, steps = "Cell size (µm)", "Time step / time simulated"
    panels = [Panel("Space, P1", cells, error, linear), Panel("Space, P2", cells, error, quadratic)]
    return draw_orders([*panels, Panel("Time", steps, error, time)])


def _entry(curve: Curve, refined: str) -> Entry:
    name, quantity = curve.label.split(": ")
    return curve.entry(f"{NAME}/{name}, {refined}", f"error of {quantity}", ORDER_TOLERANCE)


CHECK = Check(
    NAME,
    "Smooth fields with sources from the strong form: potential with a jump of σ and Butler–Volmer kinetics, "
    "classical Allen–Cahn, and both coupled; a plane front; P1 and P2, orders in space and time.",
    run,
)
