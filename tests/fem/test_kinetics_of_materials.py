"""Kinetics of each material at foil and front of a cell among grains, where the electrolytes conduct well."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.constants import F, R
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, Tables, case, column

VOLTAGE, T = 0.05, 298.15
KINETICS = {"LPSC1.0": (2e-3, 0.5), "LGPS": (5e-4, 0.3)}
"""R_ct in ohm m² and α."""
GRAINS: Tables = {
    "microstructure": {
        "layout": "particles",
        "width": "12 um",
        "depth": "8 um",
        "grains": [
            {"material": "LPSC1.0", "mass_share": 0.6, "size": "4 um"},
            {"material": "LGPS", "mass_share": 0.4, "size": "3 um"},
        ],
    },
    "materials": {
        name: {"sigma": "1000 S/m", "kinetics": {"R_ct": f"{resistance} ohm m^2", "alpha": alpha}}
        for name, (resistance, alpha) in KINETICS.items()
    },
    "mesh": {"cell_size_front": "0.5 um", "cell_size_bulk": "1 um"},
    "phase_field.capillarity": "none",
    "counter": {"kind": "fixed"},
    "drive": {"mode": "potentiostatic", "voltage": f"{VOLTAGE} V"},
    "time": {"end": "1 ms", "outputs": 1},
}
FILM = {"kind": "film", "thickness": "2 um"}


def transfer(material: str, alpha: float | None = None) -> float:
    """Current density on a material at VOLTAGE by the law of Butler and Volmer, A/m²."""
    resistance, own = KINETICS[material]
    alpha, f = own if alpha is None else alpha, F / (R * T)
    exponentials = np.exp(alpha * f * VOLTAGE) - np.exp(-(1 - alpha) * f * VOLTAGE)
    return float(R * T / (F * resistance) * exponentials)


def areas(simulation: Simulation) -> tuple[dict[str, float], dict[str, float]]:
    """Areas of the bare foil and of the front on each material, over the area of the face."""
    spaces, front = simulation.model.spaces, simulation.model.front
    within = {name: spaces.only_in(name) for name in KINETICS}
    foil = {n: spaces.integrate(front.free * one * spaces.on_face("anode")) for n, one in within.items()}
    moving = {n: spaces.integrate(front.density * one * spaces.dx) for n, one in within.items()}
    return tuple({n: a / spaces.area for n, a in table.items()} for table in (foil, moving))  # type: ignore[return-value]


def total(table: Mapping[str, float], alpha: float | None = None) -> float:
    """Current of areas on the materials, A/m²."""
    return sum(area * transfer(name, alpha) for name, area in table.items())


@pytest.mark.parametrize("alpha", [None, 0.6], ids=["alpha of materials", "alpha of the foil"])
@pytest.mark.parametrize("initial", [{"kind": "bare"}, FILM], ids=["foil", "front"])
def test_the_current_is_that_of_each_material_on_its_share(
    initial: Mapping[str, Any], alpha: float | None
) -> None:
    """i = Σ fₖ i₀ₖ [exp(αₖ FV/RT) − exp(−(1 − αₖ) FV/RT)], fₖ the share of a material of foil and front.

    An α of the electrode counts at the foil, on all materials; the front has that of each material.
    """
    anode = {"initial": initial} | ({"alpha": alpha} if alpha else {})
    simulation = Simulation(case(NUCLEUS, GRAINS | {"anode": anode}), MPI.COMM_SELF)
    foil, front = areas(simulation)
    assert min(max(foil[name], front[name]) for name in KINETICS) > 0.1
    simulation.run()
    expected = total(foil, alpha) + total(front)
    assert column(simulation, "current_density_A_m2")[0] == pytest.approx(expected, rel=1e-3)
