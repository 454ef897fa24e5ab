"""The current of a flat front at rest against that of a sharp one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.base.errors import SolverError
from fem_model.plot.palette import colour
from fem_model.plot.style import STYLE, TITLE_SIZE
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM, case
from fem_model.study.verification.closed_forms import linear_current, sharp_current
from fem_model.study.verification.entry import Check, Entry, Report, relative
from fem_model.study.verification.orders import PANEL, Curve, Panel, draw_panel

NAME = "flat_front"
SIGMAS = (0.0357, 0.357, 0.526, 1.19, 11.9)  # S/m
VOLTAGES = (-0.1, -0.02, 0.02, 0.1, 0.2)  # V
DEPTHS = (30e-6, 160e-6)  # m
EXCHANGES = (3.0, 300.0, 1000.0)  # A/m²
ALPHAS = (0.3, 0.7)
R_CT = 0.8e-4  # Ω m²
FRONT = 20e-6
"""Height of the front of FILM, m."""
TOLERANCE = 1e-2
WIDTHS = (4.0, 2.0, 1.0, 0.5)
"""λ in µm; the last only in full. FILM has 1 µm."""


@dataclass(frozen=True)
class Flat:
    """A flat front at rest, as the closed form and as a case."""

    sigma: float = 0.357
    V: float = 0.05
    L: float = 80e-6
    i0: float = 30.0
    alpha: float = 0.5
    more: Mapping[str, Any] = field(default_factory=dict)
    """Changes to the case that the closed form knows nothing of."""

    def changes(self) -> dict[str, Any]:
        """Changes of FILM."""
        return {
            "materials.E.sigma": f"{self.sigma} S/m",
            "drive.voltage": f"{self.V} V",
            "microstructure.depth": f"{self.L + FRONT} m",
            "kinetics": {"i0": f"{self.i0} A/m^2", "alpha": self.alpha},
            **self.more,
        }

    def exact(self) -> float:
        """Current density of the sharp front, A/m²."""
        return sharp_current(self.sigma, self.V, self.L, self.i0, self.alpha)

    def entry(self, comm: MPI.Comm, variant: str) -> Entry:
        """The current density held against the exact one."""
        return current_entry(f"{NAME}/{variant}", self.exact(), first_current(comm, self.changes()))


def first_current(comm: MPI.Comm, changes: Mapping[str, Any]) -> float:
    """Current density of FILM, so changed, at the first instant, A/m²."""
    simulation = Simulation(case(FILM, changes), comm)
    if outcome := simulation.instant():
        raise SolverError(outcome.reason)
    return float(simulation.recorder.last["current_density_A_m2"])


def linear_kinetics(sigma: float) -> dict[str, Any]:
    """FILM with linear kinetics at R_CT."""
    kinetics = {"R_ct": f"{R_CT} ohm m^2", "law": "linear"}
    return {"kinetics": kinetics, "materials.E.sigma": f"{sigma} S/m"}


def variants(full: bool) -> Iterator[tuple[str, Flat]]:
    """One thing changed at a time; in full, some together as well."""
    yield from ((f"σ = {sigma:g} S/m", Flat(sigma=sigma)) for sigma in SIGMAS)
    yield from ((f"V = {V * 1e3:g} mV", Flat(V=V)) for V in VOLTAGES)
    yield from ((f"depth {L * 1e6:g} µm", Flat(L=L)) for L in DEPTHS)
    yield from ((f"i₀ = {i0:g} A/m²", Flat(i0=i0)) for i0 in EXCHANGES)
    signs = (-0.1, 0.1)
    yield from ((f"α = {a:g}, V = {V * 1e3:g} mV", Flat(alpha=a, V=V)) for a in ALPHAS for V in signs)
    if full:
        for sigma, V, i0 in product(SIGMAS[1:], VOLTAGES, EXCHANGES):
            yield f"σ = {sigma:g} S/m, V = {V * 1e3:g} mV, i₀ = {i0:g} A/m²", Flat(sigma, V, i0=i0)


def linear_entries(comm: MPI.Comm) -> list[Entry]:
    """Ohm's law of electrolyte and front in series."""
    form = partial(linear_current, V=0.05, L=80e-6, R_ct=R_CT)
    return [
        current_entry(
            f"{NAME}/linear, σ = {sigma:g} S/m", form(sigma), first_current(comm, linear_kinetics(sigma))
        )
        for sigma in SIGMAS[1:4]
    ]


def current_entry(name: str, exact: float, measured: float, tolerance: float = TOLERANCE) -> Entry:
    """A current density held against the exact one."""
    return relative(name, "current density", exact, measured, tolerance, "A/m²")


def over_width(comm: MPI.Comm, widths: Sequence[float]) -> Curve:
    """Errors over λ where λ is largest against σR_ct, with next to no conductivity left in lithium."""
    errors = []
    for lam in widths:
        phase_field = {"lam": f"{lam} um", "sigma_residual": 1e-6}
        front = Flat(SIGMAS[0], more={"phase_field": phase_field, "mesh.cell_size_front": f"{lam / 2} um"})
        errors.append(abs(first_current(comm, front.changes()) / front.exact() - 1))
    return Curve(f"σ = {SIGMAS[0]} S/m", widths, errors, 2.0)


def run(comm: MPI.Comm, full: bool) -> Report:
    """All variants, and the error over λ."""
    entries = [front.entry(comm, variant) for variant, front in variants(full)]
    width = over_width(comm, WIDTHS if full else WIDTHS[:3])
    order = width.entry(f"{NAME}/λ → 0", "error of the current density over λ", 0.2)
    entries += [*linear_entries(comm), order]
    figure = _draw(entries[: len(SIGMAS)], width) if comm.rank == 0 else None
    return Report(tuple(entries), figure)


@rc_context(STYLE)
def _draw(entries: Sequence[Entry], width: Curve) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_currents(left, entries)
    draw_panel(right, Panel("Width of the front", "λ (µm)", "Error of the current density", [width]))
    return figure


def _draw_currents(axes: Axes, entries: Sequence[Entry]) -> None:
    sigma = np.geomspace(SIGMAS[0] / 2, SIGMAS[-1] * 2, 100)
    front = Flat()
    exact = [sharp_current(s, front.V, front.L, front.i0) for s in sigma]
    axes.semilogx(sigma, exact, color=colour(0), label="sharp front")
    axes.semilogx(SIGMAS, [entry.measured for entry in entries], "o", color=colour(4), label="computed")
    axes.set(xlabel="Conductivity σ (S/m)", ylabel="Current density (A/m²)", ylim=(0, None))
    axes.set_title(f"{front.V * 1e3:g} mV, {front.L * 1e6:g} µm, i₀ = {front.i0:g} A/m²", fontsize=TITLE_SIZE)
    axes.legend()


CHECK = Check(
    NAME,
    "Current of a flat front at rest: the root of Butler–Volmer kinetics in series with Ohm's law.",
    run,
)
