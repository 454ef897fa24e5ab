"""A run goes on on another mesh: the same one, one refined everywhere, and back."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.errors import FemModelError
from fem_model.mesh.domain import Domain, build_domain
from fem_model.mesh.refinement import refined
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case
from tests.fem.test_resume import NOT_COMPARED, series, simulation

BEFORE, AFTER = 4, 2


def steps(run: Simulation, count: int) -> None:
    for _ in range(count):
        assert run.instant() is None and run.step() is None


def held(run: Simulation) -> list[float]:
    """∫ξ, ∫z and the charge in products."""
    model, z = run.model, run.model.conversion
    forms = model.front.room * model.front.xi * model.spaces.dx, z * model.spaces.dx
    return [*map(model.spaces.integrate, forms), run.engine.stored()]


@pytest.mark.parametrize("name", ["cycling, chemical, parabolic", "steps, electrochemical, linear"])
def test_on_the_same_mesh_a_run_is_what_it_would_have_been(name: str, tmp_path: Path) -> None:
    whole, broken = (simulation(name, tmp_path / folder) for folder in ("whole", "broken"))
    for run in (whole, broken):
        steps(run, BEFORE)
    broken.remesh(broken.domain)
    for run in (whole, broken):
        steps(run, AFTER)
    one, other = series(tmp_path / "whole"), series(tmp_path / "broken")
    assert len(one) == len(other) >= BEFORE + AFTER
    for key in set(one[0]) - NOT_COMPARED:
        values = np.array([row[key] for row in one])
        found = np.array([row[key] for row in other])
        np.testing.assert_allclose(found, values, rtol=0, atol=1e-10 * np.abs(values).max(), err_msg=key)


@pytest.mark.parametrize("name", ["cycling, chemical, parabolic", "steps, electrochemical, linear"])
def test_refined_and_back_nothing_is_lost(name: str, tmp_path: Path) -> None:
    """∫ξ, ∫z and the ledger to 1e-10, and the run goes on; then to the mesh before, and on again."""
    run = simulation(name, tmp_path / "run")
    steps(run, BEFORE)
    coarse = run.domain
    assert held(run)[1] > 0 and run.recorder.last["islands"] == 1
    for domain in (refined(coarse), coarse):
        goes_on(run, domain)
    assert run.recorder.ledger.worst < 1e-8


def goes_on(run: Simulation, domain: Domain) -> None:
    """The run takes `domain` and makes some steps on it."""
    before = held(run)
    run.remesh(domain)
    assert held(run) == pytest.approx(before, rel=1e-10)
    assert run.instant() is None
    assert run.recorder.ledger.error < 1e-10
    assert run.recorder.last["islands"] == 1
    assert run.step() is None
    steps(run, AFTER)


def test_another_body_is_refused(tmp_path: Path) -> None:
    """And the run goes on where it was."""
    run = simulation("cycling, chemical, parabolic", tmp_path / "run")
    steps(run, 1)
    narrow = case(NUCLEUS, {"microstructure.width": "9 um"})
    with pytest.raises(FemModelError):
        run.remesh(build_domain(narrow, MPI.COMM_SELF))
    steps(run, 1)
