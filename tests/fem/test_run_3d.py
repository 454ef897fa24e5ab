"""Runs in 3D: the current of a flat front, the ledger, and round lithium with twice the curvature.

More in `verify flat_front_3d` and `gibbs_thomson_3d`.
"""

import numpy as np
import pytest
import ufl
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.numerics.algebra import AssembledVector
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation
from fem_model.study.verification.curvature import corner
from fem_model.study.verification.exact import NO_CURRENT
from fem_model.study.verification.flat_front import SIGMAS
from fem_model.study.verification.rod import ROD, at_rest
from tests.fem.cases import FILM, NUCLEUS, case, column, finished
from tests.fem.test_front import curvature

UM = 1e-6


@pytest.mark.parametrize("sigma", SIGMAS[:3])
def test_the_current_of_a_flat_front_is_that_of_the_sharp_one(sigma: float) -> None:
    assert at_rest(MPI.COMM_SELF, sigma).passed


def test_a_flat_front_moves_by_what_has_passed() -> None:
    """Per m² of the anode face: the height of the front rises by V_m/F times the charge density."""
    simulation = finished(case(FILM, {**ROD, "time": {"end": "500 s", "outputs": 1}}))
    assert simulation.model.spaces.area == pytest.approx((2 * UM) ** 2, rel=1e-12)
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
    first, last = simulation.recorder.rows[0], simulation.recorder.last
    quarters = 2 / 3 * np.pi * radius**3 * (1 + (np.pi * lam / radius) ** 2)  # two, of the tanh profile
    assert first["li_volume_m3"] == pytest.approx(quarters, rel=2e-2)
    assert first["tip_A_m"] == pytest.approx(radius, rel=2e-2)
    assert last["tip_A_m"] > 1.02 * last["tip_B_m"] > 1.2 * radius
    assert last["li_share_A"] > 0.52


def test_the_curvature_of_a_ball_is_two_over_its_radius() -> None:
    """κ = ∇·n, within the front; in 2D it is 1/r."""
    radius, lam, errors = 3.0, 0.5, []
    for cell in (0.5, 0.33):
        changes = corner(radius, lam, cell, dim=3) | {"drive": {"mode": "potentiostatic", "voltage": "1 mV"}}
        extras = Extras(front_current=NO_CURRENT, electrodes=False)
        simulation = Simulation(case(NUCLEUS, changes), MPI.COMM_SELF, extras=extras)
        assert simulation.instant() is None
        r = np.linalg.norm(simulation.recorder.measures.finder.space.tabulate_dof_coordinates(), axis=1)
        near = abs(r - radius * UM) < 0.3 * UM
        errors.append((curvature(simulation) * r)[near].mean() / 2 - 1)
    assert abs(errors[1]) < 1e-2
    assert abs(errors[1]) < abs(errors[0])


def test_the_conversion_does_not_fall_where_the_density_of_a_cell_is_negative() -> None:
    """−n·∇ξ may be below zero in the tails of ξ; no step, however small, would do if z fell with it."""
    reactions = [{"material": "B", "rate": "0.1 nm/s", "lithium": 23.75, "molar_volume": "289.1 cm^3/mol"}]
    changes = corner(2.0, 0.5, 0.54, dim=3) | {"reactions": reactions}
    simulation = Simulation(case(NUCLEUS, changes), MPI.COMM_SELF)
    model = simulation.model
    xi = model.front.xi.x.array
    xi[:] = np.clip(xi + 1e-3 * np.random.default_rng(1).standard_normal(len(xi)), 0.0, 1.0)
    model.front.update_distance()
    assert simulation.instant() is None
    q = ufl.TestFunction(model.spaces.cells)
    density = AssembledVector(model.front.density * q * model.spaces.dx).assemble()
    assert density.min() < 0.0
    rates = simulation.engine.rates["conversion"]
    assert rates.min() == 0.0
    assert rates.max() > 0.0
