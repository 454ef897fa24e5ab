"""The checks of the solution pass, and see what they are there to see."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.laws import interface
from fem_model.numerics.conduction import Conduction
from fem_model.study.bounds import hashin_shtrikman
from fem_model.study.verification import (
    allen_cahn,
    conductivity,
    ledger,
    manufactured,
    particles,
    partition,
    plane_front,
    spheres,
)
from fem_model.study.verification.orders import Curve
from tests.conftest import Mpiexec
from tests.verification.checks import assert_passes, assert_two_ranks_agree, failures

pytestmark = pytest.mark.verification
COMM = MPI.COMM_SELF


def off(curves: Sequence[Curve]) -> list[str]:
    """Curves whose order is not that of the theory."""
    return [c.label for c in curves if abs(c.order - c.theory) > manufactured.ORDER_TOLERANCE]


@pytest.mark.parametrize(
    "name",
    [
        "effective_conductivity",
        "sphere_conductivity",
        "particle_conductivity",
        "ledger",
        *(
            pytest.param(n, marks=pytest.mark.slow)
            for n in ("manufactured", "allen_cahn_benchmark", "partition")
        ),
    ],
)
def test_the_check_passes(name: str) -> None:
    assert_passes(name)


@pytest.mark.slow
def test_two_ranks_find_what_one_finds(mpiexec: Mpiexec, tmp_path: Path) -> None:
    names = ["effective_conductivity", "sphere_conductivity", "particle_conductivity", "ledger"]
    assert_two_ranks_agree(mpiexec, tmp_path, names, "partition")


# Effective conductivity


def test_the_array_of_discs_is_maxwells_when_dilute() -> None:
    for k in conductivity.CONTRASTS:
        f, beta = 0.01, (k - 1) / (k + 1)
        assert conductivity.rayleigh(k, f) == pytest.approx((1 + beta * f) / (1 - beta * f), rel=1e-8)
        assert conductivity.current_in(k, 1e-6, conductivity.rayleigh(k, 1e-6)) == pytest.approx(
            2 * k / (k + 1), rel=1e-5
        )


@pytest.mark.parametrize("k", conductivity.CONTRASTS)
def test_the_array_of_spheres_is_maxwells_when_dilute(k: float) -> None:
    f, beta = 0.01, (k - 1) / (k + 2)
    assert spheres.simple_cubic(k, f) == pytest.approx((1 + 2 * beta * f) / (1 - beta * f), rel=1e-6)
    inside = conductivity.current_in(k, 1e-6, spheres.simple_cubic(k, 1e-6))
    assert inside == pytest.approx(spheres.current_in_one(k), rel=1e-5)


@pytest.mark.parametrize("k", [0.1, *conductivity.CONTRASTS])
@pytest.mark.parametrize("f", [0.1, 0.3, 0.5])
def test_the_array_of_spheres_obeys_its_bounds(k: float, f: float) -> None:
    low, high = hashin_shtrikman([1.0, k], [1 - f, f], 3)
    assert low < spheres.simple_cubic(k, f) < high


def test_a_sphere_of_LGPS_carries_1_273_times_the_mean() -> None:
    k = conductivity.sigma_of("LGPS") / conductivity.sigma_of("LPSC1.0")
    assert spheres.current_in_one(k) == pytest.approx(1.273, abs=5e-4)


def test_corners_without_contrast_leave_the_order_of_smooth_fields() -> None:
    assert conductivity.corner_order(1.0) == pytest.approx(2.0)


def test_swapped_materials_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    study = conductivity.ConductivityStudy
    swapped = lambda domain, sigma: study(domain, {"a": sigma["b"], "b": sigma["a"]})  # noqa: E731
    monkeypatch.setattr(conductivity, "ConductivityStudy", swapped)
    entries, _ = conductivity.discs(COMM, (2.4, 1.2), 10.0)
    assert failures(entries)
    entries, _ = spheres.spheres(COMM, (1.5, 1.0), 10.0)
    assert failures(entries)


def test_the_windows_of_8_to_2() -> None:
    """Of LPSC1.0 with LGPS, mS/cm."""
    sigma = [10 * value for value in particles.CONTRASTS[0]]
    for dim, window in ((2, (3.833, 3.842)), (3, (3.848, 3.856))):
        assert hashin_shtrikman(sigma, [1 - 0.1859, 0.1859], dim) == pytest.approx(window, abs=5e-4)


def test_particles_that_conduct_too_well_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    solve = Conduction.solve
    monkeypatch.setattr(Conduction, "solve", lambda *arguments: 1.005 * solve(*arguments))
    grains = particles.Grains()
    [limit, _] = grains.conductivities(COMM)
    off = [entry.quantity for entry in limit.entries(grains) if not entry.passed]
    assert off == ["all together by the lower bound", "all together by the upper bound"]


# Manufactured solutions


def test_the_potential_converges() -> None:
    assert not off(manufactured.in_space(COMM, manufactured.POTENTIAL, 1, False))


@pytest.mark.parametrize("factor", [2.0, 1.01])
def test_a_wrong_interface_density_is_seen(factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    density = interface.interface_density
    monkeypatch.setattr(interface, "interface_density", lambda xi, n: factor * density(xi, n))
    assert off(manufactured.in_space(COMM, manufactured.POTENTIAL, 1, False))


def test_a_wrong_conductivity_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface, "lithium_fraction", lambda xi: interface.clamp(xi))
    assert off(manufactured.in_space(COMM, manufactured.POTENTIAL, 1, False))


@pytest.mark.slow
def test_a_wrong_well_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def steeper(xi: Any, w: Any, mobility: Any, lam: Any, dx: Any) -> Any:
        return profile(xi, w, mobility, lam / 1.1, dx)

    profile = interface.classical_profile
    monkeypatch.setattr(interface, "classical_profile", steeper)
    assert off(manufactured.in_space(COMM, manufactured.ALLEN_CAHN, 2, False))
    benchmark = allen_cahn.solve(COMM, allen_cahn.Level(allen_cahn.CELLS[-1], 1, allen_cahn.STEPS))
    assert benchmark.integrated > 1.2 * allen_cahn.INTEGRATED
    assert benchmark.nodal > 2 * allen_cahn.NODAL


def test_a_plane_front_converges() -> None:
    assert not off([plane_front.in_space(COMM, 1)])


@pytest.mark.slow
def test_a_speed_that_the_profile_term_does_not_know_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def unaware(xi: Any, w: Any, n: Any, speed: Any, mobility: Any, lam: Any, dx: Any) -> Any:
        return profile(xi, w, n, 0.0 * speed, mobility, lam, dx)

    profile = interface.conservative_profile
    monkeypatch.setattr(interface, "conservative_profile", unaware)
    assert off([plane_front.in_space(COMM, 2)])


# Allen–Cahn benchmark


def test_the_benchmark_has_its_published_values() -> None:
    assert allen_cahn.solution(*allen_cahn.POINT, np) == pytest.approx(allen_cahn.ETA_THERE, rel=1e-12)
    assert allen_cahn.source(*allen_cahn.POINT, np) == pytest.approx(allen_cahn.S_THERE, rel=1e-12)


def test_its_source_is_what_its_equation_leaves() -> None:
    """S = ∂η/∂t + 4η(η−1)(η−½) − κ∇²η, by differences of η."""
    x, y, t = allen_cahn.POINT
    d, eta = 1e-4, lambda x, y, t: allen_cahn.solution(x, y, t, np)
    here = eta(x, y, t)
    ahead = [eta(x + d, y, t), eta(x - d, y, t), eta(x, y + d, t), eta(x, y - d, t)]
    laplacian = (sum(ahead) - 4 * here) / d**2
    change = (eta(x, y, t + d) - eta(x, y, t - d)) / (2 * d)
    residual = change + 4 * here * (here - 1) * (here - 0.5) - allen_cahn.KAPPA * laplacian
    assert residual == pytest.approx(allen_cahn.source(x, y, t, np), rel=1e-4)


def test_sides_are_where_the_front_has_no_slope_at_the_start() -> None:
    for x in (-allen_cahn.MARGIN, 1 + allen_cahn.MARGIN):
        assert abs(allen_cahn.path(x, 0.0, np).a_x) < 1e-9


# Ledger and partition


def test_the_protocol_passes_what_it_says() -> None:
    t = np.array([0.0, 60.0, 120.0, 180.0, 240.0, 300.0])
    assert ledger.imposed_charge(t) == pytest.approx([0.0, 3e3, 6e3, 3e3, 0.0, 3e3])


def test_lithium_that_gets_lost_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "V_m", ledger.V_m * (1 + 1e-7))
    assert failures(ledger.run(COMM, False).entries)


def test_other_steps_are_no_agreement() -> None:
    one = {"t_s": np.array([0.0, 1.0]), "voltage_V": np.array([1.0, 1.0])}
    other = {"t_s": np.array([0.0, 0.5, 1.0]), "voltage_V": np.array([1.0, 1.0, 1.0])}
    assert partition.difference("voltage_V", one, one).max() == 0.0
    assert partition.difference("voltage_V", one, other).max() == np.inf


def test_a_child_that_hangs_or_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "TIMEOUT", 0.5)
    with pytest.raises(partition.FemModelError, match="no end after"):
        partition.run_command(["sleep", "60"])
    with pytest.raises(partition.FemModelError, match="exit code 3: told"):
        partition.run_command(["sh", "-c", "echo told; exit 3"])
