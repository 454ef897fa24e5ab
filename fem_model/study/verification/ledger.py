"""The balance of lithium over a run that plates, strips, and plates on to a short circuit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import NUCLEUS, Tables, case, protocol
from fem_model.study.verification.entry import Check, Report, absolute, below
from fem_model.study.verification.runs import column

NAME = "ledger"
CURRENTS, DURATIONS = (50.0, -50.0, 50.0), (120.0, 120.0, 1200.0)
"""Current density (A/m²) of each stage and how long it lasts (s); a short circuit ends the last before."""
TOLERANCE = 1e-8

CHANGES: Tables = {
    "microstructure.width": "6 um",
    "microstructure.depth": "10 um",
    "anode.initial.nuclei": [{"position": "3 um", "radius": "2.5 um"}],
    **protocol(CURRENTS, DURATIONS),
}


@dataclass(frozen=True)
class Balance:
    """Charges at each instant of a run, C per m² of the anode."""

    time: Floats
    imposed: Floats
    """∫i dt of the protocol."""
    metal: Floats
    """F/V_m times the growth of ∫ξ dx, taken from the field."""
    foil: Floats
    status: str

    @property
    def missing(self) -> Floats:
        """Imposed charge that is neither metal nor in the foil, over the throughput of the run."""
        left: Floats = (self.imposed - self.metal - self.foil) / np.abs(np.diff(self.imposed)).sum()
        return left

    @property
    def missing_by_step(self) -> Floats:
        """The same for each step, over the charge of that step."""
        change = np.diff(self.imposed - self.metal - self.foil)
        return np.asarray(change / np.diff(self.imposed))


def imposed_charge(
    t: Floats, currents: Sequence[float] = CURRENTS, durations: Sequence[float] = DURATIONS
) -> Floats:
    """∫i dt of the protocol up to t (s), C/m²."""
    starts = np.concatenate([[0.0], np.cumsum(durations)[:-1]])
    stages = zip(currents, starts, durations, strict=True)
    return np.asarray(sum(i * np.clip(t - start, 0.0, duration) for i, start, duration in stages))


def balance(comm: MPI.Comm) -> Balance:
    """The run; where two stages meet, the instant has a row for each, and one of them is taken."""
    simulation = Simulation(case(NUCLEUS, CHANGES), comm)
    model, lithium = simulation.model, []
    volume = model.spaces.integral(model.front.xi * model.spaces.dx)
    outcome = None
    while outcome is None:
        lithium.append(volume() / model.spaces.area)
        outcome = simulation.instant() or simulation.step()
    metal = F / V_m * (np.array(lithium) - lithium[0])
    first = np.unique(column(simulation, "step"), return_index=True)[1]
    t, foil = (column(simulation, name)[first] for name in ("t_s", "charge_foil_C_m2"))
    return Balance(t, imposed_charge(t), metal, foil, outcome.status)


def run(comm: MPI.Comm, full: bool) -> Report:
    """The balance in total and step by step, and that the run came to what it is to cover."""
    found = balance(comm)
    total, by_step = float(abs(found.missing).max()), float(abs(found.missing_by_step).max())
    shorted = float(found.status == "short_circuit")
    entries = (
        below(NAME, "charge that is not lithium over ∫|i| dt, at any time", TOLERANCE, total),
        below(NAME, "the same within a step, over its charge", TOLERANCE, by_step),
        absolute(NAME, "ends by a short circuit (1) or not (0)", 1.0, shorted, 0.0),
    )
    return Report(entries, _draw(found) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(found: Balance) -> Figure:
    figure = Figure(figsize=(7.0, 2.8), layout="constrained")
    charges, errors = figure.subplots(1, 2)
    curves = {"imposed": found.imposed, "metal": found.metal, "foil": found.foil}
    for k, (label, values) in enumerate(curves.items()):
        charges.plot(found.time, values / 1e3, color=colour(k), ls="--" if k == 0 else "-", label=label)
    charges.set(xlabel="Time (s)", ylabel="Charge (kC/m²)")
    charges.legend()
    errors.semilogy(found.time, np.maximum(abs(found.missing), 1e-17), color=colour(0), label="at any time")
    errors.semilogy(found.time[1:], abs(found.missing_by_step), color=colour(1), lw=0.8, label="by step")
    errors.axhline(TOLERANCE, color=GREY, ls=":", label="allowed")
    errors.set(xlabel="Time (s)", ylabel="Charge that is not lithium, relative")
    errors.legend()
    return figure


CHECK = Check(
    NAME,
    "Faraday's law from the fields, against ∫i dt of the protocol: plating, stripping, plating to the short "
    "circuit.",
    run,
)
