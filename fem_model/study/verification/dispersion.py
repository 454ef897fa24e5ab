"""Growth rate of one mode cos(kx) of a film's front, against the dispersion relation of a sharp front.

The amplitude is that of the film's thickness, (2/W) ∫ ξ cos(kx) dx over the width W of half a wavelength,
whose sides are mirrors. The cells are not the same all along, and so give the mode to a flat film as well,
some picometres of it; these are measured and taken away. What remains grows as exp st.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import ufl
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.case import Case
from fem_model.materials import V_m
from fem_model.numerics.algebra import AssembledVector, dot
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, case
from fem_model.study.verification.closed_forms import growth_rate, neutral_wavelength
from fem_model.study.verification.entry import Check, Entry, Report, absolute, relative
from fem_model.study.verification.runs import column, instants

NAME = "dispersion"
UM, OHM_CM2 = 1e-6, 1e-4
SIGMA, CURRENT, GAMMA = 0.357, 10.0, 0.5  # S/m, A/m², J/m²
LAM, CELL, DEPTH = 0.25, 0.125, 60.0  # µm
PECLET, FRONT_STEP = 0.2, 0.1
AMPLITUDE = 0.05  # µm
TRAVEL, START = 1.5, 0.4
"""Way of the front, µm, and the share of it on which its profile settles."""
MARGIN = 12 * LAM
"""Margin of the refined cells beyond the front's way on both sides, µm."""
TOLERANCE = 5e-2
RESISTANCES = (0.1, 0.8, 10.0)  # Ω cm²
WAVELENGTHS = (20.0, 30.0, 50.0, 80.0)  # µm
LINES = np.geomspace(9.0, 120.0, 300)
"""Wavelengths of the lines in the figure, µm."""


Look = dict[str, Any]


@dataclass(frozen=True)
class Mode:
    """A mode of wavelength µm on a film that is plated, or stripped with a negative current (A/m²)."""

    wavelength: float = 20.0
    R_ct: float = 0.8
    """Ω cm²."""
    gamma: float = GAMMA
    current: float = CURRENT

    @property
    def k(self) -> float:
        """Wave number, 1/m."""
        return 2 * np.pi / (self.wavelength * UM)

    @property
    def label(self) -> str:
        """Name of the mode in the report."""
        bare = "" if self.gamma else ", γ = 0"
        stripped = ", stripped" if self.current < 0 else ""
        return f"{self.wavelength:g} µm, {self.R_ct:g} Ω cm²{bare}{stripped}"

    def rate(self, L: Floats) -> Floats:
        """The sharp front's s at depths L (m), 1/s."""
        s: Floats = growth_rate(self.k, self.current, L, self.R_ct * OHM_CM2, SIGMA, self.gamma)
        return s

    def case(self, amplitude: float) -> Case:
        """The film on half a wavelength, λ = LAM, with fine cells only where the front goes."""
        speed = V_m * abs(self.current) / F
        start = MARGIN + (TRAVEL if self.current < 0 else 0.0)
        top = MARGIN + TRAVEL + MARGIN
        return case(
            FILM,
            {
                "microstructure": _box(self.wavelength / 2),
                "materials.E.sigma": f"{SIGMA} S/m",
                "mesh": _um(cell_size_front=CELL, cell_size_bulk=4.0, front_height=top),
                "phase_field": _um(lam=LAM) | {"gamma": f"{self.gamma} J/m^2", "peclet": PECLET},
                "kinetics": {"R_ct": f"{self.R_ct} ohm cm^2", "law": "linear"},
                "anode.initial": {"kind": "film"}
                | _um(thickness=start, amplitude=amplitude, wavelength=self.wavelength),
                "drive": {"mode": "galvanostatic", "current": f"{self.current} A/m^2"},
                "time": {"end": f"{TRAVEL * UM / speed} s", "outputs": 1, "front_step": FRONT_STEP},
            },
        )


def _um(**lengths: float) -> dict[str, str]:
    return {name: f"{value} um" for name, value in lengths.items()}


def _box(width: float) -> dict[str, object]:
    return {"layout": "layers", "layers": [{"material": "E", "share": 1.0}], **_um(width=width, depth=DEPTH)}


@dataclass(frozen=True)
class Kind:
    """Modes that are drawn alike."""

    label: str
    marker: str
    line: str
    gamma: float
    sign: int

    def holds(self, mode: Mode) -> bool:
        """True if a mode is one of them."""
        return mode.gamma == self.gamma and mode.current * self.sign > 0


KINDS = (
    Kind(f"γ = {GAMMA:g} J/m²", "o", "-", GAMMA, 1),
    Kind("γ = 0", "x", "--", 0.0, 1),
    Kind("stripped", "v", ":", GAMMA, -1),
)


@dataclass(frozen=True)
class Course:
    """Amplitude of the mode and depth of the electrolyte (m) at each instant (s) of a run."""

    t: Floats
    amplitude: Floats
    L: Floats


class Projection:
    """Takes a mode's amplitude from the film of a simulation."""

    def __init__(self, simulation: Simulation, mode: Mode) -> None:
        model = self.model = simulation.model
        self.width = model.spaces.area
        x, k = ufl.SpatialCoordinate(model.domain.mesh)[0], model.spaces.constant(mode.k)
        dx = model.domain.dx(metadata={"quadrature_degree": 4})
        self.weights = AssembledVector(ufl.cos(k * x) * ufl.TestFunction(model.spaces.V) * dx)
        self.weights.assemble()

    def amplitude(self) -> float:
        """(2/W) ∫ ξ cos(kx) dx now, m."""
        weights, xi = self.weights.array, self.model.front.xi.x.array
        return 2 / self.width * dot(self.weights.comm, weights, xi[: len(weights)])


def follow(comm: MPI.Comm, mode: Mode, amplitude: float) -> Course:
    """Run a film that starts with an amplitude (µm) of the mode."""
    simulation = Simulation(mode.case(amplitude), comm)
    projection = Projection(simulation, mode)
    amplitudes = [projection.amplitude() for _ in instants(simulation)]
    thickness = column(simulation, "li_volume_m3") / projection.width
    return Course(column(simulation, "t_s"), np.array(amplitudes), DEPTH * UM - thickness)


@dataclass(frozen=True)
class Growth:
    """A mode's mean rate over the later part of its way, of the sharp front and as computed, 1/s."""

    mode: Mode
    exact: float
    computed: float

    def entry(self) -> Entry:
        """One against the other."""
        return relative(_name(self.mode), "growth rate", self.exact, self.computed, TOLERANCE, "1/s")

    def neutral_entry(self) -> Entry:
        """None of the growth is left that there would be without capillarity."""
        bare = float(replace(self.mode, gamma=0.0).rate(np.array([DEPTH * UM]))[0])
        quantity = "growth rate over that without γ"
        return absolute(_name(self.mode), quantity, 0.0, self.computed / bare, TOLERANCE)


def _name(mode: Mode) -> str:
    return f"{NAME}/{mode.label}"


def growth(comm: MPI.Comm, mode: Mode, flat: Course) -> Growth:
    """Slope of ln amplitude over time; `flat` is the course of a film that starts flat on the same mesh."""
    course = follow(comm, mode, AMPLITUDE)
    late = course.t >= START * course.t[-1]
    t = course.t[late]
    own = course.amplitude[late] - np.interp(t, flat.t, flat.amplitude)
    computed = np.polyfit(t, np.log(own), 1)[0]
    return Growth(mode, float(mode.rate(course.L[late]).mean()), float(computed))


def modes(full: bool) -> list[Mode]:
    """One wavelength at all resistances, then without capillarity, and stripped; in full, all wavelengths."""
    wavelengths = WAVELENGTHS if full else WAVELENGTHS[:1]
    others = _others(full)
    return [
        *(Mode(*values) for values in product(wavelengths, RESISTANCES)),
        *(Mode(R_ct=R_ct, gamma=0.0) for R_ct in others),
        *(Mode(R_ct=R_ct, current=-CURRENT) for R_ct in others),
    ]


def neutral_modes(full: bool) -> list[Mode]:
    """Modes of the wavelength at which plating and capillarity balance, whatever the resistance."""
    wavelength = neutral_wavelength(CURRENT, SIGMA, GAMMA) / UM
    return [Mode(wavelength, R_ct) for R_ct in _others(full)]


def _others(full: bool) -> tuple[float, ...]:
    return RESISTANCES if full else RESISTANCES[1:2]


def growths(comm: MPI.Comm, modes: Sequence[Mode]) -> list[Growth]:
    """The growth of modes, each beside a flat film on its mesh, which is run once."""
    flat: dict[tuple[float, float], Course] = {}
    found = []
    for mode in modes:
        key = mode.wavelength, mode.current
        if key not in flat:
            flat[key] = follow(comm, replace(mode, R_ct=RESISTANCES[-1]), 0.0)
        found.append(growth(comm, mode, flat[key]))
    return found


def run(comm: MPI.Comm, full: bool) -> Report:
    """Modes that grow or shrink, and those that do neither."""
    found = growths(comm, modes(full))
    neutral = growths(comm, neutral_modes(full))
    entries = [*(growth.entry() for growth in found), *(growth.neutral_entry() for growth in neutral)]
    return Report(tuple(entries), _draw(found) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(found: Sequence[Growth]) -> Figure:
    figure = Figure(figsize=(7.2, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for kind in KINDS:
        _draw_kind(left, right, kind, [growth for growth in found if kind.holds(growth.mode)])
    left.set(xscale="log", yscale="log", ylabel="|Growth rate s| (1/s)", ylim=(3e-7, 3e-4))
    left.set_title(f"{CURRENT:g} A/m², σ = {SIGMA:g} S/m; lines: sharp front", fontsize=TITLE_SIZE)
    right.axhspan(1 - TOLERANCE, 1 + TOLERANCE, color=GREY, alpha=0.15, lw=0)
    right.axhline(1.0, color=GREY, lw=1)
    right.set(xscale="log", ylabel="s computed over s of the sharp front", ylim=(0.9, 1.1))
    right.legend(handles=_keys(), ncols=2)
    for axes in (left, right):
        axes.set(xlabel="Wavelength (µm)", xlim=(LINES[0], LINES[-1]))
        axes.set_xticks([10, 20, 50, 100], ["10", "20", "50", "100"])
        axes.xaxis.set_minor_formatter(NullFormatter())
    return figure


def _draw_kind(left: Axes, right: Axes, kind: Kind, found: Sequence[Growth]) -> None:
    for k, R_ct in enumerate(RESISTANCES):
        own = [growth for growth in found if growth.mode.R_ct == R_ct]
        if own:
            modes = [replace(own[0].mode, wavelength=wavelength) for wavelength in LINES]
            rates = [abs(mode.rate(np.array([DEPTH * UM]))[0]) for mode in modes]
            left.plot(LINES, rates, kind.line, color=colour(k), lw=1)
        look: Look = {"marker": kind.marker, "mfc": "none", "ms": 4.5, "ls": "", "color": colour(k)}
        places = [growth.mode.wavelength for growth in own]
        left.plot(places, [abs(growth.computed) for growth in own], **look)
        right.plot(places, [growth.computed / growth.exact for growth in own], **look)


def _keys() -> list[Line2D]:
    lines = [Line2D([], [], color=colour(k), label=f"{R_ct:g} Ω cm²") for k, R_ct in enumerate(RESISTANCES)]
    look: Look = {"color": GREY, "mfc": "none", "ms": 4.5, "lw": 1}
    return lines + [
        Line2D([], [], marker=kind.marker, ls=kind.line, label=kind.label, **look) for kind in KINDS
    ]


CHECK = Check(
    NAME,
    "Growth rate of a mode on a plating or stripping front under a given current: the dispersion relation of "
    "a sharp front with linear kinetics and surface energy.",
    run,
)
