"""What is imposed on the cell, and who carries the current: front, contacts, foil, pressure."""

from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.simulation import Simulation
from tests.fem.cases import FILM, NUCLEUS, Tables, case, column, finished

R_CT = 0.8e-4  # ohm m²
OHMIC = 80e-6 / 0.357  # ohm m²
P = V_m * 100e6 / F  # V, of 100 MPa
LINEAR = {"R_ct": "0.8 ohm cm^2", "law": "linear"}
BY_CURRENT = {"mode": "galvanostatic", "current": "10 A/m^2"}


def instant(base: Tables, changes: dict[str, Any]) -> dict[str, Any]:
    """The row of the first instant."""
    simulation = Simulation(case(base, changes), MPI.COMM_SELF)
    assert simulation.instant() is None
    return simulation.recorder.rows[0]


# Drives and counter electrodes


def test_a_galvanostatic_run_carries_its_current() -> None:
    simulation = finished(case(NUCLEUS))
    t, charge = column(simulation, "t_s"), column(simulation, "charge_C_m2")
    assert column(simulation, "current_density_A_m2") == pytest.approx(10.0, rel=1e-9)
    assert charge == pytest.approx(10.0 * t, rel=1e-9)
    parts = column(simulation, "charge_foil_C_m2") + column(simulation, "charge_metal_C_m2")
    assert parts == pytest.approx(charge, rel=1e-8, abs=1e-9)
    assert max(simulation.recorder.ledger.worst, column(simulation, "faraday_error").max()) < 1e-8
    assert (np.diff(column(simulation, "tip_m")) > 0).all()


def test_a_potentiostatic_run_keeps_its_voltage_and_counts_its_charge() -> None:
    simulation = finished(case(NUCLEUS, {"drive": {"mode": "potentiostatic", "voltage": "3 mV"}}))
    t, current = column(simulation, "t_s"), column(simulation, "current_density_A_m2")
    assert column(simulation, "voltage_V") == pytest.approx(3e-3, rel=1e-12)
    assert current.max() / current.min() > 1.02  # it changes as lithium grows
    assert column(simulation, "charge_C_m2")[-1] == pytest.approx(np.trapezoid(current, t), rel=1e-3)
    assert simulation.recorder.ledger.worst < 1e-8


def test_the_shares_of_current_and_lithium_sum_to_one() -> None:
    simulation = finished(case(NUCLEUS))
    for stem in ("current_share", "li_share"):
        total = column(simulation, f"{stem}_A") + column(simulation, f"{stem}_B")
        assert total[1:] == pytest.approx(1.0, abs=1e-12)
    assert (column(simulation, "current_share_A") > 0.5).all()  # A conducts better


@pytest.mark.parametrize(("counter", "contacts"), [("fixed", 1), ("lithium", 2)])
def test_the_voltage_of_a_flat_cell(counter: str, contacts: int) -> None:
    """V = i (L/σ + R_ct) with φ fixed at the counter face, and one R_ct more with a lithium electrode."""
    row = instant(FILM, {"kinetics": LINEAR, "drive": BY_CURRENT, "counter": {"kind": counter}})
    assert row["voltage_V"] == pytest.approx(10.0 * (OHMIC + contacts * R_CT), rel=2e-3)


def test_contacts_have_resistances_of_their_own() -> None:
    """The counter's adds in full; the anode's acts only where no lithium covers it."""
    flat = {"kinetics": LINEAR, "drive": BY_CURRENT, "counter": {"kind": "lithium", "R_ct": "5 ohm cm^2"}}
    row = instant(FILM, flat | {"anode.R_ct": "50 ohm cm^2"})
    assert row["voltage_V"] == pytest.approx(10.0 * (OHMIC + R_CT + 5e-4), rel=2e-3)
    tips = [column(finished(case(NUCLEUS, {"anode.R_ct": f"{R} ohm cm^2"})), "tip_m")[-1] for R in (0.8, 8)]
    assert tips[1] > 1.1 * tips[0]  # a poor contact sends the current into the flaw


# Stripping


def test_stripping_takes_a_film_back() -> None:
    simulation = finished(case(FILM, {"drive": {"mode": "galvanostatic", "current": "-10 A/m^2"}}))
    lithium = column(simulation, "li_volume_m3") / 2e-6
    assert lithium[-1] - lithium[0] == pytest.approx(-V_m / F * 10.0 * 3600, rel=1e-6)
    assert column(simulation, "tip_m")[-1] < 16e-6
    assert (column(simulation, "voltage_V") < 0).all()
    assert simulation.recorder.ledger.worst < 1e-8


def test_the_foil_gives_no_more_than_its_stock() -> None:
    """A foil of 0.1 µm holds 744 C/m²; then the flaw's lithium must carry the current."""
    changes = {
        "anode.foil_thickness": "0.1 um",
        "drive": {"mode": "galvanostatic", "current": "-10 A/m^2"},
        "time": {"end": "10 min", "outputs": 1},
    }
    simulation = finished(case(NUCLEUS, changes))
    foil = column(simulation, "charge_foil_C_m2")
    stock = 0.1e-6 * F / V_m
    assert foil[-1] == pytest.approx(-stock, rel=0.03)
    assert foil.min() >= -stock * (1 + 1e-9)
    assert simulation.recorder.ledger.worst < 1e-8


# Pressure


def test_a_blocked_front_stands_still_and_the_contact_carries_the_current() -> None:
    simulation = finished(case(NUCLEUS, {"kinetics.p_resist": "1000 MPa"}))
    tip = column(simulation, "tip_m")
    assert abs(tip - tip[0]).max() < 2e-3 * 0.5e-6
    assert column(simulation, "charge_foil_C_m2")[-1] == pytest.approx(10.0 * 1200, rel=1e-3)


@pytest.mark.parametrize("reversible", [False, True])
def test_a_film_without_free_contact_needs_the_pressure_on_top(reversible: bool) -> None:
    """V = iL/σ + V_m p/F + i R_ct with the linear law."""
    kinetics = LINEAR | {"p_resist": "100 MPa", "reversible": reversible}
    row = instant(FILM, {"kinetics": kinetics, "drive": BY_CURRENT})
    assert row["voltage_V"] == pytest.approx(10.0 * (OHMIC + R_CT) + P, rel=2e-3)


def test_below_the_pressure_a_film_neither_grows_nor_shrinks() -> None:
    """A voltage within the dead zone, 10 of 13.4 mV, drives no current; without pressure it drives 33."""
    changes = {"kinetics": LINEAR | {"p_resist": "100 MPa"}, "drive.voltage": "10 mV"}
    simulation = finished(case(FILM, changes | {"time.end": "10 min"}))
    assert abs(column(simulation, "current_density_A_m2")).max() < 1e-3
    assert np.ptp(column(simulation, "tip_m")) < 1e-3 * 1e-6


def test_reversible_pressure_pushes_lithium_out() -> None:
    """i = (V − V_m p/F)/(R_ct + L/σ), negative at 10 mV; the dead zone would let it stand."""
    kinetics = LINEAR | {"p_resist": "100 MPa", "reversible": True}
    changes = {"kinetics": kinetics, "drive.voltage": "10 mV", "time.end": "10 min"}
    simulation = finished(case(FILM, changes))
    current, tip = column(simulation, "current_density_A_m2"), column(simulation, "tip_m")
    assert current[0] == pytest.approx((10e-3 - P) / (R_CT + OHMIC), rel=2e-3)
    assert tip[-1] < tip[0] - 0.5e-6


def test_stripping_is_not_held_back_by_pressure() -> None:
    drive = {"mode": "galvanostatic", "current": "-10 A/m^2"}
    kinetics = [LINEAR, LINEAR | {"p_resist": "100 MPa"}]
    rows = [instant(FILM, {"kinetics": law, "drive": drive}) for law in kinetics]
    assert rows[0]["voltage_V"] == pytest.approx(-10.0 * (OHMIC + R_CT), rel=2e-3)
    assert rows[1]["voltage_V"] == pytest.approx(rows[0]["voltage_V"], abs=2e-5)


def test_lithium_runs_ahead_along_a_boundary_that_resists_less() -> None:
    """50 MPa within the grains hold the flaw's flanks; along the seam, with none, it grows a spike."""
    same = {"materials.B.sigma": "0.526 S/m", "kinetics.p_resist": "50 MPa"}
    seam = {"boundaries": [{"width": "1 um", "p_factor": 0.0}]}
    held, open_ = (finished(case(NUCLEUS, same | extra)) for extra in ({}, seam))
    assert column(held, "tip_m")[-1] < 2.51e-6
    assert column(open_, "tip_m")[-1] > 3.2e-6
    x = open_.recorder.measures.finder.space.tabulate_dof_coordinates()
    off_seam = (abs(x[:, 0] - 6e-6) > 2e-6) & (open_.model.front.xi.x.array > 0.5)
    start = Simulation(case(NUCLEUS, same), MPI.COMM_SELF).model.front.xi.x.array > 0.5
    assert off_seam.sum() <= (start & (abs(x[:, 0] - 6e-6) > 2e-6)).sum() + 2
