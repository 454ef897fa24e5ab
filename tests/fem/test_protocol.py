"""Protocols: what ends a stage, what it passes, the way back, thresholds, and a resistance in series."""

from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.simulation import Simulation
from tests.fem.cases import FILM, NUCLEUS, case, column, finished

MAH = 36.0  # C/m² in 1e-3 mAh/cm²
LITHIUM = {"counter": {"kind": "lithium"}, "time": {"end": "50 h", "outputs": 1}}


def run(base: dict[str, Any], drive: dict[str, Any], **changes: Any) -> Simulation:
    return finished(case(base, LITHIUM | {"drive": drive} | changes))


def test_a_cycle_on_a_flat_film_returns_to_the_start() -> None:
    """0.3 mAh/cm² there and back: the film, its profile, and the foil are what they were."""
    simulation = Simulation(
        case(
            FILM,
            LITHIUM
            | {"drive": {"mode": "cycling", "current": "1 mA/cm^2", "capacity": "0.3 mAh/cm^2", "cycles": 1}},
        ),
        MPI.COMM_SELF,
    )
    before = simulation.model.front.xi.x.array.copy()
    summary = simulation.run()
    lithium = column(simulation, "li_volume_m3") / 2e-6
    plated = V_m / F * 300 * MAH
    assert summary["reason"].startswith("the protocol ended")
    assert lithium.max() - lithium[0] == pytest.approx(plated, rel=1e-3)
    assert abs(lithium[-1] - lithium[0]) < 1e-3 * plated
    assert abs(simulation.recorder.last["tip_m"] - 20e-6) < 0.01 * plated
    assert abs(simulation.model.front.xi.x.array - before).max() < 0.03


def test_stages_end_by_time_capacity_and_voltage() -> None:
    steps = [
        {"current": "1 mA/cm^2", "time": "5 min"},
        {"current": "0 A/m^2", "time": "2 min"},
        {"voltage": "5 mV", "capacity": "0.05 mAh/cm^2", "time": "1 h"},
        {"current": "-1 mA/cm^2", "capacity": "0.02 mAh/cm^2"},
        {"current": "3 mA/cm^2", "time": "1 h", "voltage_limit": "5 mV"},
    ]
    simulation = run(NUCLEUS, {"mode": "steps", "steps": steps})
    stages = simulation.recorder.finish(simulation.clock, "finished", "")["stages"]
    assert [s["ended_by"] for s in stages] == [
        "its time",
        "its time",
        "its capacity",
        "its capacity",
        "its voltage limit",
    ]
    assert [s["charge_C_m2"] for s in stages[:4]] == pytest.approx(
        [3000.0, 0.0, 50 * MAH, -20 * MAH], rel=1e-3, abs=1e-6
    )
    assert [s["t_end_s"] - s["t_start_s"] for s in (stages[0], stages[1], stages[3])] == pytest.approx(
        [300, 120, 72]
    )
    t = column(simulation, "t_s")
    assert {300.0, 420.0} <= set(t.tolist())
    assert set(column(simulation, "stage").astype(int)) == {0, 1, 2, 3, 4}
    assert column(simulation, "faraday_error").max() < 1e-8


def test_half_cycles_end_on_time_to_the_last_digit() -> None:
    """With an output due at the same time there is no step of round-off between the two."""
    drive = {"mode": "cycling", "current": "0.3 mA/cm^2", "capacity": "0.3 mAh/cm^2", "cycles": 3}
    simulation = finished(case(FILM, LITHIUM | {"drive": drive, "time": {"end": "6 h", "outputs": 6}}))
    ends = [result.t_end_s for result in simulation.schedule.results]
    assert ends == [3600.0 * k for k in range(1, 7)]
    dt = column(simulation, "dt_s")
    assert dt[dt > 0].min() > 1.0


def test_at_rest_no_charge_passes() -> None:
    steps = [{"current": "1 mA/cm^2", "time": "5 min"}, {"current": "0 A/m^2", "time": "1 h"}]
    simulation = run(NUCLEUS, {"mode": "steps", "steps": steps})
    rest = column(simulation, "stage") == 1
    assert np.ptp(column(simulation, "charge_C_m2")[rest]) < 1e-6
    voltage = column(simulation, "voltage_V")[rest]
    assert abs(voltage).max() < 1e-4
    assert column(simulation, "overpotential_anode_V")[rest] == pytest.approx(voltage, rel=1e-12)
    assert (column(simulation, "ohmic_V")[rest] == 0).all()
    assert abs(column(simulation, "capillary_V")[rest]).max() < 1e-4


@pytest.mark.parametrize(
    "drive",
    [{"mode": "galvanostatic", "current": "1 mA/cm^2"}, {"mode": "potentiostatic", "voltage": "20 mV"}],
)
def test_a_series_resistance_adds_its_ohmic_drop(drive: dict[str, str]) -> None:
    """V = i R_series + i (L/σ + R_ct + R_counter), linear kinetics and a flat film: all in closed form."""
    changes = {
        "kinetics": {"R_ct": "0.8 ohm cm^2", "law": "linear"},
        "counter": {"kind": "lithium", "R_ct": "2 ohm cm^2", "series_resistance": "20 ohm cm^2"},
        "drive": drive,
    }
    simulation = Simulation(case(FILM, changes), MPI.COMM_SELF)
    simulation.instant()
    row = simulation.recorder.rows[0]
    resistance = 20e-4 + 80e-6 / 0.357 + 0.8e-4 + 2e-4
    assert row["voltage_V"] / row["current_density_A_m2"] == pytest.approx(resistance, rel=1e-3)
    assert row["series_V"] == pytest.approx(20e-4 * row["current_density_A_m2"], rel=1e-12)
    given = {"galvanostatic": ("current_density_A_m2", 10.0), "potentiostatic": ("voltage_V", 0.02)}[
        drive["mode"]
    ]
    assert row[given[0]] == pytest.approx(given[1], rel=1e-9)


def test_a_staircase_intrudes_from_the_threshold_on() -> None:
    """Confined lithium moves where i R_ct exceeds V_m p/F: p for 1.5 mA/cm² on the face, in steps of 0.5."""
    R_ct = 0.8e-4
    pressure = F * 15.0 * R_ct / V_m
    staircase = {
        "mode": "staircase",
        "start": "0.5 mA/cm^2",
        "step": "0.5 mA/cm^2",
        "largest": "2 mA/cm^2",
        "half_cycle": "2 min",
        "reversal": False,
    }
    kinetics = {"R_ct": "0.8 ohm cm^2", "law": "linear", "p_resist": f"{pressure} Pa"}
    nuclei = {"kind": "nuclei", "nuclei": [{"position": "6 um", "radius": "1 um"}]}
    changes = {
        "kinetics": kinetics,
        "anode.initial": nuclei,
        "phase_field.capillarity": "none",
        "materials": {"A": {"sigma": "50 S/m"}, "B": {"sigma": "50 S/m"}},
    }
    simulation = run(NUCLEUS, staircase, **changes)
    stage, metal = column(simulation, "stage").astype(int), column(simulation, "charge_metal_C_m2")
    at_ends = [0.0, *(metal[stage == k][-1] for k in range(4))]
    into_front = np.diff(at_ends)
    assert abs(into_front[:2]).max() < 1e-2 * into_front[2]  # the dead zone is smoothed over 20 µV
    surface = np.pi * 1e-6 / 12e-6  # of the half disc, over the face; 10 in 12 of the face are free
    assert into_front[2] == pytest.approx(surface * 120 * (15.0 * 12 / 10 - 15.0), rel=0.3)


def test_a_nucleus_that_dissolves_leaves_next_to_nothing_and_no_trouble() -> None:
    """Stripped beyond its end, under a pressure that keeps it from coming again: the foil serves."""
    steps = [{"current": f"{sign} mA/cm^2", "time": "1 h"} for sign in (-1, 1, -1)]
    simulation = run(NUCLEUS, {"mode": "steps", "steps": steps}, **{"kinetics.p_resist": "10 MPa"})
    lithium, xi = column(simulation, "li_volume_m3"), simulation.model.front.xi.x.array
    assert column(simulation, "tip_m")[-1] == 0.0
    assert xi.min() > -1e-6 and xi.max() < 0.1 and 0 < lithium[-1] < 0.03 * lithium[0]
    assert simulation.clock.rejected == 0
    assert column(simulation, "faraday_error").max() < 1e-8


def test_capillarity_and_pressure_are_parts_of_the_overpotential() -> None:
    """A flat film at 1 mA/cm² behind R_ct and P: overpotential i R_ct + P, of which the pressure is P."""
    P = 2e-3
    kinetics = {"R_ct": "0.8 ohm cm^2", "law": "linear", "p_resist": f"{P * F / V_m} Pa"}
    changes = {"kinetics": kinetics, "drive": {"mode": "galvanostatic", "current": "1 mA/cm^2"}}
    simulation = Simulation(case(FILM, LITHIUM | changes), MPI.COMM_SELF)
    simulation.instant()
    row = simulation.recorder.rows[0]
    assert row["overpotential_anode_V"] == pytest.approx(10 * 0.8e-4 + P, rel=2e-3)
    assert row["pressure_V"] == pytest.approx(P, rel=2e-3)
    assert abs(row["capillary_V"]) < 1e-3 * P


def test_a_short_circuit_is_told_by_connection_and_by_voltage() -> None:
    """Lithium that bridges most of a resistive electrolyte lets the voltage fall below half."""
    changes = {
        "materials": {"E": {"sigma": "0.002 S/m"}},
        "mesh.front_height": "100 um",
        "time": {"end": "30 h", "outputs": 1},
    }
    drive = {"mode": "galvanostatic", "current": "1 mA/cm^2"}
    simulation = Simulation(case(FILM, LITHIUM | changes | {"drive": drive}), MPI.COMM_SELF)
    summary = simulation.run()
    assert summary["status"] == "short_circuit"
    assert summary["short_by_connection_t_s"] == summary["t_end_s"]
    voltage, t = column(simulation, "voltage_V"), column(simulation, "t_s")
    half = t[np.argmax(voltage < voltage[0] / 2)]
    assert summary["short_by_voltage_t_s"] == pytest.approx(half)
    assert half < summary["t_end_s"] and np.isfinite(voltage).all()
    assert summary["time_to_short_s"] == summary["short_by_voltage_t_s"], "the earlier of the two"
    assert summary["onset_to_short_s"] == summary["time_to_short_s"] - summary["onset_t_s"] > 0


def test_an_instant_between_two_stages_has_a_row_for_each() -> None:
    """So that a reversal is a jump, and the voltage at the start of a stage is that of its first instant."""
    steps = [{"current": "1 mA/cm^2", "time": "2 min"}, {"current": "-1 mA/cm^2", "time": "2 min"}]
    simulation = finished(case(NUCLEUS, {"drive": {"mode": "steps", "steps": steps}}))
    rows = simulation.recorder.rows
    [turn] = [k for k, row in enumerate(rows) if row["t_s"] == 120.0 and row["stage"] == 1]
    before, after = rows[turn - 1], rows[turn]
    assert (before["t_s"], before["step"], before["stage"]) == (120.0, after["step"], 0)
    assert after["dt_s"] == 0.0
    assert before["voltage_V"] > 0.0 > after["voltage_V"]
    assert after["charge_metal_C_m2"] == before["charge_metal_C_m2"]
    assert simulation.schedule.results[1].voltage_start_V == after["voltage_V"]
    assert sum(row["dt_s"] for row in rows) == pytest.approx(240.0)
