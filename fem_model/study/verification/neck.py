"""A finger that rests keeps its neck while another one runs.

Two fingers stand on two boundaries between grains, one four times as tough as the other. Under a current
between their onsets one of them runs and the other rests. The mobility of the profile term follows the
fastest front. Were it the same everywhere, it would round the finger that rests, as it rounds all that is as
thin as a few λ: its neck would give its lithium to its head.
"""

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
from fem_model.study.verification.cases import Tables
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.finger import UM, Finger, currents
from fem_model.study.verification.orders import PANEL
from fem_model.study.verification.runs import crossings, instants

NAME = "neck"
WAY = 80.0
"""Way of the tip that runs, over λ."""
TOUGHER = 4.0
"""K of the path on which the other rests over that of this one."""
OVER = 1.6
"""Current over the onset of the weaker finger."""
FRONT_STEP = 0.4
"""v Δt/λ."""
MARGIN = 1.0
"""Distance over λ from foot and end of the flaw within which the neck is not looked for."""
NECK, REST = 0.03, 0.1
"""Tolerances: of the neck, and of the tip that rests over λ."""


@dataclass(frozen=True)
class Resting:
    """Shape of the finger that rests while the other one has run."""

    finger: Finger
    y: Floats
    """Heights, µm; and widths at these heights at the start and in the end, over λ."""
    before: Floats
    after: Floats
    withdrawn: float
    """Way of its tip, over λ."""
    outlines: tuple[Floats, Floats]
    """Points (n, 3) where ξ = ½ at the start and in the end, m."""

    def entries(self) -> list[Entry]:
        """Neck and tip."""
        kept = float((self.after / self.before).min())
        return [
            relative(NAME, "narrowest width over that at the start", 1.0, kept, NECK),
            below(NAME, "tip that rests less that at the start, over λ", REST, self.withdrawn),
        ]


def rest(comm: MPI.Comm, finger: Finger) -> Resting:
    """The run: the finger rests at a third of the width, the other runs at two thirds."""
    both = 2 * finger.free - 1  # free share of the face beside two fingers
    i = OVER * finger.onset() * both / finger.free
    given = finger.case(currents([(i, 3.6e8)]), {"front_step": FRONT_STEP}, _two(finger))
    simulation = Simulation(given, comm)
    start = crossings(simulation)
    for _ in instants(simulation):
        if simulation.recorder.landmarks.climbed > WAY * finger.lam * UM:
            break
    end = crossings(simulation)
    y = np.linspace(MARGIN * finger.lam, finger.flaw - MARGIN * finger.lam, 40)
    before, after = (_widths(points / UM, finger, y) for points in (start, end))
    tips = [points[points[:, 0] < finger.width / 2 * UM, 1].max() for points in (start, end)]
    withdrawn = float(tips[1] - tips[0]) / (finger.lam * UM)
    return Resting(finger, y, before, after, withdrawn, (start, end))


def _two(finger: Finger) -> Tables:
    """Case of two fingers from a case of one."""
    names = ("A", "B", "C")
    layers = [{"material": name, "share": 1 / 3} for name in names]
    box = {"width": f"{finger.width} um", "depth": f"{finger.depth} um"}
    tough = {"pair": "A|B", "toughness": f"{TOUGHER * finger.K} MPa m^0.5"}
    K, a = f"{finger.K} MPa m^0.5", f"{finger.a} um"
    return {
        "microstructure": {"layout": "layers", "layers": layers, **box},
        "materials": {name: {"sigma": "5000 S/m"} for name in names},
        "intrusion": {"toughness": K, "law": "fixed", "length": a, "pairs": [tough]},
        "anode": {"initial": finger.initial(finger.width / 3, 2 * finger.width / 3)},
    }


def _widths(points: Floats, finger: Finger, y: Floats) -> Floats:
    """Widths over λ of the left finger at heights y, from points on its contour; all in µm."""
    left = points[points[:, 0] < finger.width / 2]
    middle = finger.width / 3
    sides = [left[left[:, 0] < middle], left[left[:, 0] >= middle]]
    ordered = [side[np.argsort(side[:, 1])] for side in sides]
    x = [np.interp(y, side[:, 1], side[:, 0]) for side in ordered]
    return np.asarray(x[1] - x[0]) / finger.lam


def run(comm: MPI.Comm, full: bool) -> Report:
    """The two fingers, of the half-width 3 λ."""
    resting = rest(comm, Finger(width=9.0, depth=27.0))
    return Report(tuple(resting.entries()), _draw(resting) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(found: Resting) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_outlines(left, found)
    right.plot(found.y / found.finger.lam, found.after / found.before, color=colour(0))
    for level in (1 - NECK, 1 + NECK):
        right.axhline(level, color=GREY, ls=":", lw=1)
    right.set(xlabel="Height over λ", ylabel="Width in the end over that at the start")
    right.set_title(f"After {WAY:g} λ of motion of the other", fontsize=TITLE_SIZE)
    return figure


def _draw_outlines(axes: Axes, found: Resting) -> None:
    for k, (points, label) in enumerate(zip(found.outlines, ("start", "end"), strict=True)):
        x, y = points.T[:2] / UM
        axes.plot(x, y, ".", ms=3 - k, color=colour(4 * k), label=label)
    axes.set(xlabel="x (µm)", ylabel="y (µm)", aspect="equal", xlim=(0, found.finger.width))
    axes.set_title("ξ = ½", fontsize=TITLE_SIZE)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


CHECK = Check(
    NAME,
    "A finger of the half-width 3 λ that rests on a tough path keeps its neck while the tip of another one "
    "runs for 80 λ.",
    run,
)
