"""The same charge there and back: without reaction and dead lithium everything is as it was at the start.

At any instant the shape of the lithium fixes the potential, and with kinetics that are odd (α = ½) the
opposite current gives the opposite speeds everywhere: lithium goes back the way it came. Capillarity, which
always moves lithium from nuclei to the foil, has no part in that and is left out here.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.plot.palette import colour
from fem_model.plot.style import STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, NUCLEUS, Tables, case
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.orders import PANEL
from fem_model.study.verification.runs import column, crossings, instants

NAME = "round_trip"
CURRENT, CAPACITY = "1 mA/cm^2", "0.25 mAh/cm^2"
CYCLES = 3
"""Number of cycles in full."""
TOLERANCE = 0.01
UM = 1e-6

NUCLEI: Tables = {  # far enough apart not to merge, which has no way back
    "microstructure.width": "16 um",
    "phase_field": {"lam": "0.18 um", "capillarity": "none"},
    "mesh": {"cell_size_front": "0.18 um", "cell_size_bulk": "1 um", "front_height": "5 um"},
    "anode.initial.nuclei": [
        {"position": "4 um", "radius": "1.5 um"},
        {"position": "11 um", "radius": "2.5 um"},
    ],
}
STARTS: dict[str, tuple[Tables, Tables]] = {
    "film": (FILM, {"phase_field.capillarity": "none"}),
    "nuclei": (NUCLEUS, NUCLEI),
}


@dataclass(frozen=True)
class Trip:
    """A run that plates and strips."""

    start: str
    t: Floats
    """s; then height of the tip (m) and voltage (V) at these times."""
    tip: Floats
    voltage: Floats
    foil: float
    """Charge left in the foil over that of a half-cycle."""
    moved: float
    """∫|ξ − ξ₀| dx over ∫ξ₀ dx at the end."""
    outlines: tuple[Floats, Floats, Floats]
    """Points (n, 3) where ξ = ½ at the start, at the turn and at the end, m."""

    def entries(self) -> list[Entry]:
        """Differences between the end and the start."""
        name, growth = f"{NAME}/{self.start}", float(np.ptp(self.tip))
        there, back = self.voltage[0] * 1e3, -self.voltage[-1] * 1e3
        return [
            below(name, "∫|ξ − ξ₀| dx over ∫ξ₀ dx", TOLERANCE, self.moved),
            below(
                name,
                "tip less that at the start, over its growth",
                TOLERANCE,
                (self.tip[-1] - self.tip[0]) / growth,
            ),
            relative(name, "voltage at the end, against that at the start", there, back, TOLERANCE, "mV"),
            below(name, "charge left in the foil over that of a half-cycle", TOLERANCE, self.foil),
        ]


def trip(comm: MPI.Comm, start: str, cycles: int = 1, more: Tables | None = None) -> Trip:
    """The run from one of STARTS, with `more` changes to its case."""
    base, changes = STARTS[start]
    drive = {"mode": "cycling", "current": CURRENT, "capacity": CAPACITY, "cycles": cycles}
    protocol = {"counter": {"kind": "lithium"}, "drive": drive, "time": {"end": "1000 h", "outputs": 1}}
    simulation = Simulation(case(base, changes | protocol | (more or {})), comm)
    model = simulation.model
    before, outlines = model.front.xi.copy(), [crossings(simulation)]
    for _ in instants(simulation):
        if simulation.schedule.results[-1].stage == 1 and len(outlines) == 1:
            outlines.append(crossings(simulation))
    outlines.append(crossings(simulation))
    integrate, dx = model.spaces.integrate, model.spaces.dx
    moved = integrate(abs(model.front.xi - before) * dx) / integrate(before * dx)
    t, tip, voltage, foil, throughput = (
        column(simulation, name)
        for name in ("t_s", "tip_m", "voltage_V", "charge_foil_C_m2", "charge_throughput_C_m2")
    )
    left = float(foil[-1] / throughput[-1]) * 2 * cycles
    return Trip(start, t, tip, voltage, left, moved, (outlines[0], outlines[1], outlines[2]))


def run(comm: MPI.Comm, full: bool) -> Report:
    """A film and nuclei; in full, several times."""
    trips = [trip(comm, start, CYCLES if full else 1) for start in STARTS]
    entries = [entry for found in trips for entry in found.entries()]
    return Report(tuple(entries), _draw(*trips) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(film: Trip, nuclei: Trip) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    for k, found in enumerate((film, nuclei)):
        left.plot(found.t / 60, (found.tip - found.tip[0]) / UM, color=colour(k), label=found.start)
    left.set(xlabel="Time (min)", ylabel="Growth of the tip (µm)")
    left.set_title(f"{CURRENT}, {CAPACITY} each way", fontsize=TITLE_SIZE)
    left.legend()
    _draw_outlines(right, nuclei)
    return figure


def _draw_outlines(axes: Axes, nuclei: Trip) -> None:
    looks = ((4, "start"), (2, "turn"), (1.5, "end"))
    for k, (points, (size, label)) in enumerate(zip(nuclei.outlines, looks, strict=True)):
        x, y = points.T[:2] / UM
        axes.plot(x, y, "o", ms=size, mew=0.5, mfc="none", color=colour((1, 2, 0)[k]), label=label)
    axes.set(xlabel="x (µm)", ylabel="y (µm)", aspect="equal", xlim=(0, 16), ylim=(0, 7))
    axes.set_title("ξ = ½ of the nuclei", fontsize=TITLE_SIZE)
    axes.legend(loc="upper right")


CHECK = Check(
    NAME,
    "Plating and stripping the same charge returns to the start: ξ, tip, voltage and foil, of a film and of "
    "nuclei, without reaction, capillarity and dead lithium.",
    run,
)
