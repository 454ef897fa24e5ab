"""Contact that is lost, films at the foil, kinetics by material, and the ends of CC-CV, in small cells."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.case import derive
from fem_model.materials import V_m
from fem_model.post import load_run
from fem_model.simulation import Simulation
from tests.command import call
from tests.fem.cases import FILM, NUCLEUS, Tables, case, column, finished, toml

LOST, R_CT = 1e-6, 5e-4
BARE: Tables = {
    "microstructure.depth": "20 um",
    "mesh.front_height": None,
    "mesh.cell_size_front": "1 um",
    "phase_field.lam": "1 um",
    "anode.initial": {"kind": "bare"},
    "counter": {"kind": "lithium"},
    "kinetics": {"R_ct": f"{R_CT} ohm m^2", "law": "linear"},
}
VOIDS = {"voids": {"thickness": f"{LOST} m"}}
SOLID = {"microstructure.width": "3 um", "microstructure.breadth": "3 um", "mesh.cell_size_front": "1 um"}


def drive(*steps: str, **more: Any) -> Tables:
    return {"drive": {"mode": "steps", "steps": list(steps)}, "time": {"end": "1 h", "outputs": 1}, **more}


def run(base: Tables, changes: Tables) -> tuple[Simulation, dict[str, Any]]:
    """A run to whatever end."""
    simulation = Simulation(case(base, changes), MPI.COMM_SELF)
    return simulation, simulation.run()


@pytest.mark.parametrize("space", [{}, SOLID], ids=["2D", "3D"])
def test_voids_at_both_faces_grow_as_charge_leaves_them(space: Tables) -> None:
    """Anode, then counter electrode: v = V_m q/F; the plated face fills first. Balances close."""
    t = 0.4 * LOST * F / (V_m * 10.0)
    words = [f"{how} at 1 mA/cm^2 for {t} s" for how in ("strip", "plate")]
    simulation, _ = run(FILM, BARE | space | VOIDS | drive(*words))
    stage, anode, counter = (
        column(simulation, name) for name in ("stage", "void_mean_anode_m", "void_mean_counter_m")
    )
    assert anode[stage == 0][-1] == pytest.approx(0.4 * LOST, rel=1e-9)
    assert abs(counter[stage == 0]).max() == 0.0
    assert anode[-1] == pytest.approx(0.0, abs=1e-9 * LOST)
    assert counter[-1] == pytest.approx(0.4 * LOST, rel=1e-9)
    assert column(simulation, "contact_share_counter")[-1] == pytest.approx(0.6, rel=1e-9)
    assert column(simulation, "void_error").max() < 1e-8
    assert column(simulation, "faraday_error").max() < 1e-8


def layers(a: float, b: float, **changes: Any) -> Tables:
    """Two layers side by side that conduct well, with R_ct of their own, ohm m²."""
    materials = {
        name: {"sigma": "1000 S/m", "kinetics": {"R_ct": f"{value} ohm m^2"}}
        for name, value in {"A": a, "B": b}.items()
    }
    return BARE | {"materials": materials, "drive.current": "-1 mA/cm^2", **VOIDS} | changes


def test_each_material_has_the_current_of_its_resistance() -> None:
    """Halves of a face have shares as 1/R_ct at first; voids follow ln(1 − v/h_v) ∝ ∫η dt/R_ct from there."""
    changes = layers(R_CT / 3, R_CT, time={"end": "100 s", "outputs": 1}, voids={"thickness": "0.2 um"})
    simulation = finished(case(NUCLEUS, changes))
    assert column(simulation, "current_focusing_anode")[0] == pytest.approx(1.5, rel=2e-3)
    voids = simulation.model.voids
    assert voids is not None
    face, middles = voids.faces[0], simulation.model.spaces.cells.tabulate_dof_coordinates()[:, 0]
    left = middles[: len(face.areas)] < 6e-6
    share = [np.log(1 - face.v[face.at_face & half] / 0.2e-6) for half in (left, ~left)]
    assert share[0].mean() == pytest.approx(3 * share[1].mean(), rel=0.01)
    assert share[0].mean() < -1


def test_cells_without_contact_do_not_set_the_step() -> None:
    """With a hundredth of the resistance on one half its cells are lost long before the others."""
    changes = layers(R_CT / 100, R_CT, time={"end": "1 h", "outputs": 1}, voids={"thickness": "0.2 um"})
    simulation, summary = run(NUCLEUS, changes)
    assert summary["status"] == "contact_lost"
    assert column(simulation, "current_focusing_anode")[0] == pytest.approx(200 / 101, rel=2e-3)
    assert summary["t_end_s"] == pytest.approx(0.2e-6 * F / (V_m * 10.0), rel=5e-3)
    assert summary["steps"] < 200
    assert column(simulation, "void_error").max() < 1e-8


@pytest.mark.parametrize("pressure", ["10 MPa", None], ids=["voids heal", "contact is lost"])
def test_the_dry_run_counts_steps_of_voids(pressure: str | None) -> None:
    """The foil recedes by less than a step of a front, and by h_v in 37 s."""
    changes = BARE | {"voids": {"thickness": "0.05 um"}} | drive("strip at 1 mA/cm^2 for 60 s")
    changes |= {"time": {"end": "60 s", "outputs": 1}, "stack": {"pressure": pressure} if pressure else None}
    _, summary = run(FILM, changes)
    assert summary["status"] == ("finished" if pressure else "contact_lost")
    assert summary["steps"] > 30
    least, most = derive(case(FILM, changes)).steps
    assert least <= summary["steps"] <= most < 9 * summary["steps"]


@pytest.mark.slow
def test_lost_contact_is_a_result_with_summary_and_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = BARE | {"voids": {"thickness": "0.02 um"}, "output.figures": True}
    changes |= drive("strip at 1 mA/cm^2 for 1 h")
    (tmp_path / "case.toml").write_text(toml(FILM, changes))
    assert call(["run", tmp_path / "case.toml", "--out", tmp_path / "out"], monkeypatch) == 0
    summary = load_run(tmp_path / "out").summary
    assert summary["status"] == "contact_lost"
    assert "the anode lost contact" in summary["reason"]
    assert summary["contact_share_anode"] < 1e-3
    assert (tmp_path / "out" / "figures" / "voltage.png").stat().st_size > 0


def test_cc_cv_ends_by_its_current_limit() -> None:
    """Voids take the contact: at a constant voltage the current falls, to the cut-off."""
    words = ["strip at 1 mA/cm^2 until 20 mV", "hold at -20 mV until 0.4 mA/cm^2 or for 1 h"]
    simulation, summary = run(FILM, BARE | VOIDS | drive(*words))
    first, second = summary["stages"]
    assert (first["ended_by"], second["ended_by"]) == ("its voltage limit", "its current limit")
    assert first["voltage_end_V"] == pytest.approx(-20e-3, rel=0.01)
    currents = -column(simulation, "current_density_A_m2")[column(simulation, "stage") == 1]
    assert currents[0] > 8.0
    assert currents[-1] == pytest.approx(4.0, rel=0.01)
    assert currents[-1] < 4.0


REACTS = {
    "materials": {"E": {"like": "LGPS"}},
    "reactions": [{"material": "E", "rate": "0.5 nm/s"}],
    "output.probing_depth": "50 nm",
}


def test_a_film_ends_with_the_foil() -> None:
    """At rest the foil of 0.2 µm makes V_M/(ν V_m) of that in product; the ledger closes."""
    changes = BARE | REACTS | drive("rest for 20 min") | {"anode.foil_thickness": "0.2 um"}
    simulation = finished(case(FILM, changes))
    film = column(simulation, "interphase_foil_m")
    possible = 0.2e-6 * 289.1e-6 / (23.75 * V_m)
    assert film[-1] == pytest.approx(possible, rel=1e-6)
    assert possible < 0.5 * 0.5e-9 * 1200
    assert column(simulation, "faraday_error").max() < 1e-8


def test_the_interface_fraction_of_a_bare_foil_is_the_film_over_the_depth() -> None:
    simulation = finished(case(FILM, BARE | REACTS | drive("rest for 60 s", "rest for 90 s")))
    t, film, fraction = (
        column(simulation, name) for name in ("t_s", "interphase_foil_m", "alloy_fraction_interface")
    )
    assert film == pytest.approx(0.5e-9 * t, rel=1e-9)
    assert fraction == pytest.approx(np.minimum(film / 50e-9, 1.0), rel=1e-9)
    assert {fraction[0], fraction[-1]} == {0.0, 1.0}
    assert 0 < fraction[len(fraction) // 2 - 1] < 1


def test_voids_balance_beside_a_film() -> None:
    """What the chemical route takes from the foil leaves no void."""
    changes = BARE | REACTS | VOIDS | drive("strip at 1 mA/cm^2 for 3 min")
    simulation = finished(case(FILM, changes))
    assert column(simulation, "void_mean_anode_m")[-1] == pytest.approx(V_m / F * 1800, rel=1e-3)
    assert column(simulation, "charge_reacted_C_m2")[-1] > 400
    assert column(simulation, "void_error").max() < 1e-8
    assert column(simulation, "faraday_error").max() < 1e-8
