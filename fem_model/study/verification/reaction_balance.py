"""Lithium, germanium and charge of a run on LGPS beside LPSC, from the fields and ∫i dt alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import ufl
from matplotlib.axes import Axes
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.engine.model import Model
from fem_model.materials import V_m
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, TITLE_SIZE
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import NUCLEUS, Tables, case, protocol
from fem_model.study.verification.entry import Entry, below, relative
from fem_model.study.verification.ledger import imposed_charge
from fem_model.study.verification.runs import instants

NU, V_M = 23.75, 289.1e-6
CURRENTS, DURATIONS = (20.0, 0.0, -20.0), (300.0, 120.0, 150.0)
"""Current density (A/m²) of each stage, and how long it lasts (s)."""
HALF = 0.5 * 8e-6 * 12e-6
"""Area of LGPS, m²."""
BALANCE, COUNTER, USED_UP, ROUND_OFF = 1e-8, 1e-3, 0.05, 1e-13

SETUP: Tables = {
    "microstructure": {
        "layout": "layers",
        "width": "8 um",
        "depth": "12 um",
        "layers": [{"material": "LGPS", "share": 0.5}, {"material": "LPSC1.0", "share": 0.5}],
    },
    "materials": {},
    "anode.initial": {"kind": "film", "thickness": "4 um", "amplitude": "0.5 um"},
    "counter": {"kind": "fixed"},
    **protocol(CURRENTS, DURATIONS),
}


@dataclass(frozen=True)
class Balance:
    """Charges at each instant t (s), in C/m² of the anode, and germanium, in shares of all of it."""

    route: str
    t: Floats
    imposed: Floats
    """∫i dt of the protocol."""
    metal: Floats
    """F/V_m times the growth of ∫ξ dx."""
    product: Floats
    """Fν/V_M ∫z dx."""
    counter: Floats
    """−∮ σ_eff ∇φ·n ds over the counter face, into the electrolyte, A/m²."""
    germanium: Floats
    """∫z dx anywhere and ∫(1 − z) dx over LGPS, over the area of LGPS."""
    z: Floats
    """Smallest and largest z, and the smallest growth of z anywhere since the instant before: (n, 3)."""

    def entries(self, check: str) -> list[Entry]:
        """Every balance."""
        name, missing = f"{check}/{self.route}, driven", self.imposed - self.metal - self.product
        throughput = np.abs(np.diff(self.imposed)).sum()
        stage = np.searchsorted(np.cumsum(DURATIONS), self.t, side="right").clip(max=len(CURRENTS) - 1)
        off = abs(self.counter - np.array(CURRENTS)[stage]) / max(CURRENTS)
        moved = np.maximum(abs(np.diff(self.imposed)), np.diff(self.product))
        least, most, growth = self.z[:, 0].min(), self.z[:, 1].max(), self.z[:, 2].min()
        return [
            below(
                name,
                "Li in − Li metal − ν converted Ge, over ∫|i| dt",
                BALANCE,
                abs(missing).max() / throughput,
            ),
            below(
                name, "the same within a step, over its charge", BALANCE, abs(np.diff(missing) / moved).max()
            ),
            relative(name, "converted and unconverted Ge over all Ge", 1.0, self.germanium[-1], ROUND_OFF),
            below(name, "current from −σ∇φ·n at the counter, off by, relative", COUNTER, off.max()),
            below(name, "z outside [0, 1] by", ROUND_OFF, max(-least, most - 1.0, 0.0)),
            below(name, "largest fall of z anywhere", ROUND_OFF, max(-growth, 0.0)),
            relative(name, "largest z: used up at the front", 1.0, most, USED_UP),
        ]

    def draw(self, axes: Axes) -> None:
        """The charges over time."""
        curves = {"∫i dt": self.imposed, "Li metal": self.metal, "ν × converted Ge": self.product}
        for k, (label, values) in enumerate(curves.items()):
            axes.plot(self.t, values / 1e3, color=colour(k), label=label)
        axes.plot(self.t, (self.metal + self.product) / 1e3, ":", color=GREY, lw=2, label="sum of both")
        axes.set(xlabel="Time (s)", ylabel="Charge (kC/m²)")
        axes.set_title(f"Plating, rest, stripping: {self.route}", fontsize=TITLE_SIZE)
        axes.legend(fontsize=7)


def balance(comm: MPI.Comm, route: str) -> Balance:
    """A film on LGPS and LPSC1.0 that plates, rests and strips; LGPS at the front is used up on the way."""
    reactions = [{"material": "LGPS", "route": route, "rate": "4 nm/s", "sigma": "0.1 S/m"}]
    simulation = Simulation(
        case(NUCLEUS, SETUP | {"reactions": reactions}), comm, extras=Extras(electrodes=False)
    )
    model = simulation.model
    before, rows, amounts = model.conversion.x.array.copy(), [], _amounts(model)
    for t in instants(simulation):
        rows.append((t, *(amount() for amount in amounts), *_bounds(model, before)))
        before = model.conversion.x.array.copy()
    t, lithium, product, out, left, *z = np.array(rows).T
    counter, germanium = -out / model.spaces.area, (product + left) / HALF
    metal = F / V_m * (lithium - lithium[0]) / model.spaces.area
    imposed = imposed_charge(t, CURRENTS, DURATIONS)
    charge = F * NU / V_M * product / model.spaces.area
    return Balance(route, t, imposed, metal, charge, counter, germanium, np.array(z).T)


def _amounts(model: Model) -> list[Callable[[], float]]:
    """∫ξ, ∫z, the current out through the counter, and ∫(1 − z) of what can react."""
    domain, z, spaces = model.domain, model.conversion, model.spaces
    outward = -model.charge.sigma_eff * ufl.dot(ufl.grad(model.charge.phi), ufl.FacetNormal(domain.mesh))
    forms = [
        model.front.xi * spaces.dx,
        z * spaces.dx,
        outward * spaces.on_face("counter"),
        (1 - z) * spaces.dx(domain.materials["LGPS"]),
    ]
    return [spaces.integral(form) for form in forms]


def _bounds(model: Model, before: Floats) -> tuple[float, float, float]:
    """Smallest and largest z, and its smallest growth."""
    z, comm = model.conversion.x.array, model.domain.mesh.comm
    local = float(z.min()), float(-z.max()), float((z - before).min())
    least, most, growth = (comm.allreduce(value, op=MPI.MIN) for value in local)
    return least, -most, growth
