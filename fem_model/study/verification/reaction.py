"""A flat front on LGPS: growth of the product against closed forms, and the lithium that it takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification import growth, reaction_balance
from fem_model.study.verification.cases import FILM, Tables, case
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.orders import MARKERS, PANEL
from fem_model.study.verification.runs import column, instants, to_the_end

NAME = "reaction"
ROUTES = ("chemical", "electrochemical")
FAST: dict[str, dict[str, Any]] = {
    "chemical": {"route": "chemical"},
    "electrochemical": {"route": "electrochemical", "i0": "1000 A/m^2"},
}
"""Reactions that charge transfer does not limit, by route."""
PRODUCTS = {"Ge": 20.0, "LiGe": 21.0, "Li15Ge4": 23.75, "Li22Ge5": 24.4}
"""ν of each end product of germanium."""
NU, V_M = PRODUCTS["Li15Ge4"], 289.1e-6
CHARGE, LITHIUM = F * NU / V_M, NU * V_m / V_M
WIDTH = 2e-6
"""Width of the strip, m."""
R_CT = 0.8e-4  # Ω m²
RATE, DIFFUSIVITY, STARTS = 1e-10, 1e-16, (10e-9, 100e-9)  # m/s, m²/s, m
LIMITED, E_EQ = 1e-9, 0.1  # m/s, V
EXCHANGES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""i₀ of the reduction (A/m²): from limited by its charge transfer to limited by k = LIMITED, at E_EQ."""
MOVING, SPEEDS = 10.0, (2e-10, 6e-10)
"""Current (A/m²) that drives a front on, and the speeds (m/s) of its reaction."""
EXACT, GROWTH, KINETICS = 1e-8, 0.02, 2e-3

AT_REST: Tables = {
    "materials": {"E": {"like": "LGPS"}},
    "microstructure.depth": "40 um",
    "mesh.front_height": "30 um",
    "kinetics": {"R_ct": f"{R_CT} ohm m^2", "law": "linear"},
    "drive": {"mode": "steps", "steps": [{"current": "0 A/m^2", "time": "10 h"}]},
}


@dataclass(frozen=True)
class Interphase:
    """A flat front at rest on LGPS: how it reacts (keys of the case), until when (s), and its closed form."""

    label: str
    reaction: dict[str, Any]
    end: float
    exact: Callable[[Floats], Floats] = field(repr=False)
    """w (m) at the times t (s)."""
    tolerance: float = GROWTH

    def simulation(self, comm: MPI.Comm) -> Simulation:
        """The run, at its start."""
        changes = {"reactions": [{"material": "E", **self.reaction}]}
        return Simulation(
            case(FILM, AT_REST | changes | {"time": {"end": f"{self.end} s", "outputs": 1}}), comm
        )

    def course(self, comm: MPI.Comm) -> tuple[Floats, Floats]:
        """Times (s) of the instants and w = ∫z dx over the width, m."""
        simulation = self.simulation(comm)
        model = simulation.model
        converted = model.spaces.integral(model.conversion * model.spaces.dx)
        found = [(t, converted() / WIDTH) for t in instants(simulation)]
        t, w = np.array(found).T
        return t, w


def interphases() -> list[Interphase]:
    """Interphases by both routes; the electrochemical one also where its charge transfer is slow."""
    found = []
    for route, fast in FAST.items():
        linear = {**fast, "rate": f"{RATE} m/s"}
        found.append(Interphase(f"{route}, linear", linear, 5000.0, lambda t: RATE * t))
        found += [_parabolic(f"{route}, w₀ = {start * 1e9:g} nm", fast, start) for start in STARTS]
    return found + [_reduction(i0) for i0 in EXCHANGES]


def _parabolic(label: str, base: dict[str, Any], start: float) -> Interphase:
    keys = {"diffusivity": f"{DIFFUSIVITY} m^2/s", "start_thickness": f"{start} m"}
    return Interphase(label, base | keys, 800.0, lambda t: growth.parabolic_thickness(t, DIFFUSIVITY, start))


def _reduction(i0: float) -> Interphase:
    keys = {"route": "electrochemical", "rate": f"{LIMITED} m/s", "i0": f"{i0} A/m^2", "E_eq": f"{E_EQ} V"}
    speed = growth.reduction_speed(LIMITED, CHARGE, i0, E_EQ, R_CT)
    return Interphase(f"charge transfer, i₀ = {i0:g} A/m²", keys, 4e-7 / speed, lambda t: speed * t, KINETICS)


Courses = list[tuple[Interphase, Floats, Floats]]


def growth_entries(courses: Courses) -> list[Entry]:
    """The thickness at the end, and its largest error on the way over that."""
    entries = []
    for interphase, t, w in courses:
        name, exact = f"{NAME}/{interphase.label}", interphase.exact(t)
        unit, allowed = "nm", interphase.tolerance
        entries.append(relative(name, "thickness at the end", exact[-1] * 1e9, w[-1] * 1e9, allowed, unit))
        on_the_way = float(abs(w - exact).max() / exact[-1])
        entries.append(below(name, "largest error on the way over that", allowed, on_the_way))
    return entries


def sink_entries(comm: MPI.Comm) -> list[Entry]:
    """Entries at rest: all lithium of the product has left the metal, ν for each formula unit."""
    entries = []
    for route in ROUTES:
        for product, nu in PRODUCTS.items():
            keys = {"route": route, "rate": f"{RATE} m/s", "product": product}
            simulation = Interphase("", keys, 1000.0, lambda t: RATE * t).simulation(comm)
            model = simulation.model
            before = model.spaces.integrate(model.front.xi * model.spaces.dx)
            to_the_end(simulation)
            integrate, dx = model.spaces.integrate, model.spaces.dx
            lost = (before - integrate(model.front.xi * dx)) / V_m
            measured = lost / (integrate(model.conversion * dx) / V_M)
            entries.append(relative(f"{NAME}/{route}, {product}", "Li per formula unit", nu, measured, EXACT))
    return entries


def moving_entries(comm: MPI.Comm) -> list[Entry]:
    """Conversion left behind by a front that reacts while it moves on, and its speed."""
    entries = []
    for route, fast in FAST.items():
        for rate in SPEEDS:
            name = f"{NAME}/{route}, moving on, k = {rate * 1e9:g} nm/s"
            v = growth.driven_speed(MOVING, rate, LITHIUM)
            moved, z = _moving(comm, fast | {"rate": f"{rate} m/s"}, 12e-6 / v)
            entries.append(relative(name, "speed of the front", v * 1e9, moved * 1e9, KINETICS, "nm/s"))
            left = growth.left_behind(MOVING, rate, LITHIUM)
            entries.append(relative(name, "conversion left behind", left, z, KINETICS))
    return entries


def _moving(comm: MPI.Comm, reaction: dict[str, Any], end: float) -> tuple[float, float]:
    """Speed of a front that starts at 10 µm (m/s), and the mean z from 14 to 16 µm at the end."""
    changes = AT_REST | {
        "microstructure.depth": "50 um",
        "mesh.front_height": "45 um",
        "anode.initial.thickness": "10 um",
        "reactions": [{"material": "E", **reaction}],
        "drive": {"mode": "galvanostatic", "current": f"{MOVING} A/m^2"},
        "time": {"end": f"{end} s", "outputs": 1},
    }
    simulation = to_the_end(Simulation(case(FILM, changes), comm))
    model, tip = simulation.model, column(simulation, "tip_m")
    z = model.conversion.x.array[: model.spaces.cells.dofmap.index_map.size_local]
    y = model.spaces.cells.tabulate_dof_coordinates()[: len(z), 1]
    behind = z[(y > 14e-6) & (y < 16e-6)]
    total, count = comm.allreduce(float(behind.sum())), comm.allreduce(len(behind))
    return float(tip[-1] - tip[0]) / end, total / count


def run(comm: MPI.Comm, full: bool) -> Report:
    """Growth at rest, what a moving front leaves, the lithium taken, and every balance of a driven run."""
    courses: Courses = [(interphase, *interphase.course(comm)) for interphase in interphases()]
    balances = [reaction_balance.balance(comm, route) for route in ROUTES]
    entries = [*growth_entries(courses), *moving_entries(comm), *sink_entries(comm)]
    entries += [entry for found in balances for entry in found.entries(NAME)]
    return Report(tuple(entries), _draw(courses, balances) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(courses: Courses, balances: Sequence[reaction_balance.Balance]) -> Figure:
    figure = Figure(figsize=(3 * PANEL[0], PANEL[1]), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    split = len(courses) - len(EXCHANGES)
    _draw_growth(left, courses[:split])
    _draw_transfer(middle, courses[split:])
    balances[-1].draw(right)
    return figure


def _draw_growth(axes: Axes, courses: Courses) -> None:
    """Over time, in units of the end of each run."""
    for k, (interphase, t, w) in enumerate(courses):
        fine = np.linspace(0, t[-1], 200)
        axes.plot(fine / t[-1], interphase.exact(fine) * 1e9, color=GREY, lw=1, zorder=0)
        marks: dict[str, Any] = {"marker": MARKERS[k], "ls": "", "mfc": "none", "ms": 4, "color": colour(k)}
        axes.plot(t / t[-1], w * 1e9, label=interphase.label, **marks)
    axes.set(xlabel="Time over that of the end", ylabel="Thickness of the product (nm)")
    axes.set_title("At rest: limited by k, or by D", fontsize=TITLE_SIZE)
    axes.legend(fontsize=7)


def _draw_transfer(axes: Axes, courses: Courses) -> None:
    fine = np.geomspace(EXCHANGES[0], EXCHANGES[-1], 100)
    exact = [growth.reduction_speed(LIMITED, CHARGE, i0, E_EQ, R_CT) / LIMITED for i0 in fine]
    axes.semilogx(fine, exact, color=colour(0), label="closed form")
    speeds = [w[-1] / t[-1] / LIMITED for _, t, w in courses]
    axes.semilogx(EXCHANGES, speeds, "o", color=colour(4), label="computed")
    axes.set(xlabel="i₀ of the reduction (A/m²)", ylabel="Speed of growth over k", ylim=(0, None))
    axes.set_title(f"Electrochemical, k = {LIMITED * 1e9:g} nm/s, E_eq = {E_EQ:g} V", fontsize=TITLE_SIZE)
    axes.legend()


CHECK = Check(
    NAME,
    "LGPS that reacts: linear and parabolic growth, its charge transfer, ν lithium per formula unit, and the "
    "balances of lithium, germanium and charge, against ∫i dt and the fields.",
    run,
)
