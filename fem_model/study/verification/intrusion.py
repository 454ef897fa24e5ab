"""Lithium enters a path where theory lets it, and runs as fast as theory says (see `finger`).

The onset is found by a staircase of currents in steps of 2 %, each so long that a tip moves by about λ where
the current is 2 % above i_c. A finger runs where it moves by a quarter of that.

The height of a tip that runs is held against dz/dt = (V_m/F) i_n(η − P(z)), integrated with the η that the
run has, for the laws of the crack length: fixed, a = z, and a = min(z, W/2πY²), as sides that mirror make an
array of the finger between them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.finger import UM, Finger, by_stage, currents
from fem_model.study.verification.orders import PANEL
from fem_model.study.verification.runs import column, instants

NAME = "intrusion"
LEVELS = (0.95, 0.97, 0.99, 1.01, 1.03, 1.05)
"""Currents of the steps over i_c."""
RUNS = 0.25
"""Way over λ in a step from which a finger runs."""
REST = 0.1
"""Way over λ in a step up to which it rests, at currents up to STILL i_c."""
STILL = 0.975
ONSET_TOLERANCE, TIP_TOLERANCE, FINE_TOLERANCE = 0.04, 0.05, 0.02

BOX_3D = Finger(width=4.0, breadth=4.0, depth=5.0, flaw=1.5)
"""A round flaw on the plane between two grains."""
FEW = (Finger(), Finger(K=1.0, a=1.0, law="butler-volmer", alpha=0.3), BOX_3D)
MORE = (
    Finger(K=0.1),
    Finger(K=0.5),
    Finger(a=1.1),
    Finger(a=30.0),
    Finger(width=3.5),
    Finger(width=10.0),
    Finger(R_ct=0.8),
    Finger(R_ct=100.0),
    Finger(K=1.0, a=1.0, law="butler-volmer", alpha=0.7),
    Finger(closing=20.0),
)
"""Further ones in full."""


@dataclass(frozen=True)
class Climb:
    """Height (over λ) of a finger in each step of a staircase, up to the first in which it runs."""

    finger: Finger
    way: Floats

    def onset(self) -> float:
        """Current over i_c of the first step in which it runs; NaN if it never does."""
        return LEVELS[len(self.way) - 1] if self.way[-1] > RUNS else math.nan

    def entries(self) -> list[Entry]:
        """The onset, and rest below it."""
        name, i = f"{NAME}{self._dimension}/{self.finger.label}", self.finger.onset()
        resting = self.way[np.array(LEVELS)[: len(self.way)] < STILL]
        return [
            relative(name, "current from which it runs", i, i * self.onset(), ONSET_TOLERANCE, "A/m²"),
            below(name, f"way in a step below {STILL:g} i_c, over λ", REST, resting.max()),
        ]

    @property
    def _dimension(self) -> str:
        return "" if self.finger.breadth is None else "/3D"


def climb(comm: MPI.Comm, finger: Finger) -> Climb:
    """The staircase, to the end of what is to be seen of it."""
    time, lam = finger.step_time(), finger.lam * UM
    drive = currents([(level * finger.onset(), time) for level in LEVELS])
    simulation = Simulation(finger.case(drive, {}, {}), comm)
    for _ in instants(simulation):
        way = np.diff(by_stage(simulation, "tip_m")) / lam
        if way.max() > RUNS:
            break
    return Climb(finger, way[: 1 + np.argmax(way > RUNS)] if way.max() > RUNS else way)


@dataclass(frozen=True)
class Run:
    """A finger that runs for `way` (µm), first at `over` times the current of its onset."""

    finger: Finger
    over: float = 1.6
    way: float = 3.0
    tolerance: float = TIP_TOLERANCE


RUNNING = (
    Run(Finger()),
    Run(Finger(a=1.0, length="height")),
    Run(Finger(a=0.5, length="relief", width=40.0, flaw=1.5, bulk=1.5), over=1.3, way=6.0),
)
FINE = (
    Run(Finger(cell=0.5), tolerance=FINE_TOLERANCE),
    Run(Finger(K=0.4, a=3.0, law="butler-volmer")),
    Run(Finger(width=10.0, lam=0.4, depth=16.0)),
)
"""Further ones in full."""


@dataclass(frozen=True)
class Course:
    """Height of a tip, µm, over time, s, and what theory makes of the overpotential."""

    run: Run
    t: Floats
    tip: Floats
    theory: Floats

    def entry(self) -> Entry:
        """The way held against theory."""
        name = f"{NAME}/{self.run.finger.label}, tip"
        expected, found = (float(z[-1] - z[0]) for z in (self.theory, self.tip))
        return relative(name, "way of the tip", expected, found, self.run.tolerance, "µm")


def follow(comm: MPI.Comm, run: Run) -> Course:
    """The run."""
    finger = run.finger
    i = run.over * finger.onset(finger.flaw + finger.half_width)
    simulation = Simulation(finger.case(currents([(i, 3.6e8)]), {}, {}), comm)
    for _ in instants(simulation):
        if simulation.recorder.landmarks.climbed > run.way * UM:
            break
    t, tip, eta = (column(simulation, name) for name in ("t_s", "tip_m", "voltage_V"))
    return Course(run, t, tip / UM, _integrate(finger, t, tip[0] / UM, eta))


def _integrate(finger: Finger, t: Floats, z: float, eta: Floats) -> Floats:
    """Heights by the midpoint rule, µm."""
    heights = [z]
    for dt, mean in zip(np.diff(t), 0.5 * (eta[1:] + eta[:-1]), strict=True):
        middle = z + 0.5 * dt * finger.speed(mean, z)
        z += dt * finger.speed(mean, middle)
        heights.append(z)
    return np.array(heights)


def run(comm: MPI.Comm, full: bool) -> Report:
    """Onsets and running tips."""
    climbs = [climb(comm, finger) for finger in (*FEW, *(MORE if full else ()))]
    courses = [follow(comm, running) for running in (*RUNNING, *(FINE if full else ()))]
    entries = [entry for found in climbs for entry in found.entries()]
    entries += [course.entry() for course in courses]
    return Report(tuple(entries), _draw(climbs, courses) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(climbs: Sequence[Climb], courses: Sequence[Course]) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    for k, found in enumerate(climbs):
        left.plot(LEVELS[: len(found.way)], found.way, "o-", ms=3, lw=1, color=colour(k))
    left.axvline(1, color=GREY, ls=":", lw=1)
    left.axhline(RUNS, color=GREY, ls=":", lw=1)
    left.set(xlabel="Current over i$_c$", ylabel="Way of the tip in a step over λ")
    left.set_title(f"{len(climbs)} sets of K, a, f, R$_{{ct}}$, α, both laws", fontsize=TITLE_SIZE)
    _draw_tips(right, courses[: len(RUNNING)])
    return figure


def _draw_tips(axes: Axes, courses: Sequence[Course]) -> None:
    for k, course in enumerate(courses):
        hours, every = course.t / 3600, slice(None, None, max(1, len(course.t) // 12))
        axes.plot(hours, course.theory, color=colour(k), lw=1)
        label = {"fixed": "a fixed", "height": "a = z", "relief": "a by relief"}[course.run.finger.length]
        axes.plot(hours[every], course.tip[every], "o", ms=4, mfc="none", color=colour(k), label=label)
    axes.set(xlabel="Time (h)", ylabel="Height of the tip (µm)")
    axes.set_title("Circles: computed. Lines: dz/dt = V$_m$ i$_n$(η − P)/F", fontsize=TITLE_SIZE)
    axes.legend()


CHECK = Check(
    NAME,
    "A finger on a path between grains runs from i_c = f i_n(V_m K/(F Y √(πa))) on, at the speed "
    "(V_m/F) i_n(η − P): onsets by Irwin's criterion, in 2D and 3D, and three laws of the crack length.",
    run,
)
