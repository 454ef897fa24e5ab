"""PFHub benchmark 7a: an Allen–Cahn front held on a given, moving path by a source.

    ∂η/∂t = −[4η(η−1)(η−½) − κ∇²η] + S     on [0, 1] × [0, ½], periodic in x, η = 1 at y = 0 and 0 at y = ½
    η = ½[1 − tanh u],   u = (y − a)/√(2κ),   a = ¼ + A₁t sin(B₁x) + A₂ sin(B₂x + C₂t)

(https://pages.nist.gov/pfhub/benchmarks/benchmark7.ipynb, part (a), to t = 8.) As 4η(η−1)(η−½) =
2η(1−η)(1−2η), it is the classical bracket with ξ = η, μ = κ and λ = √(κ/2). A unit of length is 100 µm here,
one of time is 1 s. In place of periodic sides the domain goes on by MARGIN on both sides, to sides without
flux: what they change fades as exp(−d²/4κt) with the distance d along the front, e⁻¹² and less in between.
"""

from collections.abc import Sequence
from itertools import pairwise
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import ufl
from dolfinx import fem
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.engine.model import Model
from fem_model.mesh.domain import build_domain
from fem_model.numerics.algebra import AssembledVector, dot
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import Tables, case
from fem_model.study.verification.entry import Check, Report, below, relative
from fem_model.study.verification.exact import NO_CURRENT, march, start
from fem_model.study.verification.orders import Curve, Panel, draw_orders

NAME = "allen_cahn_benchmark"
KAPPA, A1, A2 = 4e-4, 0.0075, 0.03
B1, B2, C2 = 8 * np.pi, 22 * np.pi, np.pi / 16
END = 8.0
POINT, ETA_THERE, S_THERE = (0.77, 0.27, 8.0), 0.189378780595752, -0.670710717078661
UNIT = 1e-4
"""A unit of length, m."""
MARGIN = 8.5 / 22
"""Margin where ∂a/∂x = 0 at the start."""

SETUP: Tables = {
    "microstructure": {
        "layout": "layers",
        "width": f"{(1 + 2 * MARGIN) * UNIT} m",
        "depth": f"{0.5 * UNIT} m",
        "layers": [
            {"material": "margin", "share": MARGIN / (1 + 2 * MARGIN)},
            {"material": "benchmark", "share": 1 / (1 + 2 * MARGIN)},
            {"material": "margin", "share": MARGIN / (1 + 2 * MARGIN)},
        ],
    },
    "materials": {"margin": {"sigma": "1 S/m"}, "benchmark": {"sigma": "1 S/m"}},
    "mesh": {"cell_size_front": "1 um", "cell_size_bulk": "1 um"},
    "phase_field": {
        "lam": f"{np.sqrt(KAPPA / 2) * UNIT} m",
        "mobility": f"{KAPPA * UNIT**2} m^2/s",
        "capillarity": "classical",
        "sigma_residual": 1e-3,
    },
    "kinetics": {"i0": "1 A/m^2", "law": "linear"},
    "anode": {"initial": {"kind": "film", "thickness": f"{0.25 * UNIT} m"}},
    "counter": {"kind": "fixed"},
    "drive": {"mode": "potentiostatic", "voltage": "1 mV"},
    "time": {"end": f"{END} s", "step": "1 s", "outputs": 1},
    "solver": {"tolerance": 1e-6},
}


CELLS, STEPS = (72, 96, 128), 50
"""Cells per unit of length, and steps (of the P1 runs) to the end."""
ROUND_OFF, ORDER_TOLERANCE = 1e-12, 0.2
INTEGRATED, NODAL = 4e-3, 2e-3
"""Largest errors of the finest P1 run: a third above what is found."""


class Path(NamedTuple):
    """The path a of the front and its derivatives at (x, t); m is numpy or ufl."""

    a: Any
    a_t: Any
    a_x: Any
    a_xx: Any


def path(x: Any, t: Any, m: Any) -> Path:
    """Position of the front."""
    sin1, cos1 = m.sin(B1 * x), m.cos(B1 * x)
    sin2, cos2 = m.sin(B2 * x + C2 * t), m.cos(B2 * x + C2 * t)
    return Path(
        0.25 + A1 * t * sin1 + A2 * sin2,
        A1 * sin1 + A2 * C2 * cos2,
        A1 * B1 * t * cos1 + A2 * B2 * cos2,
        -A1 * B1**2 * t * sin1 - A2 * B2**2 * sin2,
    )


def solution(x: Any, y: Any, t: Any, m: Any) -> Any:
    """η."""
    return 0.5 * (1 - m.tanh((y - path(x, t, m).a) / np.sqrt(2 * KAPPA)))


def source(x: Any, y: Any, t: Any, m: Any) -> Any:
    """S = sech²u/(4√κ) [−2√κ tanh u (∂a/∂x)² + √2(∂a/∂t − κ ∂²a/∂x²)], as the benchmark gives it."""
    p, root = path(x, t, m), np.sqrt(KAPPA)
    u = (y - p.a) / np.sqrt(2 * KAPPA)
    inner = -2 * root * m.tanh(u) * p.a_x**2 + np.sqrt(2) * (p.a_t - KAPPA * p.a_xx)
    return (1 - m.tanh(u) ** 2) / (4 * root) * inner


class Level(NamedTuple):
    """A discretisation: cells per unit of length, degree, and number of steps."""

    cells: int
    degree: int
    steps: int


class Result(NamedTuple):
    """Result of a run at t = 8 on the domain of the benchmark, and its cost. Norms in its units."""

    integrated: float
    """√∫e² dx of the error e."""
    nodal: float
    """√Σ e² ΔxΔy of the error at the nodes, with the area that belongs to each."""
    eta: Floats
    areas: Floats
    """η (1) and area (m²) of the owned nodes."""
    core_seconds: float


def solve(comm: MPI.Comm, level: Level) -> Result:
    """Run the benchmark."""
    began = process_time()
    settings = case(SETUP, _changes(level))
    domain = build_domain(settings, comm)
    t, x = fem.Constant(domain.mesh, 0.0), ufl.SpatialCoordinate(domain.mesh)
    place = x[0] / UNIT - MARGIN, x[1] / UNIT, t, ufl
    extras = Extras(phase=source(*place), front_current=NO_CURRENT, electrodes=False)
    simulation = Simulation(settings, comm, domain=domain, extras=extras)
    start(simulation.model, solution(*place))
    march(simulation, t, END, level.steps)
    seconds = comm.allreduce(process_time() - began)
    return _measure(simulation.model, solution(*place), seconds)


def _measure(model: Model, exact: Any, seconds: float) -> Result:
    domain, V = model.domain, model.spaces.V
    accurate = {"quadrature_degree": 2 * model.case.mesh.degree + 4}
    here = domain.dx(domain.materials["benchmark"], metadata=accurate)
    areas = AssembledVector(ufl.TestFunction(V) * here).assemble().copy()
    eta, at_nodes = model.front.xi.x.array[: len(areas)], fem.Function(V)
    at_nodes.interpolate(fem.Expression(exact, V.element.interpolation_points))
    nodal = nodal_norm(domain.mesh.comm, areas, eta - at_nodes.x.array[: len(areas)])
    integrated = np.sqrt(model.spaces.integrate((model.front.xi - exact) ** 2 * here)) / UNIT
    return Result(float(integrated), nodal, eta.copy(), areas, seconds)


def nodal_norm(comm: MPI.Comm, areas: Floats, values: Floats) -> float:
    """√Σ v² ΔxΔy over the owned nodes of all ranks, in units of the benchmark."""
    return float(np.sqrt(dot(comm, areas, values**2)) / UNIT)


def _changes(level: Level) -> Tables:
    size = UNIT / level.cells
    sizes = {
        "cell_size_front": f"{size} m",
        "cell_size_bulk": f"{4 * size} m",
        "front_height": f"{0.38 * UNIT} m",
    }
    return {"mesh": sizes | {"degree": level.degree}, "time.step": f"{END / level.steps} s"}


class Sweep(NamedTuple):
    """Errors over the cell size in both norms, and the integrated one over the cost."""

    integrated: Curve
    nodal: Curve
    cost: Curve


def in_space(comm: MPI.Comm, degree: int, steps: int) -> Sweep:
    """Runs with the same steps on finer and finer cells."""
    found = [solve(comm, Level(n, degree, steps)) for n in CELLS]
    sizes, order, label = [1 / n for n in CELLS], degree + 1, f"P{degree}, {steps} steps"
    integrated = [result.integrated for result in found]
    return Sweep(
        Curve(f"√∫e² dx, {label}", sizes, integrated, order),
        Curve(f"√Σ e² ΔxΔy, {label}", sizes, [result.nodal for result in found], order),
        Curve(label, [result.core_seconds for result in found], integrated, -order / 2),
    )


def in_time(comm: MPI.Comm, counts: Sequence[int]) -> Curve:
    """Change of the result at t = 8 by halving the step, in the nodal norm, on the coarsest cells."""
    found = [solve(comm, Level(CELLS[0], 1, n)) for n in counts]
    changes = [nodal_norm(comm, one.areas, other.eta - one.eta) for one, other in pairwise(found)]
    return Curve(f"P1, {CELLS[0]} cells per unit", [END / n for n in counts[:-1]], changes, 2)


def run(comm: MPI.Comm, full: bool) -> Report:
    """The published values, the error at t = 8 and its order in space; P2 and the steps only in full."""
    degrees, steps = ((1, 2), 4 * STEPS) if full else ((1,), STEPS)
    sweeps = {f"{NAME}/P{degree}": in_space(comm, degree, steps) for degree in degrees}
    linear, name = sweeps[f"{NAME}/P1"], f"{NAME}/P1, {CELLS[-1]} cells per unit"
    entries = [
        relative(NAME, f"η at {POINT}", ETA_THERE, solution(*POINT, np), ROUND_OFF),
        relative(NAME, f"source at {POINT}", S_THERE, source(*POINT, np), ROUND_OFF),
        below(name, "error, √∫e² dx", INTEGRATED, linear.integrated.errors[-1]),
        below(name, "error, √Σ e² ΔxΔy", NODAL, linear.nodal.errors[-1]),
        *(s.integrated.entry(name, "error in space", ORDER_TOLERANCE) for name, s in sweeps.items()),
    ]
    times = in_time(comm, [STEPS, 2 * STEPS, 4 * STEPS]) if full else None
    if times:
        entries.append(times.entry(f"{NAME}/P1", "change in time", ORDER_TOLERANCE))
    return Report(tuple(entries), _draw([*sweeps.values()], times) if comm.rank == 0 else None)


def _draw(sweeps: Sequence[Sweep], times: Curve | None) -> Figure:
    """Draw the orders; the nodal norm only in full, as with few steps it is that of the steps."""
    error = "Error of η at t = 8"
    shown = [curve for s in sweeps for curve in ((s.integrated, s.nodal) if times else (s.integrated,))]
    cost = Panel("Cost", "Core-seconds", error, [s.cost for s in sweeps])
    time = [Panel("Time", "Time step", "Change of η by half the step", [times])] if times else []
    return draw_orders([Panel("Space", "Cell size", error, shown), cost, *time])


CHECK = Check(
    NAME,
    "PFHub benchmark 7a: a given, moving front with a source, by the classical Allen–Cahn bracket; periodic "
    "sides are replaced by a margin with sides far away.",
    run,
)
