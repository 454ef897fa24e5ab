"""A staircase of currents stops at the right step, where the current that lets lithium in is exact.

A nucleus under the pressure p sits on a face of which the share f is free, in an electrolyte that conducts so
well that the overpotential is the same everywhere. Below η = V_m p/F the nucleus stands still and all current
passes the free face, i = f i_n(η). So lithium comes in where

    i > i_c = f i_n(V_m p/F),   with linear kinetics f V_m p/(F R_ct),   f = 1 − 2r/W,

R_ct being that of the face, whatever that of the nucleus. As the nucleus grows it covers more of the face
and needs less and less current: it goes through. (A film that covers the whole face has no threshold: all
current has to pass its front, and does, at η = V_m p/F + i R_ct.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F, R
from fem_model.laws.kinetics import LAWS
from fem_model.materials import V_m
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import NUCLEUS, Tables, case
from fem_model.study.verification.entry import Check, Entry, Report, absolute, below, relative
from fem_model.study.verification.orders import PANEL
from fem_model.study.verification.runs import column

NAME = "staircase"
WIDTH, DEPTH, LAM = 6.0, 5.0, 0.4
"""Sizes of the electrolyte, and λ, µm."""
LEVELS = (0.95, 0.97, 0.99, 1.01, 1.03)
"""Currents of the steps over i_c."""
CAPACITY = 1.5e5
"""Capacity of each step, C/m²: half as much again as it takes the lithium to go through at 1.01 i_c."""
STILL, EXACT = 0.01, 1e-9
"""Tolerances: charge of the nucleus in a step before over that in the last, currents of the steps."""


@dataclass(frozen=True)
class Threshold:
    """A pressure (MPa), R_ct of the face and of the nucleus (Ω cm²), its radius (µm), and the kinetics."""

    p: float = 100.0
    R_ct: float = 0.8
    R_nucleus: float | None = None
    radius: float = 1.0
    law: str = "linear"

    @property
    def label(self) -> str:
        """Name of the threshold in the report."""
        of_nucleus = f", {self.R_nucleus:g} at the nucleus" if self.R_nucleus else ""
        return f"p = {self.p:g} MPa, {self.R_ct:g} Ω cm²{of_nucleus}, r = {self.radius:g} µm, {self.law}"

    @property
    def resist(self) -> float:
        """V_m p/F, V."""
        return V_m / F * self.p * 1e6

    def exact(self) -> float:
        """i_c, A/m²."""
        T = 298.15
        i0 = R * T / (F * self.R_ct * 1e-4)
        free = 1 - 2 * self.radius / WIDTH
        return free * float(LAWS[self.law].current(self.resist, i0, alpha=0.5, temperature=T))

    def changes(self) -> Tables:
        """Changes of NUCLEUS."""
        i = self.exact()
        current = {"start": LEVELS[0], "step": LEVELS[1] - LEVELS[0], "largest": LEVELS[-1] + 1e-6}
        drive = {key: f"{share * i!r} A/m^2" for key, share in current.items()}
        nucleus = {"position": f"{WIDTH / 2} um", "radius": f"{self.radius} um"}
        R_nucleus = self.R_nucleus or self.R_ct
        capacity = CAPACITY * R_nucleus / self.R_ct
        return {
            "microstructure": {
                "layout": "layers",
                "width": f"{WIDTH} um",
                "depth": f"{DEPTH} um",
                "layers": [{"material": "B", "share": 1.0}],
            },
            "materials": {"B": {"sigma": "5000 S/m"}},
            "mesh": {"cell_size_front": f"{LAM / 2} um", "cell_size_bulk": f"{LAM / 2} um"},
            "phase_field": {"lam": f"{LAM} um", "capillarity": "none"},
            "kinetics": {"R_ct": f"{R_nucleus} ohm cm^2", "law": self.law, "p_resist": f"{self.p} MPa"},
            "anode": {
                "R_ct": f"{self.R_ct} ohm cm^2",
                "initial": {"kind": "nuclei", "nuclei": [nucleus]},
            },
            "drive": {"mode": "staircase", "capacity": f"{capacity} C/m^2", "reversal": False, **drive},
            "time": {"end": "1000 h", "outputs": 1},
        }


CASES = (
    *(Threshold(p=p) for p in (50.0, 100.0, 200.0)),
    *(Threshold(R_ct=R_ct) for R_ct in (0.3, 3.0)),
    Threshold(R_nucleus=3.0),
    Threshold(radius=1.5),
    Threshold(law="butler-volmer"),
)


@dataclass(frozen=True)
class Climb:
    """Course of a staircase: charge (C/m²) and current density (A/m²) over time (s), and where it stopped."""

    threshold: Threshold
    t: Floats
    nucleus: Floats
    """Charge of the lithium that the nucleus has grown by."""
    current: Floats
    stage: Floats
    critical: float
    """current_at_short of summary.json, A/m²; NaN if it has none."""
    shorted: bool

    def by_stage(self) -> Floats:
        """Charge that the nucleus took in each stage, C/m²."""
        last = [self.nucleus[self.stage == k][-1] for k in range(int(self.stage[-1]) + 1)]
        return np.diff([0.0, *last])

    def entries(self) -> list[Entry]:
        """Entries of a climb: it stopped at the first step above i_c, and the nucleus stood still before."""
        name, i = f"{NAME}/{self.threshold.label}", self.threshold.exact()
        right = next(k for k, share in enumerate(LEVELS) if share > 1)
        took = self.by_stage()
        before = abs(took[:-1]).max() / took[-1] if len(took) > 1 else 0.0
        return [
            absolute(
                name, "step that lets lithium through", right, self.stage[-1] if self.shorted else -1, 0.0
            ),
            relative(name, "current at the short circuit", LEVELS[right] * i, self.critical, EXACT, "A/m²"),
            below(name, "charge of the nucleus in a step before over that in this", STILL, before),
        ]


def climb(comm: MPI.Comm, threshold: Threshold) -> Climb:
    """The run, to its end."""
    simulation = Simulation(case(NUCLEUS, threshold.changes()), comm)
    summary = simulation.run()
    told = summary["current_at_short_mA_cm2"]
    critical = np.nan if told is None else 10 * told
    t, nucleus, current, stage = (
        column(simulation, name) for name in ("t_s", "charge_metal_C_m2", "current_density_A_m2", "stage")
    )
    return Climb(threshold, t, nucleus, current, stage, critical, summary["status"] == "short_circuit")


def run(comm: MPI.Comm, full: bool) -> Report:
    """All thresholds."""
    climbs = [climb(comm, threshold) for threshold in CASES]
    entries = [entry for found in climbs for entry in found.entries()]
    return Report(tuple(entries), _draw(climbs) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(climbs: Sequence[Climb]) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_climb(left, climbs[1])
    exact, found = np.array([(c.threshold.exact(), c.critical) for c in climbs]).T / 10
    line = np.array([0.0, 1.05 * exact.max()])
    right.plot(line, line, color=GREY, lw=1, label="i$_c$")
    right.plot(exact, found, "o", mfc="none", color=colour(4), label="step that let lithium in")
    right.set(xlabel="Threshold (mA/cm²)", ylabel="Current at the short circuit (mA/cm²)")
    right.set_title("Pressures, resistances, nuclei, laws", fontsize=TITLE_SIZE)
    right.legend()
    return figure


def _draw_climb(axes: Axes, climb: Climb) -> None:
    """Current and charge of the nucleus over time."""
    hours, i = climb.t / 3600, climb.threshold.exact()
    axes.step(hours, climb.current / i, where="pre", color=colour(0))
    axes.axhline(1, color=GREY, ls=":", lw=1)
    axes.set(xlabel="Time (h)")
    axes.set_ylabel("Current density over i$_c$", color=colour(0))
    charge = axes.twinx()
    charge.plot(hours, climb.nucleus / 1e3, color=colour(1))
    charge.set_ylabel("Charge of the nucleus (kC/m²)", color=colour(1))
    axes.set_title(climb.threshold.label, fontsize=TITLE_SIZE)


CHECK = Check(
    NAME,
    "A staircase stops at the first step above the current at which a nucleus under pressure begins to grow, "
    "i_c = f V_m p/(F R_ct) with f the free share of the face, in steps of 2 %.",
    run,
)
