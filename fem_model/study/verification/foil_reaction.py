"""The foil's contact with an electrolyte that reacts: a flat film of product, by both laws and both routes.

    w = kt,   (w + w₀)² = w₀² + 2Dt,   i = i_n(η − i w/σ_product)

Each volume of product takes F ν/V_M of charge: from the foil by the chemical route, from the current by the
electrochemical one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, case
from fem_model.study.verification.entry import Check, Entry, Report, below, relative
from fem_model.study.verification.orders import MARKERS, PANEL
from fem_model.study.verification.runs import column

NAME = "foil_reaction"
NU, V_M, SIGMA, DEPTH = 23.75, 289.1e-6, 0.526, 20e-6
"""Li and volume (m³/mol) of a formula unit of LGPS, its conductivity (S/m), and its thickness, m."""
R_CT, PRODUCT, I0_FACTOR, START, END = 5e-4, 1e-4, 0.4, 10e-9, 3600.0
"""R_ct (Ω m²), conductivity of the product (S/m), factor of its i₀, w₀ (m), and the time, s."""
GROWTH, BALANCE, VOLTAGE = 0.01, 1e-10, 1e-4


@dataclass(frozen=True)
class Film:
    """A law with its k (m/s) or D (m²/s), a route, and the current density, A/m²."""

    law: str
    route: str
    value: float
    current: float

    @property
    def label(self) -> str:
        """Name of the finger in the report."""
        return f"{self.law}, {self.route}, {self.current / 10:g} mA/cm²"

    def thickness(self, t: Floats) -> Floats:
        """w, m."""
        grown = self.value * t if self.law == "linear" else np.sqrt(START**2 + 2 * self.value * t) - START
        return np.asarray(grown)

    def voltage(self, w: float) -> float:
        """−φ_M under the film, V, with linear kinetics of both electrodes."""
        over = w / (w + START)
        contact = R_CT / (1 + (I0_FACTOR - 1) * over)
        return self.current * (contact + w / PRODUCT + R_CT + DEPTH / SIGMA)


FILMS = (
    Film("linear", "chemical", 1e-10, 5.0),
    Film("parabolic", "chemical", 1.8e-15, 5.0),
    Film("linear", "electrochemical", 1e-10, 50.0),
    Film("parabolic", "electrochemical", 1.8e-15, 200.0),
)


@dataclass(frozen=True)
class Growth:
    """The course of a film: times (s), thicknesses (m), charges (C/m²), the last voltage (V)."""

    film: Film
    t: Floats
    w: Floats
    missing: Floats
    """Passed less foil and product."""
    throughput: float
    reacted: Floats
    voltage: float

    def entries(self) -> list[Entry]:
        """Thickness, balances, and the resistance of the product."""
        name, w = f"{NAME}/{self.film.label}", float(self.w[-1])
        scale = max(self.throughput, float(self.reacted[-1]))
        charge = F * NU / V_M * w
        found = [
            relative(
                name, "thickness of the product", float(self.film.thickness(self.t[-1:])[0]), w, GROWTH, "m"
            ),
            below(
                name,
                "passed less foil and product, relative",
                BALANCE,
                float(abs(self.missing).max() / scale),
            ),
            relative(name, "charge in the product", charge, float(self.reacted[-1]), BALANCE, "C/m²"),
        ]
        if self.film.route == "chemical":
            exact = self.film.voltage(w)
            found.append(
                relative(name, "voltage with the product in series", exact, self.voltage, VOLTAGE, "V")
            )
        return found


def growth(comm: MPI.Comm, film: Film) -> Growth:
    """The run."""
    law = (
        {"rate": f"{film.value} m/s", "start_thickness": None}
        if film.law == "linear"
        else {"diffusivity": f"{film.value} m^2/s", "start_thickness": f"{START} m"}
    )
    fast = {"i0": "1e9 A/m^2"} if film.route == "electrochemical" else {}
    reaction = {"material": "LGPS", "route": film.route, "sigma": f"{PRODUCT} S/m", "i0_factor": I0_FACTOR}
    layers = [{"material": "LGPS", "share": 1.0}]
    changes = {
        "microstructure": {"layout": "layers", "width": "2 um", "depth": f"{DEPTH} m", "layers": layers},
        "materials": {},
        "mesh.front_height": None,
        "kinetics": {"R_ct": f"{R_CT} ohm m^2", "law": "linear"},
        "anode.initial": {"kind": "bare"},
        "counter": {"kind": "lithium"},
        "drive": {"mode": "galvanostatic", "current": f"{film.current} A/m^2"},
        "time": {"end": f"{END} s", "outputs": 1},
        "reactions": [{**reaction, **{k: v for k, v in law.items() if v}, **fast}],
    }
    simulation = Simulation(case(FILM, changes), comm)
    simulation.run()
    names = ("t_s", "interphase_foil_m", "charge_C_m2", "charge_foil_C_m2", "charge_reacted_C_m2")
    t, w, passed, foil, reacted = (column(simulation, name) for name in names)
    missing = passed - foil - reacted
    return Growth(
        film, t, w, missing, film.current * END, reacted, float(column(simulation, "voltage_V")[-1])
    )


def run(comm: MPI.Comm, full: bool) -> Report:
    """Both laws and both routes."""
    found = [growth(comm, film) for film in FILMS]
    entries = [entry for of_film in found for entry in of_film.entries()]
    return Report(tuple(entries), _draw(found) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(found: Sequence[Growth]) -> Figure:
    figure = Figure(figsize=PANEL, layout="constrained")
    axes = figure.subplots()
    for k, one in enumerate(found):
        every = max(len(one.t) // 15, 1)
        minutes = one.t / 60
        axes.plot(minutes, 1e6 * one.film.thickness(one.t), color=GREY, lw=1, zorder=0)
        label, w = f"{one.film.law}, {one.film.route}", 1e6 * one.w[::every]
        axes.plot(minutes[::every], w, MARKERS[k], mfc="none", ms=4, color=colour(k), label=label)
    axes.set(xlabel="Time (min)", ylabel="Product at the foil (µm)")
    axes.set_title("The foil reacts with LGPS", fontsize=TITLE_SIZE)
    axes.legend(fontsize=7)
    return figure


CHECK = Check(
    NAME,
    "A flat film of product between foil and LGPS grows as kt or as the root of 2Dt by both routes, takes "
    "its lithium from foil or current, and is in series with the charge transfer.",
    run,
)
