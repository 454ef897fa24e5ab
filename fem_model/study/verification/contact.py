"""Contact that voids take from an electrode, in an electrolyte where all of a face is alike.

Stripping at the current density i, of which creep keeps up with i_heal, takes all contact in

    t_loss = h_v F/(V_m (i − i_heal)),   and with linear kinetics   V(t) = i R_ct/(1 − t/t_loss)

besides the other electrode and the ohmic drop. Voids are filled again before lithium grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F, R
from fem_model.materials import V_m
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, Tables, case
from fem_model.study.verification.disc_contact import disc_entries
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.orders import MARKERS, PANEL
from fem_model.study.verification.runs import column

NAME = "contact"
SIGMA, DEPTH, LOST, R_CT = 0.357, 20e-6, 1e-6, 5e-4
"""Conductivity (S/m), thickness of the electrolyte and h_v (m), and the resistance of both contacts, Ω m²."""
AT, PRESSURE, EXPONENT, ENERGY = 2.0, 3e6, 1.9, 37e3
"""Creep keeps up with 2 A/m² at 3 MPa and 25 °C; n and Q (J/mol)."""
EXACT, SHARE, LEDGER, REFILLED = 5e-3, 0.9, 1e-8, 1e-9
MARKS = 25
"""Marks of a curve, about."""


@dataclass(frozen=True)
class Loss:
    """A current density (A/m², negative strips the anode), a stack pressure (Pa) and a temperature (K)."""

    current: float
    pressure: float | None = None
    temperature: float = 298.15

    @property
    def label(self) -> str:
        """Name of the finger in the report."""
        face = "anode" if self.current < 0 else "counter"
        pressed = f", {self.pressure / 1e6:g} MPa" if self.pressure else ""
        return f"{face}, {abs(self.current) / 10:g} mA/cm²{pressed}, {self.temperature - 273.15:.0f} °C"

    @property
    def healing(self) -> float:
        """i_heal, A/m²."""
        if self.pressure is None:
            return 0.0
        warmer = np.exp(-ENERGY / R * (1 / self.temperature - 1 / 298.15))
        return float(AT * (self.pressure / PRESSURE) ** EXPONENT * warmer)

    @property
    def t_loss(self) -> float:
        """Time after which all contact is lost, s."""
        return LOST * F / (V_m * (abs(self.current) - self.healing))

    def voltage(self, t: Floats) -> Floats:
        """Size of the voltage, V."""
        rest = R_CT + DEPTH / SIGMA
        return np.asarray(abs(self.current) * (R_CT / (1 - t / self.t_loss) + rest))

    def changes(self, drive: Tables, end: float) -> Tables:
        """Changes of FILM."""
        stack = {"stack": {"pressure": f"{self.pressure} Pa"}} if self.pressure else {}
        return {
            "microstructure.depth": f"{DEPTH} m",
            "mesh.front_height": None,
            "kinetics": {"R_ct": f"{R_CT} ohm m^2", "law": "linear", "temperature": f"{self.temperature} K"},
            "anode.initial": {"kind": "bare"},
            "counter": {"kind": "lithium"},
            "voids": {"thickness": f"{LOST} m"},
            "drive": drive,
            "time": {"end": f"{end} s", "outputs": 1},
            **stack,
        }


LOSSES = (Loss(-10.0), Loss(10.0), Loss(-10.0, 3e6), Loss(-30.0, 7e6), Loss(30.0, 5e6, 333.15))


@dataclass(frozen=True)
class Course:
    """Loss of contact: times (s), shares in contact, sizes of the voltage (V)."""

    loss: Loss
    t: Floats
    share: Floats
    voltage: Floats
    error: float
    """The worst error of the balance of voids."""

    def entries(self) -> list[Entry]:
        """Time to the loss by the share, voltages, and the balance."""
        name, seen = f"{NAME}/{self.loss.label}", self.share >= 1 - SHARE
        last = np.flatnonzero(seen)[-1]
        t_loss = self.t[last] / (1 - self.share[last])
        off = abs(self.voltage / self.loss.voltage(self.t) - 1)[seen].max()
        return [
            relative(name, "time to the loss of contact", self.loss.t_loss, t_loss, EXACT, "s"),
            below(name, "voltage off by, relative, up to v/h_v = 0.9", EXACT, off),
            below(name, "balance of voids, over ∫|I| dt", LEDGER, self.error),
        ]


def course(comm: MPI.Comm, loss: Loss) -> Course:
    """The run, until contact is lost."""
    drive = {"mode": "galvanostatic", "current": f"{loss.current} A/m^2"}
    simulation = Simulation(case(FILM, loss.changes(drive, 2 * loss.t_loss)), comm)
    simulation.run()
    face = "anode" if loss.current < 0 else "counter"
    t, share, voltage, error = (
        column(simulation, name) for name in ("t_s", f"contact_share_{face}", "voltage_V", "void_error")
    )
    return Course(loss, t, share, abs(voltage), float(error.max()))


def refilled(comm: MPI.Comm) -> list[Entry]:
    """Half of the contact is lost and comes back on plating with twice the current."""
    loss = Loss(-10.0)
    strip, fill = 0.5 * loss.t_loss, 0.25 * loss.t_loss
    steps = [
        {"current": "-10 A/m^2", "time": f"{strip} s"},
        {"current": "20 A/m^2", "time": f"{fill} s"},
        {"current": "20 A/m^2", "time": f"{fill} s"},
    ]
    drive = {"mode": "steps", "steps": steps}
    simulation = Simulation(case(FILM, loss.changes(drive, strip + 2 * fill)), comm)
    simulation.run()
    t, stage, share, void = (
        column(simulation, name) for name in ("t_s", "stage", "contact_share_anode", "void_mean_anode_m")
    )
    exact = np.interp(t, [0, strip, strip + fill, strip + 2 * fill], [1, 0.5, 1, 1])
    name = f"{NAME}/stripped and plated"
    return [
        below(name, "share in contact off by", REFILLED, float(abs(share - exact).max())),
        below(name, "void left once it is filled, m", REFILLED * LOST, float(void[stage == 2].max())),
        below(name, "balance of voids, over ∫|I| dt", LEDGER, float(column(simulation, "void_error").max())),
    ]


def pressed(comm: MPI.Comm) -> Entry:
    """R_ct goes as p^−½ from the pressure at which it was measured."""
    changes = Loss(-10.0).changes({"mode": "galvanostatic", "current": "-10 A/m^2"}, 1.0)
    stack = {"pressure": "20 MPa", "measured_at": "5 MPa"}
    simulation = Simulation(case(FILM, {**changes, "voids": None, "stack": stack}), comm)
    simulation.run()
    exact = 10.0 * (2 * R_CT / 2 + DEPTH / SIGMA)
    return relative(f"{NAME}/20 MPa", "voltage", exact, -column(simulation, "voltage_V")[0], EXACT, "V")


def run(comm: MPI.Comm, full: bool) -> Report:
    """Losses at both electrodes, refilling, pressure, and a disc of contact in 3D."""
    courses = [course(comm, loss) for loss in LOSSES]
    entries = [entry for found in courses for entry in found.entries()]
    entries += [*refilled(comm), pressed(comm), *disc_entries(comm, NAME, full)]
    return Report(tuple(entries), _draw(courses) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(courses: Sequence[Course]) -> Figure:
    figure = Figure(figsize=PANEL, layout="constrained")
    axes = figure.subplots()
    for k, found in enumerate(courses):
        over = found.t / found.loss.t_loss
        seen = np.flatnonzero(found.share > 0.02)
        seen = seen[:: max(len(seen) // MARKS, 1)]
        marks: dict[str, Any] = {"mfc": "none", "ms": 3, "color": colour(k)}
        axes.plot(over[seen], 1e3 * found.voltage[seen], MARKERS[k], label=found.loss.label, **marks)
        exact = np.linspace(0, 0.98, 200)
        axes.plot(exact, 1e3 * found.loss.voltage(exact * found.loss.t_loss), color=GREY, lw=1, zorder=0)
    axes.set(xlabel="Time over t$_{loss}$", ylabel="Voltage (mV)", yscale="log")
    axes.set_title("Contact is lost", fontsize=TITLE_SIZE)
    axes.legend(fontsize=6)
    return figure


CHECK = Check(
    NAME,
    "Voids take contact in t_loss = h_v F/(V_m (i − i_heal)) with V = i R_ct/(1 − t/t_loss), and are filled "
    "before lithium grows; current through one open disc in a tube adds (1/4σa)(1 − 1.409ε + 0.296ε³).",
    run,
)
