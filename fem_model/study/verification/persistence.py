"""Persistence of cracks: a finger that is stripped and plated again comes back, and no farther.

A finger on a path (see `finger`) is stripped until it rests as a plug, then plated at the same current, below
that of its onset, until it is full again and rests. Its sides do not dissolve, and what withdraws covers as
much of the face as it did. So all of the face reacts alike, and the tip withdraws at V_m i/F.

Without a plug nothing would be left to grow again. Without a memory it could not, as its path resists. With
one that lets too much be open, each reversal would take the tip farther. After all of them the onset must be
that of the finger as it then is, f i_n(P) with the free share f of the face.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.laws.interface import lithium_fraction
from fem_model.materials import V_m
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.finger import UM, Finger, by_stage, currents
from fem_model.study.verification.orders import PANEL
from fem_model.study.verification.runs import column, instants

NAME = "persistence"
REVERSALS = 10
BELOW = 0.8
"""Current of the reversals over i_c."""
STRIPPED, PLATED = 1.4, 4.0
"""Times of stripping and plating over that in which the tip would reach the plug."""
FRONT_STEP = 0.2
"""v Δt/λ."""
SHORT = Finger(width=4.0, depth=6.0, flaw=2.5)
LEVELS = tuple(round(0.89 + 0.02 * k, 2) for k in range(12))
"""Currents over the first i_c of the steps that find the onset in the end."""
RUNS = 0.25
"""Way over λ in such a step from which the finger runs."""
TIP, SPEED, LITHIUM, ONSET = 0.3, 0.02, 0.01, 0.06
"""Tolerances: of the tip over λ, the others relative."""


@dataclass(frozen=True)
class Reversals:
    """A run that is over: what of it is seen."""

    finger: Finger
    t: Floats
    """s; and heights of the tip (µm) at these times."""
    tip: Floats
    ends: Floats
    """Heights at the start and at the end of each stage, µm."""
    lithium: Floats
    """Charge of the finger at the start and at the end of each stage, C/m²."""
    free: float
    """Share of the face that is free of the finger after the reversals."""

    def onset(self) -> float:
        """Current of the first step in the end in which it runs, A/m²; NaN if it never does."""
        way = np.diff(self.ends[2 * REVERSALS :]) / self.finger.lam
        running = np.flatnonzero(way > RUNS)
        return LEVELS[running[0]] * self.finger.onset() if len(running) else math.nan

    def entries(self) -> list[Entry]:
        """Withdrawal, tip, lithium and onset."""
        finger, ends = self.finger, (self.lithium[2], self.lithium[2 * REVERSALS])
        stripped, plated = abs(np.diff(self.lithium)[2 * REVERSALS - 2 : 2 * REVERSALS])
        way = (self.ends[2 * REVERSALS] - self.ends[0]) / finger.lam
        off = abs(self.ends[1 : 2 * REVERSALS : 2] / finger.half_width - 1).max()
        half = int(np.searchsorted(self.t, 0.5 * _time_to_plug(finger)))
        expected, found = _speed(finger) * self.t[half], self.tip[0] - self.tip[half]
        onset = finger.onset() * self.free / finger.free
        name = f"{NAME}/h = {finger.cell:g} λ"
        return [
            relative(name, "way of the tip half-way to its plug", expected, found, SPEED, "µm"),
            below(name, "distance from its plug at which it rests, over that height", 0.5, off),
            below(name, "tip after all reversals from that at the start, over λ", TIP, abs(way)),
            relative(name, "lithium after the last cycle, as after the first", *ends, LITHIUM, "C/m²"),
            relative(name, "lithium plated in the last, as stripped", stripped, plated, LITHIUM, "C/m²"),
            relative(name, "current from which it runs in the end", onset, self.onset(), ONSET, "A/m²"),
        ]


def reverse(comm: MPI.Comm, finger: Finger) -> Reversals:
    """The run."""
    anode = {"foil_thickness": "1 mm", "initial": finger.initial()}
    given = finger.case(currents(_steps(finger)), {"front_step": FRONT_STEP}, {"anode": anode})
    simulation = Simulation(given, comm)
    start, free = lithium(simulation), math.nan
    for _ in instants(simulation):
        stage = simulation.recorder.last["stage"]
        if stage <= 2 * REVERSALS:
            free = free_share(simulation)
        elif _runs(by_stage(simulation, "tip_m")[2 * REVERSALS :], finger):
            break
    ends, grown = by_stage(simulation, "tip_m") / UM, by_stage(simulation, "charge_metal_C_m2")
    t, tip = column(simulation, "t_s"), column(simulation, "tip_m") / UM
    return Reversals(finger, t, tip, ends, start + grown, free)


def _speed(finger: Finger) -> float:
    """V_m i/F of the reversals, µm/s."""
    return V_m / F * BELOW * finger.onset() / UM


def _time_to_plug(finger: Finger) -> float:
    """Time (s) in which the tip withdraws to the height of the plug, the half-width of the path."""
    return finger.flaw / _speed(finger)


def _steps(finger: Finger) -> list[tuple[float, float]]:
    """Currents (A/m²) and times (s)."""
    i, T = finger.onset(), _time_to_plug(finger)
    cycle = [(-BELOW * i, STRIPPED * T), (BELOW * i, PLATED * T)]
    return REVERSALS * cycle + [(level * i, finger.step_time()) for level in LEVELS]


def _runs(heights: Floats, finger: Finger) -> bool:
    return bool((np.diff(heights) > RUNS * finger.lam * UM).any())


def lithium(simulation: Simulation) -> float:
    """Charge of the lithium in the electrolyte over the face, C/m²."""
    return F / V_m * float(simulation.recorder.measures.lithium().sum()) / simulation.model.spaces.area


def free_share(simulation: Simulation) -> float:
    """∫(1 − h) over the face, of its area."""
    model = simulation.model
    face = model.spaces.ds(model.domain.faces["anode"])
    return float(model.spaces.integrate((1 - lithium_fraction(model.front.xi)) * face) / model.spaces.area)


def run(comm: MPI.Comm, full: bool) -> Report:
    """Ten reversals; in full with finer cells as well."""
    found = [reverse(comm, finger) for finger in (SHORT, *((replace(SHORT, cell=0.5),) if full else ()))]
    entries = [entry for reversals in found for entry in reversals.entries()]
    return Report(tuple(entries), _draw(found[0]) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(found: Reversals) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    over = (found.tip - found.tip[0]) / found.finger.lam
    reversals = found.t <= sum(time for _, time in _steps(found.finger)[: 2 * REVERSALS])
    left.plot(found.t[reversals] / 3600, over[reversals], color=colour(0), lw=1)
    for level in (-TIP, TIP):
        left.axhline(level, color=GREY, ls=":", lw=1)
    left.set(xlabel="Time (h)", ylabel="Tip less that at the start, over λ")
    left.set_title(f"{REVERSALS} reversals at {BELOW:g} i$_c$", fontsize=TITLE_SIZE)
    cycles = np.arange(1, REVERSALS + 1)
    empty, filled = (found.lithium[k : 2 * REVERSALS + 1 : 2] / 1e3 for k in (1, 2))
    right.plot(cycles, filled, "o-", ms=4, color=colour(1), label="plated")
    right.plot(cycles, empty, "s-", ms=4, color=colour(4), label="stripped")
    right.set(xlabel="Cycle", ylabel="Lithium of the finger (kC/m²)", ylim=(0, None))
    right.legend()
    return figure


CHECK = Check(
    NAME,
    "A finger that is stripped to its plug and plated ten times below its onset withdraws at V_m i/F, comes "
    "back to where it was with the same lithium each time, and has the same onset in the end.",
    run,
)
