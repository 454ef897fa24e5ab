"""Conductivity, charge transfer and reaction at three temperatures, each by its activation energy.

    σ(T) = σ₁ exp[−(E/R)(1/T − 1/T₁)]   or   σT the same way,   i₀ and k alike

from the voltage of a bare cell whose resistance is 2 R_ct + L/σ, and from the thickness of a film of product.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.constants import F, R
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, Tables, case
from fem_model.study.verification.entry import Check, Entry, Report, relative
from fem_model.study.verification.orders import MARKERS, PANEL
from fem_model.study.verification.runs import column

NAME = "temperature"
TEMPERATURES, T_1 = (273.15, 298.15, 333.15), 298.15
SIGMA, DEPTH, R_CT, K = 0.2, 20e-6, 5e-4, 1e-10
"""Values at 25 °C: σ (S/m), R_ct of the contacts (Ω m²) and k of the reaction (m/s); thickness in m."""
ENERGY = {"sigma": 0.36, "sigma T": 0.30, "i0": 0.55, "k": 0.40}
"""Activation energies, eV."""
CURRENT, TIME, EXACT = 10.0, 600.0, 1e-4


def warmer(energy: float, temperature: float) -> float:
    """exp[−(E/R)(1/T − 1/T₁)], E in eV."""
    return float(np.exp(-energy * F / R * (1 / temperature - 1 / T_1)))


@dataclass(frozen=True)
class Cell:
    """A cell at a temperature (K), with σ or σT activated."""

    temperature: float
    arrhenius: str = "sigma"

    @property
    def sigma(self) -> float:
        """Its conductivity, S/m."""
        before = T_1 / self.temperature if self.arrhenius == "sigma T" else 1.0
        return SIGMA * before * warmer(ENERGY[self.arrhenius], self.temperature)

    @property
    def contact(self) -> float:
        """R T/(F i₀), Ω m²; R_ct is that at 25 °C."""
        return R_CT * self.temperature / T_1 / warmer(ENERGY["i0"], self.temperature)

    def changes(self, reacts: bool) -> Tables:
        """Changes to FILM."""
        sigma = {"sigma": f"{SIGMA} S/m", "activation_energy": f"{ENERGY[self.arrhenius]} eV"}
        of_reaction = {
            "material": "E",
            "lithium": 23.75,
            "molar_volume": "289.1 cm^3/mol",
            "rate": f"{K} m/s",
        }
        reaction = {**of_reaction, "activation_energy": f"{ENERGY['k']} eV"}
        return {
            "microstructure.depth": f"{DEPTH} m",
            "mesh.front_height": None,
            "materials": {"E": {**sigma, "arrhenius": self.arrhenius}},
            "kinetics": {
                "R_ct": f"{R_CT} ohm m^2",
                "law": "linear",
                "temperature": f"{self.temperature} K",
                "activation_energy": f"{ENERGY['i0']} eV",
            },
            "anode.initial": {"kind": "bare"},
            "counter": {"kind": "lithium"},
            "drive": {"mode": "galvanostatic", "current": f"{CURRENT} A/m^2"},
            "time": {"end": f"{TIME} s", "outputs": 1},
            "reactions": [reaction] if reacts else [],
        }

    def entries(self, comm: MPI.Comm) -> list[Entry]:
        """Voltage without a reaction, thickness of the product with one."""
        name = f"{NAME}/{self.arrhenius}, {self.temperature - 273.15:.0f} °C"
        bare, reacting = (Simulation(case(FILM, self.changes(reacts)), comm) for reacts in (False, True))
        for simulation in (bare, reacting):
            simulation.run()
        exact = CURRENT * (2 * self.contact + DEPTH / self.sigma)
        grown = K * warmer(ENERGY["k"], self.temperature) * TIME
        voltage, film = column(bare, "voltage_V")[-1], column(reacting, "interphase_foil_m")[-1]
        return [
            relative(name, "voltage", exact, voltage, EXACT, "V"),
            relative(name, "thickness of the product", grown, film, EXACT, "m"),
        ]


CELLS = (*(Cell(T) for T in TEMPERATURES), Cell(TEMPERATURES[0], "sigma T"), Cell(TEMPERATURES[2], "sigma T"))


def run(comm: MPI.Comm, full: bool) -> Report:
    """Three temperatures, with σ activated and with σT."""
    entries = [entry for cell in CELLS for entry in cell.entries(comm)]
    return Report(tuple(entries), _draw(entries) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(entries: list[Entry]) -> Figure:
    figure = Figure(figsize=PANEL, layout="constrained")
    axes = figure.subplots()
    T = np.linspace(270, 336, 100)
    exact = [1e3 * CURRENT * (2 * Cell(t).contact + DEPTH / Cell(t).sigma) for t in T]
    axes.plot(T - 273.15, exact, color=GREY, lw=1, label="closed form")
    found = [1e3 * entry.measured for entry in entries if entry.quantity == "voltage"][: len(TEMPERATURES)]
    axes.plot(np.array(TEMPERATURES) - 273.15, found, MARKERS[0], mfc="none", color=colour(0), label="cell")
    axes.set(xlabel="Temperature (°C)", ylabel="Voltage (mV)", yscale="log")
    axes.set_title("σ and i₀ are activated", fontsize=TITLE_SIZE)
    axes.legend()
    return figure


CHECK = Check(
    NAME,
    "Voltage of a cell and growth of a film at 0, 25 and 60 °C, with activation energies of σ or σT, of i₀ "
    "and of k.",
    run,
)
