"""Isolated lithium: it floats at the right potential, drifts, keeps its area, takes no net current."""

from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.study.verification.cases import NUCLEUS, case
from fem_model.study.verification.closed_forms import capillary_voltage
from fem_model.study.verification.drifting_disc import Drift, drift
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.floating_disc import ABOVE, CURRENT, DRIVE, RADIUS, UM, Current, Disc
from fem_model.study.verification.orders import MARKERS, PANEL
from fem_model.study.verification.runs import column, finished

NAME = "isolated"
QS, FINENESS = (0.5, 1.0, 3.0, 10.0), (8, 16)
"""σR/a, and a/λ."""
GAMMA, MV = 0.5, 1e-3  # J/m², V
AMPLITUDE, LIMIT, POTENTIAL, HARMONIC, NET = 0.02, 5e-3, 2e-3, 2e-3, 1e-8
"""Tolerances of a disc at rest; LIMIT is that of λ → 0."""
AREA, MOVED, ROUND, AT_START = 1e-3, 0.02, 2e-3, 0.03
"""Tolerances of one that drifts."""
SAME = 1e-12


def at_rest(comm: MPI.Comm, q: float) -> tuple[list[Entry], Current]:
    """Current and potential of a disc on two λ, and their limit."""
    name, exact = f"{NAME}/σR = {q:g} a", 2 * CURRENT / (1 + q)
    coarse, fine = (Disc(q, n).solve(comm) for n in FINENESS)
    limit = (4 * fine.through - coarse.through) / 3
    quantity = "amplitude of the current over its surface"
    return [
        relative(name, quantity, exact, fine.through, AMPLITUDE, "A/m²"),
        relative(name, f"{quantity}, λ → 0", exact, limit, LIMIT, "A/m²"),
        below(name, "other harmonics over that", HARMONIC, fine.others / exact),
        below(name, "net current over that", NET, fine.net / exact),
        below(
            name, "potential less that of its centre, over G a", POTENTIAL, (fine.potential - ABOVE) / DRIVE
        ),
    ], fine


def capillary(comm: MPI.Comm) -> Entry:
    """Potential drop by the surface energy."""
    coarse, fine = ((ABOVE - Disc(1.0, n, GAMMA).solve(comm).potential) / MV for n in FINENESS)
    exact, limit = float(capillary_voltage(RADIUS, GAMMA)) / MV, (4 * fine - coarse) / 3
    name = f"{NAME}/γ = {GAMMA:g} J/m²"
    return relative(name, "potential below that of its centre, λ → 0", exact, limit, LIMIT, "mV")


def drift_entries(found: Drift) -> list[Entry]:
    """Entries of a drifting disc: it keeps area and shape, and moves as the film does."""
    name, shape = f"{NAME}/drifting, σR = a", found.slender[-1] / found.slender[0]
    return [
        below(name, "potential at the start less that of the field, over G a", AT_START, found.off_at_start),
        relative(name, "distance over that of a front under the same current", 1.0, found.moved, MOVED),
        below(name, "largest change of its area, relative", AREA, abs(found.area / found.area[0] - 1).max()),
        relative(name, "height over width, over that at the start", 1.0, shape, ROUND),
    ]


def connected(comm: MPI.Comm) -> list[Entry]:
    """Entries without islands: `floating` is `connected`."""
    changes = {"time": {"end": "3 min", "outputs": 1}}
    one, other = (
        finished(case(NUCLEUS, changes | {"anode.islands": islands}), comm)
        for islands in ("connected", "floating")
    )
    entries = []
    for quantity in ("voltage_V", "tip_m", "li_volume_m3", "charge_metal_C_m2"):
        a, b = column(one, quantity), column(other, quantity)
        apart = float(abs(a - b).max() / abs(a).max()) if len(a) == len(b) else np.inf
        entries.append(below(f"{NAME}/all connected", f"{quantity}: floating less connected", SAME, apart))
    return entries


def run(comm: MPI.Comm, full: bool) -> Report:
    """Discs at rest, one that drifts, and no island at all; in full, the drift with a finer λ."""
    found = [at_rest(comm, q) for q in QS]
    drifting = drift(comm, FINENESS[1] if full else FINENESS[0])
    entries = [entry for of_disc, _ in found for entry in of_disc]
    entries += [capillary(comm), *drift_entries(drifting), *connected(comm)]
    figure = _draw([current for _, current in found], drifting) if comm.rank == 0 else None
    return Report(tuple(entries), figure)


@rc_context(STYLE)
def _draw(currents: Sequence[Current], drifting: Drift) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_currents(left, currents)
    for k, points in enumerate(drifting.outlines):
        x, y = points.T[:2] / UM
        right.plot(x, y, ".", ms=1.5, color=colour(k), label=("start", "end")[k])
    right.set(xlabel="x (µm)", ylabel="y (µm)", aspect="equal", ylim=(0, None))
    right.set_title("σR = a: moves with the film", fontsize=TITLE_SIZE)
    right.legend(loc="upper right", markerscale=4)
    return figure


def _draw_currents(axes: Axes, currents: Sequence[Current]) -> None:
    theta = np.linspace(-np.pi, np.pi, 200)
    for k, current in enumerate(currents):
        q = current.disc.q
        axes.plot(np.degrees(theta), 2 * CURRENT / (1 + q) * np.cos(theta), color=GREY, lw=1, zorder=0)
        angle, i = current.surface.T
        axes.plot(np.degrees(angle), i, MARKERS[k], mfc="none", ms=3, color=colour(k), label=f"σR = {q:g} a")
    axes.set(xlabel="Angle from the field (°)", ylabel="Current density of the surface (A/m²)")
    axes.set_title(f"Undisturbed: {CURRENT:g} A/m²", fontsize=TITLE_SIZE)
    axes.legend(fontsize=7)


CHECK = Check(
    NAME,
    "An isolated disc of lithium in a uniform field: its potential is that of its centre, its current "
    "2i cos θ/(1 + σR/a), and it drifts without losing area; connected lithium is unaffected.",
    run,
)
