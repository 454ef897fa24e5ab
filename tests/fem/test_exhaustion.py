"""An anode without lithium ends a stage; nothing is stripped that is not there; limits are met exactly."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.simulation import Simulation
from tests.fem.cases import FILM, NUCLEUS, case, column

THIN_FOIL = {
    "anode.foil_thickness": "1 um",
    "time": {"end": "50 h", "outputs": 1},
    "counter": {"kind": "lithium"},
}
STOCK = 1e-6 * F / V_m  # C/m² of the foil

STRIPPED = {
    "nucleus": (NUCLEUS, {"mode": "galvanostatic", "current": "-2 mA/cm^2"}, {}),
    "film": (FILM, {"mode": "galvanostatic", "current": "-2 mA/cm^2"}, {"anode.initial.thickness": "3 um"}),
    "voltage": (NUCLEUS, {"mode": "potentiostatic", "voltage": "-5 mV"}, {}),
    "linear": (NUCLEUS, {"mode": "galvanostatic", "current": "-2 mA/cm^2"}, {"kinetics.law": "linear"}),
    "islands": (NUCLEUS, {"mode": "galvanostatic", "current": "-2 mA/cm^2"}, {"anode.islands": "floating"}),
}


def run(
    base: dict[str, Any], drive: dict[str, Any], changes: dict[str, Any]
) -> tuple[Simulation, dict[str, Any]]:
    simulation = Simulation(case(base, THIN_FOIL | {"drive": drive} | changes), MPI.COMM_SELF)
    return simulation, simulation.run()


@pytest.mark.parametrize("name", STRIPPED)
def test_an_anode_without_lithium_ends_the_run(name: str) -> None:
    """All but a few per cent of nucleus and foil has passed then, and ξ has kept its bounds."""
    base, drive, changes = STRIPPED[name]
    simulation, summary = run(base, drive, changes)
    at_start = STOCK + F / V_m * simulation.recorder.rows[0]["li_volume_m3"] / simulation.model.spaces.area
    assert (summary["status"], summary["reason"][:16]) == ("exhausted", "no lithium left:")
    assert summary["steps"] < 300 and summary["rejected"] <= 0.1 * summary["steps"]
    assert 0.97 * at_start < -summary["charge_C_m2"] < at_start
    assert column(simulation, "charge_foil_C_m2").min() == pytest.approx(-STOCK, rel=1e-9)
    assert summary["faraday_error"] < 1e-8
    assert column(simulation, "charge_beyond_bounds_C_m2").max() < 1e-5 * at_start
    assert simulation.model.front.xi.x.array.min() > -1e-4


def test_a_stage_without_lithium_gives_way_to_the_next_which_plates_again() -> None:
    drive = {"mode": "cycling", "current": "2 mA/cm^2", "capacity": "0.6 mAh/cm^2", "cycles": 2}
    strip_first = {"mode": "steps", "repeat": 2}
    steps = [{"current": "-2 mA/cm^2", "time": "10 h"}, {"current": "2 mA/cm^2", "time": "10 min"}]
    _, summary = run(NUCLEUS, strip_first | {"steps": steps}, {})
    assert summary["status"] == "finished"
    ends = [(stage["ended_by"], stage["charge_C_m2"] > 0) for stage in summary["stages"]]
    assert ends == [("no lithium left", False), ("its time", True)] * 2
    assert summary["stages"][2]["charge_C_m2"] == pytest.approx(-20 * 600, rel=0.05)  # what was plated before
    _, summary = run(NUCLEUS, drive, {})  # plates first, and never runs out
    assert {stage["ended_by"] for stage in summary["stages"]} == {"its capacity"}


LIMITED = {
    "rest, then a jump": [
        {"current": "0 A/m^2", "time": "1 min"},
        {"current": "5 mA/cm^2", "time": "1 h", "voltage_limit": "1 mV"},
    ],
    "stripping to nothing": [{"current": "-2 mA/cm^2", "time": "10 h", "voltage_limit": "60 mV"}],
    "falling current": [{"voltage": "-5 mV", "capacity": "0.25 mAh/cm^2", "time": "10 h"}],
    "rising current": [{"voltage": "20 mV", "capacity": "0.5 mAh/cm^2", "time": "10 h"}],
}


@pytest.mark.parametrize("name", LIMITED)
def test_limits_are_met_inside_a_step(name: str) -> None:
    """The voltage to 1 % or 0.1 mV, a capacity to 0.1 %; a jump beyond the limit ends a stage at once."""
    steps = LIMITED[name]
    simulation, summary = run(NUCLEUS, {"mode": "steps", "steps": steps}, {})
    last = asdict(simulation.schedule.results[-1])
    if name == "rest, then a jump":
        assert last["ended_by"] == "its voltage limit" and last["t_start_s"] == last["t_end_s"] == 60.0
    elif "voltage_limit" in steps[-1]:
        assert last["ended_by"] == "its voltage limit"
        assert 0.0600 < -last["voltage_end_V"] <= 0.0606
    else:
        capacity = {"falling current": 0.25, "rising current": 0.5}[name] * 36e3
        assert last["ended_by"] == "its capacity"
        assert abs(last["charge_C_m2"]) == pytest.approx(capacity, rel=1.1e-3)
    assert summary["faraday_error"] < 1e-8


def test_a_galvanostatic_run_ends_at_its_voltage_limit() -> None:
    drive = {"mode": "galvanostatic", "current": "-2 mA/cm^2", "voltage_limit": "50 mV"}
    simulation, summary = run(NUCLEUS, drive, {})
    assert summary["status"] == "finished" and "its voltage limit" in summary["reason"]
    assert 0.0500 < -summary["voltage_V"] <= 0.0505
    assert np.abs(column(simulation, "voltage_V"))[:-1].max() <= 0.05


def test_a_short_circuit_is_met_inside_a_step() -> None:
    """Where steps are as long as the front allows, too."""
    changes = {"drive.current": "5 mA/cm^2", "time": {"end": "10 h", "outputs": 1, "front_step": 0.4}}
    simulation = Simulation(case(NUCLEUS, changes), MPI.COMM_SELF)
    summary = simulation.run()
    gap = simulation.domain.depth - summary["tip_m"]
    closest = 4.39 * 0.5e-6
    assert summary["status"] == "short_circuit"
    assert 0.99 * closest <= gap <= closest * (1 + 1e-3)


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"drive": {"mode": "potentiostatic", "voltage": "5 V"}}, "lower drive.voltage"),
        ({"kinetics.R_ct": "1e8 ohm cm^2"}, "lower kinetics.R_ct"),
    ],
)
def test_what_cannot_be_solved_fails_with_a_remedy_and_a_true_summary(
    changes: dict[str, Any], advice: str, recwarn: pytest.WarningsRecorder
) -> None:
    summary = Simulation(case(NUCLEUS, changes), MPI.COMM_SELF).run()
    assert summary["status"] == "failed" and advice in summary["reason"]
    assert summary["tip_m"] == pytest.approx(2.5e-6, rel=0.01)  # the nucleus
    assert not recwarn.list
