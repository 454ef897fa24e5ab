"""Stability of the bulk: no lithium grows ahead of a front, however large the overpotential there."""

from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.plot.palette import colour
from fem_model.plot.style import STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, case
from fem_model.study.verification.entry import Check, Report, below, relative
from fem_model.study.verification.front_speed import CURRENT, LAM, SPEED, TRAVEL, UM
from fem_model.study.verification.orders import PANEL
from fem_model.study.verification.runs import column, to_the_end

NAME = "bulk"
NOISE, HAZE = 1e-6, 1e-4
"""Noise in ξ ahead of a front, enough to react (`processes.front.REACTS`), and what it may grow to."""
END = 20 * UM + TRAVEL
"""Height at which the front ends, m."""
QUIET = 20 * LAM
"""Distance ahead of there at which the noise starts, m; the tail of the front is 2e-9 there."""
TRAVEL_TOLERANCE = 1e-2


class Column(NamedTuple):
    """Height (m) and ξ of the nodes of a rank."""

    y: Floats
    xi: Floats

    def largest(self, comm: MPI.Comm) -> float:
        """Largest |ξ| where the noise started, on all ranks."""
        ahead = np.abs(self.xi[self.y > END + QUIET])
        return float(comm.allreduce(float(ahead.max(initial=0.0)), op=MPI.MAX))

    def gathered(self, comm: MPI.Comm) -> "Column":
        """The nodes of all ranks."""
        parts = comm.allgather(self)
        return Column(np.concatenate([part.y for part in parts]), np.concatenate([part.xi for part in parts]))


def noisy(comm: MPI.Comm) -> Simulation:
    """10 A/m² through 80 µm of electrolyte and 0.1 Ω cm²: far ahead, η is 20 times that of the front."""
    changes = {
        "mesh.front_height": "70 um",
        "kinetics": {"R_ct": "0.1 ohm cm^2"},
        "drive": {"mode": "galvanostatic", "current": f"{CURRENT} A/m^2"},
        "time": {"end": f"{TRAVEL / SPEED} s", "outputs": 1},
    }
    simulation = Simulation(case(FILM, changes), comm)
    model = simulation.model
    x, y = model.spaces.V.tabulate_dof_coordinates().T[:2]
    ahead = y > END + QUIET
    model.front.xi.x.array[ahead] += NOISE * scatter(x[ahead], y[ahead])
    model.front.update_distance()
    return simulation


def scatter(x: Floats, y: Floats) -> Floats:
    """Numbers between −1 and 1 that look random; of the place only, and so the same on any ranks."""
    large = 43758.5453 * np.sin(12.9898 * x / UM + 78.233 * y / UM)
    return np.asarray(2 * (large - np.floor(large)) - 1)


def column_of(simulation: Simulation) -> Column:
    """The nodes as they are now."""
    model = simulation.model
    return Column(model.spaces.V.tabulate_dof_coordinates()[:, 1], model.front.xi.x.array.copy())


def run(comm: MPI.Comm, full: bool) -> Report:
    """The front has moved, and the noise has not grown."""
    simulation = noisy(comm)
    before = column_of(simulation)
    tip = column(to_the_end(simulation), "tip_m")
    after = column_of(simulation)
    travel = float(tip[-1] - tip[0]) / LAM
    entries = (
        relative(NAME, "travel of the front over λ", TRAVEL / LAM, travel, TRAVEL_TOLERANCE),
        below(NAME, f"largest |ξ| from noise of {NOISE:g} ahead", HAZE, after.largest(comm)),
    )
    columns = before.gathered(comm), after.gathered(comm)
    return Report(entries, _draw(*columns) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(before: Column, after: Column) -> Figure:
    figure = Figure(figsize=PANEL, layout="constrained")
    axes = figure.subplots()
    for k, (label, nodes) in enumerate({"start": before, "end": after}.items()):
        axes.semilogy(nodes.y / UM, np.abs(nodes.xi), ".", ms=3, color=colour(k), label=label)
    axes.axhline(HAZE, color=colour(4), lw=1, label="limit ahead")
    axes.set(xlabel="Height (µm)", ylabel="|ξ|", ylim=(1e-13, 3))
    axes.set_title(f"Noise of {NOISE:g} above {(END + QUIET) / UM:g} µm", fontsize=TITLE_SIZE)
    axes.legend(loc="lower left")
    return figure


CHECK = Check(
    NAME,
    "No lithium grows in the electrolyte ahead of a front of low resistance: noise stays noise.",
    run,
)
