"""Runs in 3D: the current of a flat front, the ledger, and round lithium with twice the curvature."""

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.constants import F
from fem_model.materials import V_m
from fem_model.physics.model import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import Tables
from fem_model.study.verification.closed_forms import capillary_voltage
from fem_model.study.verification.exact import NO_CURRENT
from fem_model.study.verification.flat_front import Flat, first_current
from tests.fem.cases import FILM, NUCLEUS, case, column, finished
from tests.fem.test_front import SIGMAS, curvature

UM, MV = 1e-6, 1e-3
ROD = {"microstructure.breadth": "2 um", "mesh.cell_size_bulk": "4 um"}
GAMMA = 0.5  # J/m²


def octant(radius: float, lam: float, cell: float) -> Tables:
    """Changes to NUCLEUS: an eighth of a ball in the corner of a cube whose sides are mirrors; µm."""
    size = f"{radius + 6 * lam} um"
    return {
        "microstructure": {
            "layout": "layers",
            "width": size,
            "breadth": size,
            "depth": size,
            "layers": [{"material": "B", "share": 1.0}],
        },
        "mesh": {"cell_size_front": f"{cell} um", "cell_size_bulk": f"{cell} um"},
        "phase_field.lam": f"{lam} um",
        "anode.initial.nuclei": [{"position": "0 um", "across": "0 um", "radius": f"{radius} um"}],
        "counter": {"kind": "fixed"},
    }


@pytest.mark.parametrize("sigma", SIGMAS[:3])
def test_the_current_of_a_flat_front_is_that_of_the_sharp_one(sigma: float) -> None:
    front = Flat(sigma=sigma, more=ROD)
    assert first_current(MPI.COMM_SELF, front.changes()) == pytest.approx(front.exact(), rel=1e-3)


def test_a_flat_front_moves_by_what_has_passed() -> None:
    """Per m² of the anode face: the height of the front rises by V_m/F times the charge density."""
    simulation = finished(case(FILM, {**ROD, "time": {"end": "500 s", "outputs": 1}}))
    assert simulation.model.area == pytest.approx((2 * UM) ** 2, rel=1e-12)
    metal, passed = (column(simulation, f"charge_{name}_C_m2") for name in ("metal", "foil"))
    assert (passed == 0).all()
    risen = column(simulation, "tip_m") - column(simulation, "tip_m")[0]
    assert risen[-1] > 2 * UM
    assert risen == pytest.approx(V_m / F * metal, abs=2e-2 * risen[-1])
    assert column(simulation, "li_volume_m3")[0] == pytest.approx(20 * UM * (2 * UM) ** 2, rel=1e-3)
    assert column(simulation, "faraday_error").max() < 1e-8


def test_half_balls_keep_the_ledger_and_grow_where_the_electrolyte_conducts_better() -> None:
    radius, lam = 2.5 * UM, 0.5 * UM
    nuclei = [{"position": f"{x} um", "across": "0 um", "radius": "2.5 um"} for x in (3, 9)]
    changes = {
        "microstructure.breadth": "6 um",
        "anode.initial.nuclei": nuclei,
        "kinetics.R_ct": "0.1 ohm cm^2",
        "materials.A.sigma": "3.57 S/m",
    }
    simulation = finished(case(NUCLEUS, changes))
    assert column(simulation, "faraday_error").max() < 1e-8
    assert column(simulation, "charge_C_m2")[-1] == pytest.approx(10 * 1200, rel=1e-9)
    first, last = simulation.recorder.rows[0], simulation.recorder.rows[-1]
    quarters = 2 / 3 * np.pi * radius**3 * (1 + (np.pi * lam / radius) ** 2)  # two, of the tanh profile
    assert first["li_volume_m3"] == pytest.approx(quarters, rel=2e-2)
    assert first["tip_A_m"] == pytest.approx(radius, rel=2e-2)
    assert last["tip_A_m"] > 1.02 * last["tip_B_m"] > 1.2 * radius
    assert last["li_share_A"] > 0.52


def test_the_curvature_of_a_ball_is_two_over_its_radius() -> None:
    """κ = ∇·n, within the front; in 2D it is 1/r."""
    radius, lam, errors = 3.0, 0.5, []
    for cell in (0.5, 0.33):
        changes = octant(radius, lam, cell) | {"drive": {"mode": "potentiostatic", "voltage": "1 mV"}}
        extras = Extras(front_current=NO_CURRENT, electrodes=False)
        simulation = Simulation(case(NUCLEUS, changes), MPI.COMM_SELF, extras=extras)
        assert simulation.instant() is None
        r = np.linalg.norm(simulation.recorder.measures.finder.space.tabulate_dof_coordinates(), axis=1)
        near = abs(r - radius * UM) < 0.3 * UM
        errors.append((curvature(simulation) * r)[near].mean() / 2 - 1)
    assert abs(errors[1]) < 1e-2
    assert abs(errors[1]) < abs(errors[0])


@pytest.mark.slow
@pytest.mark.parametrize("radius", [2.0, 4.0])
def test_a_ball_is_in_equilibrium_at_twice_the_voltage_of_a_disc(radius: float) -> None:
    """2 V_m γ/(F r), of which the width of the front takes as much as in 2D (`verify gibbs_thomson`)."""
    lam = 0.5
    end = 2 * (lam * UM) ** 2 / 8e-15
    changes = octant(radius, lam, 0.4) | {
        "phase_field": {"lam": f"{lam} um", "mobility": "8e-15 m^2/s"},
        "kinetics.R_ct": "0.1 ohm cm^2",
        "drive": {"mode": "galvanostatic", "current": "1e-4 A/m^2"},
        "solver.tolerance": 1e-5,
        "time": {"end": f"{end} s", "step": f"{end / 10} s", "outputs": 1},
    }
    voltage = column(finished(case(NUCLEUS, changes), extras=Extras(electrodes=False)), "voltage_V")[-1]
    assert voltage == pytest.approx(2 * float(capillary_voltage(radius * UM, GAMMA)), rel=0.1)
