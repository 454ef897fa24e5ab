"""The checks of the front pass, on one rank and on two, and see what they are there to see."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.laws import interface, kinetics
from fem_model.simulation import Simulation
from fem_model.study.verification import bulk, curvature, flat_front
from fem_model.study.verification.cases import FILM, case
from fem_model.study.verification.runs import crossings
from tests.conftest import Mpiexec
from tests.verification.checks import assert_passes, assert_two_ranks_agree, failures, report

QUICK = ["flat_front", "front_speed", "bulk", "curvature_neutral", "gibbs_thomson", "relaxation_independent"]

SLOW = ["dispersion", "flat_front_3d", "gibbs_thomson_3d"]


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_the_check_passes(name: str) -> None:
    assert_passes(name)


@pytest.mark.slow
def test_two_ranks_find_what_one_finds(mpiexec: Mpiexec, tmp_path: Path) -> None:
    names = ["curvature_neutral", "gibbs_thomson", "flat_front_3d", "gibbs_thomson_3d"]
    assert_two_ranks_agree(mpiexec, tmp_path, names)


# What the checks must see


def test_flat_front_sees_a_potential_pinned_to_the_metal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A front that reacts at η = V and not at what the electrolyte leaves of it."""
    law = kinetics.affinity
    pinned = 0.05
    monkeypatch.setattr(kinetics, "affinity", lambda eta, *rest: law(1e-6 * eta + pinned, *rest))
    front = flat_front.Flat()
    assert not front.entry(MPI.COMM_SELF, "pinned").passed


@pytest.mark.parametrize("dim", [2, 3])
def test_gibbs_thomson_sees_the_curvature(monkeypatch: pytest.MonkeyPatch, dim: int) -> None:
    law = kinetics.affinity
    monkeypatch.setattr(kinetics, "affinity", lambda eta, kappa, *rest: law(eta, 1.2 * kappa, *rest))
    seed = curvature.Seed(1.0, 0.125, 0.1, dim=dim)
    assert not seed.entry(seed.voltage(MPI.COMM_SELF)).passed


def test_curvature_neutral_sees_curvature_motion() -> None:
    assert curvature.shrinking(MPI.COMM_SELF, 0.5, "classical").share > 100 * curvature.NEUTRAL


def test_bulk_sees_a_density_that_lets_the_tail_run_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """ξ(1−ξ)/λ integrates to one as well, but plates where η is large; seen in a tenth of the way."""

    def density(xi: Any, n: Any) -> Any:
        x = interface.clamp(xi)
        return x * (1 - x) / bulk.LAM

    monkeypatch.setattr(bulk, "TRAVEL", bulk.TRAVEL / 10)
    assert not failures(report("bulk").entries)
    monkeypatch.setattr(interface, "interface_density", density)
    assert "bulk: largest |ξ| from noise of 1e-06 ahead" in failures(report("bulk").entries)


def test_the_front_of_a_flat_film_is_crossed_by_each_edge_once() -> None:
    points = crossings(Simulation(case(FILM), MPI.COMM_SELF))
    assert len(np.unique(points, axis=0)) == len(points) > 4
    assert points[:, 1] == pytest.approx(20e-6, abs=2e-9)
