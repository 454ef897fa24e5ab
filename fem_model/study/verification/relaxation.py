"""The mobility is a number of the method: it must not steer what grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.plot.palette import colour
from fem_model.plot.style import STYLE
from fem_model.study.verification.cases import NUCLEUS, case
from fem_model.study.verification.entry import Check, Entry, Report, relative
from fem_model.study.verification.orders import MARKERS, PANEL
from fem_model.study.verification.runs import column, finished

NAME = "relaxation_independent"
USUAL = 0.4
PECLETS = (0.2, 0.8)
MORE = (0.1, 0.3, 0.6)
"""Further Pe in full."""
TOLERANCE = 1e-2


@dataclass(frozen=True)
class Course:
    """Growth of the tip (µm) over time (min), and the share of the charge that went into the nucleus."""

    peclet: float
    t: Floats
    growth: Floats
    share: float

    def entries(self, usual: "Course") -> list[Entry]:
        """Held against the usual Pe."""
        name = f"{NAME}/Pe = {self.peclet:g} against {usual.peclet:g}"
        quantity = "charge of the nucleus over all charge"
        return [
            relative(name, "growth of the tip", usual.growth[-1], self.growth[-1], TOLERANCE, "µm"),
            relative(name, quantity, usual.share, self.share, TOLERANCE),
        ]


def course(comm: MPI.Comm, peclet: float) -> Course:
    """A nucleus that grows for half an hour, with h = λ/2."""
    changes = {
        "phase_field.peclet": peclet,
        "mesh.cell_size_front": "0.25 um",
        "time": {"end": "30 min", "outputs": 1},
    }
    simulation = finished(case(NUCLEUS, changes), comm)
    t, tip = column(simulation, "t_s"), column(simulation, "tip_m")
    last = simulation.recorder.last
    share = last["charge_metal_C_m2"] / last["charge_C_m2"]
    return Course(peclet, t / 60, (tip - tip[0]) * 1e6, share)


def run(comm: MPI.Comm, full: bool) -> Report:
    """The same nucleus at several mobilities."""
    usual = course(comm, USUAL)
    others = [course(comm, peclet) for peclet in (*PECLETS, *(MORE if full else ()))]
    entries = [entry for other in others for entry in other.entries(usual)]
    return Report(tuple(entries), _draw([usual, *others]) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(courses: Sequence[Course]) -> Figure:
    figure = Figure(figsize=PANEL, layout="constrained")
    axes = figure.subplots()
    for k, course in enumerate(courses):
        look: dict[str, Any] = {
            "marker": MARKERS[k],
            "mfc": "none",
            "ms": 4 + 1.5 * k,
            "lw": 1,
            "color": colour(k),
        }
        axes.plot(course.t, course.growth, label=f"Pe = {course.peclet:g}", **look)
    axes.set(xlabel="Time (min)", ylabel="Growth of the tip (µm)")
    axes.legend()
    return figure


CHECK = Check(
    NAME,
    "The tip of a growing nucleus does not depend on the mobility of the profile term, which is a number of "
    "the method and not of lithium.",
    run,
)
