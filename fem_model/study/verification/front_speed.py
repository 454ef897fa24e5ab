"""A flat front in motion: how fast it moves, and the profile it keeps.

A galvanostatic drive would move any front at the right speed, by the conservation of charge. So the front
reacts at a prescribed current density here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.laws.interface import tanh_profile
from fem_model.materials import V_m
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, case
from fem_model.study.verification.entry import Check, Entry, Report, relative
from fem_model.study.verification.runs import column, crossings, finished

NAME = "front_speed"
UM = 1e-6
LAM = UM  # m
CURRENT = 10.0  # A/m²
SPEED = V_m * CURRENT / F  # m/s
TRAVEL = 20 * LAM
WIDTH = 2 * np.log(9)
"""10–90 % width of the tanh profile over λ."""
PECLETS = (0.2, 0.8)
FRONT_STEP = 0.1
SPEED_TOLERANCE, PECLET_TOLERANCE, WIDTH_TOLERANCE = 1e-3, 2e-3, 3e-2
SWEEP = ((0.5, 0.5, 0.1), (0.5, 0.5, 0.2), (0.5, 0.5, 0.4), (0.5, 1.0, 0.1), (0.5, 0.25, 0.1))
"""Pe, cell size in µm, and v Δt/λ of the further runs in full."""


@dataclass(frozen=True)
class Motion:
    """A front that has moved by TRAVEL, with λ = 1 µm."""

    peclet: float
    cell: float
    """Cell size, µm."""
    front_step: float
    """v Δt/λ."""
    simulation: Simulation

    @property
    def label(self) -> str:
        """Name of the motion in the report."""
        return f"Pe = {self.peclet:g}, h = {self.cell:g} λ, vΔt = {self.front_step:g} λ"

    def height(self) -> Floats:
        """Height of ξ = ½ at each step, m."""
        return column(self.simulation, "tip_m")

    def speed(self) -> float:
        """Speed of ξ = ½ over the last quarter of the way, without the last step, which is shorter, m/s."""
        t, height = column(self.simulation, "t_s")[:-1], self.height()[:-1]
        late = t >= 0.75 * t[-1]
        return float(np.polyfit(t[late], height[late], 1)[0])

    def above(self, level: float) -> float:
        """Mean height of a level of ξ above ξ = ½ at the end, in λ."""
        axis = self.simulation.model.spaces.axis
        mean = [crossings(self.simulation, value)[:, axis].mean() for value in (level, 0.5)]
        return float(mean[0] - mean[1]) / LAM

    def entries(self, check: str = NAME) -> list[Entry]:
        """Speed and width."""
        name, speed, width = f"{check}/{self.label}", self.speed(), self.above(0.1) - self.above(0.9)
        return [
            relative(name, "speed", SPEED, speed, SPEED_TOLERANCE, "m/s"),
            relative(name, "10–90 % width over λ", WIDTH, width, WIDTH_TOLERANCE),
        ]


def moved(
    comm: MPI.Comm,
    peclet: float,
    cell: float = 0.5,
    front_step: float = FRONT_STEP,
    more: Mapping[str, Any] | None = None,
) -> Motion:
    """A flat front that reacts at CURRENT everywhere, from 20 to 40 µm; `more` are changes to the case."""
    changes = {
        **(more or {}),
        "microstructure.depth": "60 um",
        "mesh": {"cell_size_front": f"{cell} um", "cell_size_bulk": "2 um", "front_height": "50 um"},
        "phase_field.peclet": peclet,
        "time": {"end": f"{TRAVEL / SPEED} s", "outputs": 1, "front_step": front_step},
    }
    extras = Extras(front_current=CURRENT, electrodes=False)
    return Motion(peclet, cell, front_step, finished(case(FILM, changes), comm, extras))


def run(comm: MPI.Comm, full: bool) -> Report:
    """The front at two mobilities, and in full with other cells and steps."""
    slow, fast = (moved(comm, peclet) for peclet in PECLETS)
    more = [moved(comm, *values) for values in SWEEP] if full else []
    entries = [entry for motion in (slow, fast, *more) for entry in motion.entries()]
    travel = [float(motion.height()[-1] - motion.height()[0]) for motion in (slow, fast)]
    name = f"{NAME}/Pe = {PECLETS[1]:g} against {PECLETS[0]:g}"
    entries.append(relative(name, "travel of ξ = ½", travel[0], travel[1], PECLET_TOLERANCE, "m"))
    return Report(tuple(entries), draw_motions([slow, fast]))


def draw_motions(motions: Sequence[Motion]) -> Figure | None:
    """Profiles and ways of fronts (collective); the figure is made on rank 0 only."""
    columns = [_column_of_nodes(motion.simulation) for motion in motions]
    if motions[0].simulation.comm.rank != 0:
        return None
    with rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.0), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_profiles(left, motions, columns)
        _draw_travel(right, motions)
    return figure


def _column_of_nodes(simulation: Simulation) -> tuple[Floats, Floats]:
    """Height above ξ = ½ in λ, and ξ, of the nodes near the front on all ranks."""
    axis = simulation.model.spaces.axis
    x = simulation.model.spaces.V.tabulate_dof_coordinates()[:, axis]
    height = (x - crossings(simulation)[:, axis].mean()) / LAM
    near = np.abs(height) < 8
    parts = simulation.comm.allgather((height[near], simulation.model.front.xi.x.array[near]))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _draw_profiles(axes: Axes, motions: Sequence[Motion], columns: Sequence[tuple[Floats, Floats]]) -> None:
    n = np.linspace(-8, 8, 200)
    axes.plot(n, tanh_profile(n, 1.0), color=GREY, lw=1, label="tanh")
    for k, (motion, (height, xi)) in enumerate(zip(motions, columns, strict=True)):
        axes.plot(
            height, xi, "o+"[k], ms=3 + 2 * k, mfc="none", color=colour(k), label=f"Pe = {motion.peclet:g}"
        )
    axes.set(xlabel="Distance from ξ = ½ over λ", ylabel="ξ")
    axes.set_title(f"Profile after {TRAVEL / LAM:g} λ", fontsize=TITLE_SIZE)
    axes.legend()


def _draw_travel(axes: Axes, motions: Sequence[Motion]) -> None:
    for k, motion in enumerate(motions):
        exact = SPEED * column(motion.simulation, "t_s")
        off = motion.height() - motion.height()[0] - exact
        axes.plot(exact / LAM, off / LAM, color=colour(k), label=f"Pe = {motion.peclet:g}")
    axes.axhline(0, color=GREY, lw=1)
    axes.set(xlabel="Way of the sharp front, V$_m$it/F, over λ", ylabel="Computed minus sharp over λ")
    axes.set_title("Place of ξ = ½", fontsize=TITLE_SIZE)
    axes.legend()


CHECK = Check(
    NAME,
    "A front that reacts at a prescribed current density i moves at V_m i/F, whatever the mobility, and "
    "keeps the tanh profile.",
    run,
)
