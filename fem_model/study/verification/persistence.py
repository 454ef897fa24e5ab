"""Persistence of cracks: a finger that is stripped and plated again comes back, and no farther.

A finger on a path (see `finger`) is stripped for a time T, then plated at the same current, below that of its
onset, until it is full again and rests. Without a memory it could not come back at all, as its path resists.
With one that lets too much be open, each reversal would take the tip farther. After all of them the onset
must be that of the finger as it then is, f i_n(P) with the free share f of the face.
"""

import math
from dataclasses import dataclass

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
WITHDRAWN = 1.5
"""Way over λ by which a finger would withdraw in T under all of the overpotential of that current."""
LONGER = 4
"""Time of plating over T: the foil takes what the finger does not."""
FRONT_STEP = 0.1
"""v Δt/λ."""
LEVELS = tuple(round(0.89 + 0.02 * k, 2) for k in range(12))
"""Currents over the first i_c of the steps that find the onset in the end."""
RUNS = 0.25
"""Way over λ in such a step from which the finger runs."""
TIP, LITHIUM, ONSET = 0.5, 0.05, 0.06
"""Tolerances: of the tip over λ, and relative ones."""


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
        """Tip, lithium and onset."""
        stripped = -np.diff(self.lithium)[: 2 * REVERSALS : 2]
        full = self.lithium[2 : 2 * REVERSALS + 1 : 2]
        way = (self.ends[2 * REVERSALS] - self.ends[0]) / self.finger.lam
        onset = self.finger.onset() * self.free / self.finger.free
        name, last = f"{NAME}/h = {self.finger.cell:g} λ", f"cycle {REVERSALS}, against the first"
        return [
            below(name, "tip after all reversals less that at the start, over λ", TIP, way),
            relative(name, f"lithium after {last}", full[0], full[-1], LITHIUM, "C/m²"),
            relative(name, f"lithium stripped in {last}", stripped[0], stripped[-1], LITHIUM, "C/m²"),
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


def _steps(finger: Finger) -> list[tuple[float, float]]:
    """Currents (A/m²) and times (s)."""
    i, P = finger.onset(), finger.resistance(finger.a)
    T = WITHDRAWN * finger.lam / finger.speed(P + BELOW * P)
    cycle = [(-BELOW * i, T), (BELOW * i, LONGER * T)]
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
    found = [reverse(comm, finger) for finger in (Finger(), *((Finger(cell=0.5),) if full else ()))]
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
    "A finger that is stripped and plated ten times below its onset comes back to where it was, gives and "
    "takes the same lithium each time, and has the same onset in the end.",
    run,
)
