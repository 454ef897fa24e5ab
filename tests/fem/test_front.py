"""The diffuse front against closed forms: current, resistance, speed, profile, and no motion of its own."""

from typing import Any

import numpy as np
import pytest
import ufl
from mpi4py import MPI
from scipy.optimize import brentq

from fem_model.constants import F, R
from fem_model.materials import V_m
from fem_model.physics.model import Extras
from fem_model.simulation import Simulation
from fem_model.solve.algebra import AssembledVector
from tests.fem.cases import FILM, NUCLEUS, case, column, finished

UM = 1e-6
THERMAL = R * 298.15 / F  # V
SIGMAS = (0.0357, 0.357, 0.526, 1.19, 11.9)  # S/m
PAPER = (16.20, 49.80, 54.28, 61.01, 67.25)  # A/m² at 0.05 V, 80 µm, 30 A/m², of physics.md


# Current of a front at rest


def sharp_current(
    sigma: float, V: float = 0.05, L: float = 80 * UM, i0: float = 30.0, alpha: float = 0.5
) -> float:
    """i = i₀[exp(αFη/RT) − exp(−(1−α)Fη/RT)] with η = V − iL/σ, A/m²."""

    def surplus(i: float) -> float:
        eta = (V - i * L / sigma) / THERMAL
        return i - i0 * (np.exp(alpha * eta) - np.exp(-(1 - alpha) * eta))

    most = 1.1 * abs(V) * sigma / L
    return float(brentq(surplus, -most, most, xtol=1e-12))


def first_current(changes: dict[str, Any]) -> float:
    """Current density of the first instant, A/m²."""
    simulation = Simulation(case(FILM, changes), MPI.COMM_SELF)
    assert simulation.instant() is None
    return float(simulation.recorder.rows[0]["current_density_A_m2"])


def sigma_of(value: float) -> dict[str, Any]:
    return {"materials.E.sigma": f"{value} S/m"}


def test_the_reference_is_the_table_of_the_theory() -> None:
    assert [sharp_current(sigma) for sigma in SIGMAS] == pytest.approx(PAPER, abs=5e-3)


@pytest.mark.parametrize("sigma", SIGMAS)
def test_the_current_sees_the_conductivity(sigma: float) -> None:
    assert first_current(sigma_of(sigma)) == pytest.approx(sharp_current(sigma), rel=5e-4)


def test_the_error_of_the_current_falls_with_the_square_of_the_width() -> None:
    """Where λ is largest against σR_ct; with so little conductivity left in lithium that only λ matters."""
    errors = []
    for lam in (2.0, 1.0):
        changes = {"phase_field": {"lam": f"{lam} um", "sigma_residual": 1e-6}}
        changes["mesh.cell_size_front"] = f"{lam / 2} um"
        current = first_current(sigma_of(0.0357) | changes)
        errors.append(current / sharp_current(0.0357) - 1)
    assert 0 < errors[0] < 2e-3
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.2)


@pytest.mark.parametrize(
    ("changes", "reference"),
    [
        ({"drive.voltage": "200 mV"}, {"V": 0.2}),
        ({"drive.voltage": "-40 mV"}, {"V": -0.04}),
        ({"microstructure.depth": "50 um"}, {"L": 30 * UM}),
        ({"kinetics.i0": "321 A/m^2"}, {"i0": 321.0}),
        ({"kinetics.alpha": 0.3, "drive.voltage": "100 mV"}, {"alpha": 0.3, "V": 0.1}),
        ({"kinetics.alpha": 0.3, "drive.voltage": "-100 mV"}, {"alpha": 0.3, "V": -0.1}),
    ],
)
def test_the_current_for_other_parameters(changes: dict[str, Any], reference: dict[str, float]) -> None:
    assert first_current(changes) == pytest.approx(sharp_current(0.357, **reference), rel=2e-3)


LINEAR = {"kinetics": {"R_ct": "0.8 ohm cm^2", "law": "linear"}}


def test_the_current_of_the_linear_law() -> None:
    resistance = 80 * UM / 0.357 + 0.8e-4
    assert first_current(LINEAR) == pytest.approx(0.05 / resistance, rel=2e-3)


def test_the_width_lowers_the_resistance_as_the_theory_says() -> None:
    """R_eff = R_ct [1 − (π²/3 − 2)(λ/σR_ct)²] for small λ."""
    R_ct, lam = 0.8e-4, UM
    x, y = [], []
    for sigma in (0.12, 0.16, 0.2, 0.3, 0.5):
        current = first_current(LINEAR | sigma_of(sigma))
        x.append((lam / (sigma * R_ct)) ** 2)
        y.append((0.05 / current - 80 * UM / sigma) / R_ct)
    slope, level = np.polyfit(x, y, 1)
    assert level == pytest.approx(1.0, abs=5e-4)
    assert -slope == pytest.approx(np.pi**2 / 3 - 2, rel=0.15)


# A front in motion. A prescribed current, since a galvanostatic one would move any front at the right speed


CURRENT = 10.0  # A/m²
SPEED = V_m * CURRENT / F
TRAVEL = 20 * UM


def travel(peclet: float, front_step: float = 0.2) -> Simulation:
    """A flat front that reacts at 10 A/m² everywhere, from 20 to 40 µm; λ = 1 µm, h = λ/2."""
    changes = {
        "phase_field.peclet": peclet,
        "time": {"end": f"{TRAVEL / SPEED} s", "outputs": 1, "front_step": front_step},
        "mesh.front_height": "50 um",
        "microstructure.depth": "60 um",
    }
    extras = Extras(front_current=CURRENT, electrodes=False)
    return finished(case(FILM, changes), extras=extras)


def steady_speed(simulation: Simulation) -> float:
    """Speed of ξ = ½ over the last quarter of the way, m/s."""
    t, tip = column(simulation, "t_s"), column(simulation, "tip_m")
    late = t >= 0.75 * t[-1]
    return float(np.polyfit(t[late], tip[late], 1)[0])


def distances(simulation: Simulation, levels: tuple[float, ...]) -> np.ndarray:
    """Height of each level above ξ = ½, in λ, on the column of nodes averaged over the width."""
    xi = simulation.model.xi.x.array
    height = simulation.recorder.measures.finder.height
    edges = simulation.recorder.measures.finder.edges
    found = []
    for level in (*levels, 0.5):
        a, b = edges[(xi[edges] >= level).any(axis=1) & (xi[edges] < level).any(axis=1)].T
        found.append(np.mean(height[a] + (level - xi[a]) / (xi[b] - xi[a]) * (height[b] - height[a])))
    result: np.ndarray = (np.array(found[:-1]) - found[-1]) / UM
    return result


RUNS = [(0.2, 0.1), (0.2, 0.2), (0.5, 0.2), (0.8, 0.2)]


@pytest.fixture(scope="module")
def travels() -> dict[tuple[float, float], Simulation]:
    return {key: travel(*key) for key in RUNS}


@pytest.mark.parametrize("key", RUNS)
def test_the_front_moves_by_the_volume_of_what_reacts(travels: Any, key: tuple[float, float]) -> None:
    """Lithium grows by V_m i t/F: the reaction's density integrates to one across the front, all the way."""
    li = column(travels[key], "li_volume_m3") / (2 * UM)
    assert li[-1] - li[0] == pytest.approx(TRAVEL, rel=1e-3)


@pytest.mark.parametrize("key", RUNS)
def test_its_middle_moves_at_the_speed_of_faraday(travels: Any, key: tuple[float, float]) -> None:
    assert steady_speed(travels[key]) == pytest.approx(SPEED, rel=1e-3)


def test_the_motion_does_not_depend_on_the_mobility(travels: Any) -> None:
    tips = [column(travels[pe, 0.2], "tip_m")[-1] for pe in (0.2, 0.8)]
    assert tips[0] == pytest.approx(tips[1], abs=2e-3 * TRAVEL)


@pytest.mark.parametrize("key", RUNS)
def test_its_profile_stays_the_tanh(travels: Any, key: tuple[float, float]) -> None:
    """10 % lies λ ln 9 ahead of ξ = ½ and 90 % as far behind, however fast the profile relaxes."""
    ahead, behind = distances(travels[key], (0.1, 0.9))
    assert [ahead, -behind] == pytest.approx([np.log(9)] * 2, rel=1e-2)


@pytest.mark.parametrize("key", RUNS)
def test_it_leaves_no_wake(travels: Any, key: tuple[float, float]) -> None:
    """Ten λ behind the front ξ has come back to 1 as the tanh does."""
    xi, height = travels[key].model.xi.x.array, travels[key].recorder.measures.finder.height
    behind = xi[(height > 28 * UM) & (height < 30 * UM)]
    assert (1 - behind).max() < 2 * np.exp(-10)


def test_the_flat_front_in_motion_keeps_the_sharp_current() -> None:
    """Under a fixed voltage, all the way; the truth at the height that the lithium's volume gives."""
    changes = {"time": {"end": "2000 s", "outputs": 1}, "mesh.front_height": "40 um"}
    simulation = finished(case(FILM, changes))
    li = column(simulation, "li_volume_m3") / (2 * UM)
    height = 20 * UM + li - li[0]
    assert height[-1] > 30 * UM
    truth = [sharp_current(0.357, L=100 * UM - y) for y in height]
    assert column(simulation, "current_density_A_m2") == pytest.approx(np.array(truth), rel=2e-3)


def test_no_lithium_grows_ahead_of_the_front() -> None:
    """80 µm of electrolyte behind 0.1 Ω cm²: ahead, the overpotential is 20 times that of the front."""
    time = {"end": f"{TRAVEL / SPEED} s", "outputs": 1}
    drive = {"mode": "galvanostatic", "current": "10 A/m^2"}
    changes = {"kinetics": {"R_ct": "0.1 ohm cm^2"}, "drive": drive, "time": time}
    simulation = Simulation(case(FILM, changes | {"mesh.front_height": "50 um"}), MPI.COMM_SELF)
    model, height = simulation.model, simulation.recorder.measures.finder.height
    ahead = height > 55 * UM
    model.xi.x.array[ahead] += 1e-8 * np.random.default_rng(1).uniform(-1, 1, ahead.sum())
    model.update_distance()
    assert simulation.run()["status"] == "finished"
    assert simulation.recorder.rows[-1]["tip_m"] > 39 * UM
    assert abs(model.xi.x.array[ahead]).max() < 1e-6


# A circle without drive


RADIUS = 3 * UM
MOBILITY = 1e-14  # m²/s


def quarter_disc(h: float, capillarity: str = "physical") -> Simulation:
    """A quarter of a disc of 3 µm, λ = 0.5 µm, with next to no reaction, over 0.05 r²/μ."""
    end = 0.05 * RADIUS**2 / MOBILITY
    changes = {
        "microstructure.width": "6 um",
        "microstructure.depth": "6 um",
        "mesh": {"cell_size_front": f"{h} um", "cell_size_bulk": f"{h} um"},
        "phase_field": {"lam": "0.5 um", "mobility": f"{MOBILITY} m^2/s", "capillarity": capillarity},
        "anode.initial.nuclei": [{"position": "0 um", "radius": "3 um"}],
        "counter": {"kind": "fixed"},
        "drive": {"mode": "potentiostatic", "voltage": "1 mV"},
        "time": {"end": f"{end} s", "step": f"{end / 40} s", "outputs": 1},
    }
    extras = Extras(front_current=1e-15, electrodes=False)
    return Simulation(case(NUCLEUS, changes), MPI.COMM_SELF, extras=extras)


def mean_radius(simulation: Simulation) -> float:
    """Mean distance from the centre of where mesh edges cross ξ = ½, m."""
    finder, xi = simulation.recorder.measures.finder, simulation.model.xi.x.array
    a, b = finder.edges[np.diff(xi[finder.edges] >= 0.5, axis=1)[:, 0]].T
    share = ((0.5 - xi[a]) / (xi[b] - xi[a]))[:, None]
    x = finder.space.tabulate_dof_coordinates()
    return float(np.linalg.norm(x[a] + share * (x[b] - x[a]), axis=1).mean())


def share_of_curvature_motion(simulation: Simulation) -> float:
    """How fast the radius shrinks, as a share of μκ."""
    before = mean_radius(simulation)
    assert simulation.run()["status"] == "finished"
    return (before - mean_radius(simulation)) / (MOBILITY / RADIUS * simulation.clock.t)


def test_the_profile_term_moves_no_circle() -> None:
    assert abs(share_of_curvature_motion(quarter_disc(0.25))) < 5e-3


def test_the_classical_bracket_moves_it_by_its_curvature() -> None:
    """dr/dt = −μ/r, r² = r₀² − 2μt: a mean speed a little above μ/r₀; (λ/r)² = 3 % off at this width."""
    expected = (1 - np.sqrt(1 - 2 * 0.05)) / 0.05
    assert share_of_curvature_motion(quarter_disc(0.25, "classical")) == pytest.approx(expected, rel=0.05)


def curvature(simulation: Simulation) -> np.ndarray:
    """κ = ∇·n, averaged from the cells to the nodes, 1/m."""
    model = simulation.model
    w = ufl.TestFunction(model.V)
    load = AssembledVector(ufl.div(model.smooth_normal) * w * model.dx).assemble().copy()
    return np.asarray(load / AssembledVector(w * model.dx).assemble())


def test_the_curvature_of_a_circle_is_one_over_its_radius() -> None:
    errors = []
    for h in (0.5, 0.25):
        simulation = quarter_disc(h)
        assert simulation.instant() is None
        x = simulation.recorder.measures.finder.space.tabulate_dof_coordinates()
        r = np.hypot(x[:, 0], x[:, 1])
        near = abs(r - RADIUS) < 0.3 * UM
        product = (curvature(simulation) * r)[near]
        assert product == pytest.approx(1.0, abs=0.08)
        errors.append(abs(product.mean() - 1))
    assert errors[1] < 2e-3
    assert errors[1] < errors[0] / 2
