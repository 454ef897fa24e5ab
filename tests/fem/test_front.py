"""The diffuse front: its current, resistance, speed, profile and curvature, closer than `verify` asks for."""

from typing import Any

import numpy as np
import pytest
import ufl
from mpi4py import MPI

from fem_model.numerics.algebra import AssembledVector
from fem_model.simulation import Simulation
from fem_model.study.verification.curvature import RADIUS, disc
from fem_model.study.verification.flat_front import R_CT, Flat, first_current, linear_kinetics
from fem_model.study.verification.front_speed import SPEED, TRAVEL, Motion, moved
from tests.fem.cases import FILM, NUCLEUS, case, column, finished

UM = 1e-6
SIGMAS = (0.0357, 0.357, 0.526, 1.19, 11.9)  # S/m
TABLE = (16.20, 49.80, 54.28, 61.01, 67.25)  # A/m² at 50 mV, 80 µm, 30 A/m²


# Current of a front at rest


def test_the_reference_is_the_table_of_the_theory() -> None:
    assert [Flat(sigma=sigma).exact() for sigma in SIGMAS] == pytest.approx(TABLE, abs=5e-3)


@pytest.mark.parametrize("sigma", SIGMAS)
def test_the_current_sees_the_conductivity(sigma: float) -> None:
    front = Flat(sigma=sigma)
    assert first_current(MPI.COMM_SELF, front.changes()) == pytest.approx(front.exact(), rel=5e-4)


def test_the_width_lowers_the_resistance_as_the_theory_says() -> None:
    """R_eff = R_ct [1 − (π²/3 − 2)(λ/σR_ct)²] for small λ."""
    R_ct, lam = R_CT, UM
    x, y = [], []
    for sigma in (0.12, 0.16, 0.2, 0.3, 0.5):
        current = first_current(MPI.COMM_SELF, linear_kinetics(sigma))
        x.append((lam / (sigma * R_ct)) ** 2)
        y.append((0.05 / current - 80 * UM / sigma) / R_ct)
    slope, level = np.polyfit(x, y, 1)
    assert level == pytest.approx(1.0, abs=5e-4)
    assert -slope == pytest.approx(np.pi**2 / 3 - 2, rel=0.15)


# A front in motion


RUNS = [(0.2, 0.1), (0.2, 0.2), (0.5, 0.2), (0.8, 0.2)]  # Pe and v Δt/λ


@pytest.fixture(scope="module")
def motions() -> dict[tuple[float, float], Motion]:
    return {(peclet, step): moved(MPI.COMM_SELF, peclet, front_step=step) for peclet, step in RUNS}


@pytest.mark.parametrize("key", RUNS)
def test_the_front_moves_by_the_volume_of_what_reacts(motions: Any, key: tuple[float, float]) -> None:
    """Lithium grows by V_m i t/F: the reaction's density integrates to one across the front, all the way."""
    li = column(motions[key].simulation, "li_volume_m3") / (2 * UM)
    assert li[-1] - li[0] == pytest.approx(TRAVEL, rel=1e-3)


@pytest.mark.parametrize("key", RUNS)
def test_its_middle_moves_at_the_speed_of_faraday(motions: Any, key: tuple[float, float]) -> None:
    assert motions[key].speed() == pytest.approx(SPEED, rel=1e-3)


def test_the_motion_does_not_depend_on_the_mobility(motions: Any) -> None:
    tips = [motions[pe, 0.2].height()[-1] for pe in (0.2, 0.8)]
    assert tips[0] == pytest.approx(tips[1], abs=2e-3 * TRAVEL)


@pytest.mark.parametrize("key", RUNS)
def test_its_profile_stays_the_tanh(motions: Any, key: tuple[float, float]) -> None:
    """10 % lies λ ln 9 ahead of ξ = ½ and 90 % as far behind, however fast the profile relaxes."""
    ahead, behind = motions[key].above(0.1), motions[key].above(0.9)
    assert [ahead, -behind] == pytest.approx([np.log(9)] * 2, rel=1e-2)


@pytest.mark.parametrize("key", RUNS)
def test_it_leaves_no_wake(motions: Any, key: tuple[float, float]) -> None:
    """Ten λ behind the front ξ has come back to 1 as the tanh does."""
    simulation = motions[key].simulation
    xi, height = simulation.model.front.xi.x.array, simulation.recorder.measures.finder.height
    behind = xi[(height > 28 * UM) & (height < 30 * UM)]
    assert (1 - behind).max() < 2 * np.exp(-10)


def test_the_flat_front_in_motion_keeps_the_sharp_current() -> None:
    """Under a fixed voltage, all the way; the truth at the height that the lithium's volume gives."""
    changes = {"time": {"end": "2000 s", "outputs": 1}, "mesh.front_height": "40 um"}
    simulation = finished(case(FILM, changes))
    li = column(simulation, "li_volume_m3") / (2 * UM)
    height = 20 * UM + li - li[0]
    assert height[-1] > 30 * UM
    truth = [Flat(L=100 * UM - y).exact() for y in height]
    assert column(simulation, "current_density_A_m2") == pytest.approx(np.array(truth), rel=2e-3)


# A circle without drive


def curvature(simulation: Simulation) -> np.ndarray:
    """κ = ∇·n, averaged from the cells to the nodes, 1/m."""
    model = simulation.model
    w = ufl.TestFunction(model.spaces.V)
    load = AssembledVector(ufl.div(model.front.smooth_normal) * w * model.spaces.dx).assemble().copy()
    return np.asarray(load / AssembledVector(w * model.spaces.dx).assemble())


def test_the_curvature_of_a_circle_is_one_over_its_radius() -> None:
    errors = []
    for h in (0.5, 0.25):
        simulation = disc(MPI.COMM_SELF, h / 0.5)
        assert simulation.instant() is None
        x = simulation.recorder.measures.finder.space.tabulate_dof_coordinates()
        r = np.hypot(x[:, 0], x[:, 1])
        near = abs(r - RADIUS * UM) < 0.3 * UM
        product = (curvature(simulation) * r)[near]
        assert product == pytest.approx(1.0, abs=0.08)
        errors.append(abs(product.mean() - 1))
    assert errors[1] < 2e-3
    assert errors[1] < errors[0] / 2


# What is left of a front


def test_what_lies_beyond_the_bounds_returns() -> None:
    """A remnant of some λ with −1.5 in one node, within a step; it would run away if it were sharpened."""
    mesh = {"cell_size_front": "0.5 um", "cell_size_bulk": "0.5 um"}
    box = {"microstructure.width": "6 um", "microstructure.depth": "6 um"}
    engine = Simulation(case(NUCLEUS, {"mesh": mesh} | box), MPI.COMM_SELF).engine
    front, lam, speed = engine.front, engine.front.section.lam, 4e-9
    away = np.linalg.norm(engine.spaces.V.tabulate_dof_coordinates() - np.array([3.1, 1.5, 0.0]) * UM, axis=1)
    front.xi.x.array[:] = 0.7 * np.exp(-((away / (1.5 * lam)) ** 2))
    front.xi.x.array[away.argmin()] = -1.5
    front.update_distance()
    front.speed.x.array[:], front.mobility.value = -speed, speed * lam / 0.4
    engine.normal.update()
    engine.phase.advance(np.zeros(engine.phase.owned), 0.4 * lam / speed)
    assert front.xi.x.array.min() > -1e-3
