"""Round lithium: the profile term does not move it, and capillarity holds it at the voltage V_m γκ/F.

On a quarter of a disc, κ = 1/r, or an eighth of a ball, κ = 2/r, in a corner whose sides are mirrors.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import NUCLEUS, Tables, case
from fem_model.study.verification.closed_forms import capillary_voltage
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.exact import NO_CURRENT
from fem_model.study.verification.orders import MARKERS, PANEL, Curve, Panel, draw_panel
from fem_model.study.verification.runs import column, crossings, finished, instants

UM, MV = 1e-6, 1e-3
BOX = ("width", "breadth", "depth")


def corner(radius: float, lam: float, cell: float, dim: int = 2) -> Tables:
    """Changes to NUCLEUS: a disc (ball) around a corner of a square (cube), all lengths in µm."""
    sides, along = {2: (("width", "depth"), ("position",)), 3: (BOX, ("position", "across"))}[dim]
    size = f"{radius + 6 * lam} um"
    layers = {"layout": "layers", "layers": [{"material": "B", "share": 1.0}]}
    return {
        "microstructure": layers | dict.fromkeys(sides, size),
        "mesh": {"cell_size_front": f"{cell} um", "cell_size_bulk": f"{cell} um"},
        "phase_field.lam": f"{lam} um",
        "anode.initial.nuclei": [dict.fromkeys(along, "0 um") | {"radius": f"{radius} um"}],
        "counter": {"kind": "fixed"},
    }


def mean_radius(simulation: Simulation) -> float:
    """Mean distance from the corner of where edges of the mesh cross ξ = ½, m."""
    return float(np.linalg.norm(crossings(simulation), axis=1).mean())


# A disc that does not react

RADIUS, LAM = 3.0, 0.5  # µm
MOBILITY = 1e-14  # m²/s
SHARE = 0.05
"""A run lasts SHARE r²/μ."""
CELLS = (1.0, 0.5, 0.25)
"""Cell sizes over λ."""
NEUTRAL, CLASSICAL = 5e-3, 5e-2
"""Tolerances of the motion over μκ, without and with curvature motion."""


def disc(comm: MPI.Comm, cell: float, capillarity: str = "physical") -> Simulation:
    """A disc with next to no reaction, on cells of `cell` λ."""
    end = SHARE * (RADIUS * UM) ** 2 / MOBILITY
    changes = corner(RADIUS, LAM, cell * LAM) | {
        "phase_field": {"lam": f"{LAM} um", "mobility": f"{MOBILITY} m^2/s", "capillarity": capillarity},
        "drive": {"mode": "potentiostatic", "voltage": "1 mV"},
        "time": {"end": f"{end} s", "step": f"{end / 40} s", "outputs": 1},
    }
    extras = Extras(front_current=NO_CURRENT, electrodes=False)
    return Simulation(case(NUCLEUS, changes), comm, extras=extras)


@dataclass(frozen=True)
class Shrinking:
    """Radius of a disc (m) at each instant (s) of its run."""

    label: str
    t: Floats
    radius: Floats

    @property
    def share(self) -> float:
        """Rate of shrinking over the run, as a share of μκ."""
        return float((self.radius[0] - self.radius[-1]) / (MOBILITY / (RADIUS * UM) * self.t[-1]))


def shrinking(comm: MPI.Comm, cell: float, capillarity: str = "physical") -> Shrinking:
    """Run of a `disc`."""
    simulation = disc(comm, cell, capillarity)
    t, radius = zip(*((t, mean_radius(simulation)) for t in instants(simulation)), strict=True)
    return Shrinking(f"{capillarity}, h = {cell:g} λ", np.array(t), np.array(radius))


def classical_radius(t: Floats) -> Floats:
    """Radius (m) under the classical bracket: dr/dt = −μ/r."""
    r: Floats = np.sqrt((RADIUS * UM) ** 2 - 2 * MOBILITY * t)
    return r


def run_neutral(comm: MPI.Comm, full: bool) -> Report:
    """The profile term on three meshes; beside it the classical bracket, which does move the disc."""
    name, quantity = "curvature_neutral", "motion of a disc over μκ"
    neutral = [shrinking(comm, cell) for cell in CELLS]
    classical = shrinking(comm, CELLS[1], "classical")
    exact = replace(classical, label="r² = r₀² − 2μt", radius=classical_radius(classical.t))
    entries = [below(f"{name}/{motion.label}", quantity, NEUTRAL, motion.share) for motion in neutral]
    moved = relative(f"{name}/{classical.label}", quantity, exact.share, classical.share, CLASSICAL)
    figure = _draw_discs([*neutral, classical], exact) if comm.rank == 0 else None
    return Report((*entries, moved), figure)


@rc_context(STYLE)
def _draw_discs(motions: Sequence[Shrinking], exact: Shrinking) -> Figure:
    figure = Figure(figsize=PANEL, layout="constrained")
    axes = figure.subplots()
    for k, motion in enumerate(motions):
        marks: dict[str, Any] = {"marker": MARKERS[k], "ls": "", "mfc": "none", "ms": 6 - k}
        axes.plot(motion.t, motion.radius / UM, markevery=4, color=colour(k), label=motion.label, **marks)
    axes.plot(exact.t, exact.radius / UM, color=GREY, lw=1, label=exact.label)
    axes.set(xlabel="Time (s)", ylabel="Radius of ξ = ½ (µm)")
    axes.set_title(f"λ = {LAM:g} µm, μ = {MOBILITY:g} m²/s, no reaction", fontsize=TITLE_SIZE)
    axes.legend()
    return figure


# A seed in equilibrium

NAMES = {2: "gibbs_thomson", 3: "gibbs_thomson_3d"}
GAMMA = 0.5  # J/m²
FASTEST = 8e-15
"""μ of the fastest front in runs/fig3i, m²/s."""
CURRENT = 1e-4
"""Stands for none, A/m²: with the resistance of the front a hundred thousandth of the voltages here."""
SMALLEST = 1.0
"""Radius of the seed whose error is followed, µm."""
FINENESS = (4, 8, 16)
"""r/λ; the last only in full."""
LARGER = (2.0, 4.0)
"""Radii of further seeds with the same λ as the smallest at its coarsest, µm."""
AS_IT_IS, HALVED, EXTRAPOLATED, BY_CELLS = 0.1, 0.5, 0.02, 0.01


@dataclass(frozen=True)
class Seed:
    """A seed without current: its radius, λ and cell size in µm, μ in m²/s, R_ct in Ω cm², and dimension."""

    r: float
    lam: float
    cell: float
    mobility: float = FASTEST
    R_ct: float = 0.1
    dim: int = 2

    @property
    def name(self) -> str:
        """Name of its entry."""
        about = f"r = {self.r:g} µm = {self.r / self.lam:g} λ"
        return f"{NAMES[self.dim]}/{about}, μ = {self.mobility:g} m²/s, {self.R_ct:g} Ω cm²"

    def changes(self) -> Tables:
        """Changes of NUCLEUS; the profile settles over 2λ²/μ."""
        end = 2 * (self.lam * UM) ** 2 / self.mobility
        return corner(self.r, self.lam, self.cell, self.dim) | {
            "phase_field.mobility": f"{self.mobility} m^2/s",
            "kinetics.R_ct": f"{self.R_ct} ohm cm^2",
            "drive": {"mode": "galvanostatic", "current": f"{CURRENT} A/m^2"},
            "solver.tolerance": 1e-5,
            "time": {"end": f"{end} s", "step": f"{end / 10} s", "outputs": 1},
        }

    def exact(self) -> float:
        """Voltage of the sharp seed, mV."""
        return (self.dim - 1) * float(capillary_voltage(self.r * UM, GAMMA)) / MV

    def voltage(self, comm: MPI.Comm) -> float:
        """Voltage at which no current passes, mV."""
        simulation = finished(case(NUCLEUS, self.changes()), comm, Extras(electrodes=False))
        return float(column(simulation, "voltage_V")[-1]) / MV

    def entry(self, voltage: float, tolerance: float = AS_IT_IS) -> Entry:
        """The voltage held against the exact one."""
        return relative(self.name, "voltage in equilibrium", self.exact(), voltage, tolerance, "mV")


AS_IN_FIG3I = Seed(2.0, 0.5, 0.25)
"""Seed with the λ of that run."""


def over_fineness(comm: MPI.Comm, full: bool, dim: int = 2) -> list[tuple[Seed, float]]:
    """The smallest seed with finer and finer λ, and its voltages."""
    widths = [SMALLEST / n for n in (FINENESS if full else FINENESS[:2])]
    return with_voltages(comm, [Seed(SMALLEST, lam, lam / 2, dim=dim) for lam in widths])


def with_voltages(comm: MPI.Comm, seeds: Sequence[Seed]) -> list[tuple[Seed, float]]:
    """Each seed and its voltage."""
    return [(seed, seed.voltage(comm)) for seed in seeds]


def limit_entries(found: Sequence[tuple[Seed, float]]) -> list[Entry]:
    """The error falls with λ, and the limit of λ → 0, with errors ∝ λ², is the exact voltage."""
    first, exact = found[0][0], found[0][0].exact()
    name = f"{NAMES[first.dim]}/r = {first.r:g} µm, λ → 0"
    voltages = [voltage for _, voltage in found]
    errors = [abs(voltage - exact) for voltage in voltages]
    falling = [
        below(name, f"error at r = {finer.r / finer.lam:g} λ over that at twice the λ", HALVED, less / more)
        for (finer, _), less, more in zip(found[1:], errors[1:], errors, strict=False)
    ]
    limit = (4 * voltages[-1] - voltages[-2]) / 3
    return [*falling, relative(name, "extrapolated voltage", exact, limit, EXTRAPOLATED, "mV")]


def run_seeds(comm: MPI.Comm, full: bool) -> Report:
    """One disc with finer λ and finer cells, and larger ones; in full, other resistances and mobilities."""
    found = over_fineness(comm, full)
    first = found[0][0]
    larger = [replace(first, r=r) for r in LARGER]
    others = [replace(first, R_ct=R_ct) for R_ct in (0.8, 10.0)]
    others += [replace(first, mobility=FASTEST / part) for part in (2, 4)]
    more = with_voltages(comm, [AS_IN_FIG3I, *larger, *(others if full else [])])
    return _report(comm, found, more, replace(first, cell=first.cell / 2))


def run_balls(comm: MPI.Comm, full: bool) -> Report:
    """One ball with finer λ and coarser cells, and larger ones."""
    found = over_fineness(comm, full, dim=3)
    first = found[0][0]
    more = with_voltages(comm, [replace(first, r=r) for r in (LARGER if full else LARGER[:1])])
    return _report(comm, found, more, replace(first, cell=first.cell * 2))


def _report(
    comm: MPI.Comm, found: Sequence[tuple[Seed, float]], more: Sequence[tuple[Seed, float]], other: Seed
) -> Report:
    """All voltages, their limit, and the first against that of the same seed on other cells."""
    entries = [seed.entry(voltage) for seed, voltage in (*found, *more)]
    first, voltage = found[0]
    quantity = f"voltage with {other.cell / first.cell:g} times the cell size"
    by_cells = relative(other.name, quantity, voltage, other.voltage(comm), BY_CELLS, "mV")
    figure = _draw(found, [*found, *more]) if comm.rank == 0 else None
    return Report((*entries, *limit_entries(found), by_cells), figure)


@rc_context(STYLE)
def _draw(found: Sequence[tuple[Seed, float]], everything: Sequence[tuple[Seed, float]]) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    first, law = found[0][0], {2: "V$_m$γ/(Fr)", 3: "2V$_m$γ/(Fr)"}
    inverse = np.linspace(0, 1.1 / first.r, 2)
    left.plot(inverse, first.r * first.exact() * inverse, color=GREY, lw=1, label=law[first.dim])
    for k, lam in enumerate(sorted({seed.lam for seed, _ in everything}, reverse=True)):
        own = [(1 / seed.r, voltage) for seed, voltage in everything if seed.lam == lam]
        left.plot(
            *zip(*own, strict=True), MARKERS[k], ls="", mfc="none", color=colour(k), label=f"λ = {lam:g} µm"
        )
    left.set(xlabel="1/r (1/µm)", ylabel="Voltage in equilibrium (mV)", xlim=(0, None), ylim=(0, None))
    left.set_title(f"γ = {GAMMA:g} J/m²", fontsize=TITLE_SIZE)
    left.legend()
    errors = [abs(voltage / seed.exact() - 1) for seed, voltage in found]
    curve = Curve(f"r = {first.r:g} µm, h = λ/2", [seed.lam for seed, _ in found], errors, 2.0)
    draw_panel(right, Panel("Width of the front", "λ (µm)", "Error of the voltage", [curve]))
    return figure


CHECKS = (
    Check(
        "curvature_neutral",
        "A disc that does not react stands still, and shrinks as r² = r₀² − 2μt under the classical bracket.",
        run_neutral,
    ),
    Check(
        "gibbs_thomson",
        "Voltage at which a disc neither grows nor shrinks: Gibbs–Thomson, V_m γ/(F r).",
        run_seeds,
    ),
    Check(
        "gibbs_thomson_3d",
        "The same for a ball, twice that of a disc of its radius: 2V_m γ/(F r).",
        run_balls,
    ),
)
