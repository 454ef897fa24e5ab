"""A run goes on on another mesh: the same one, one refined everywhere, and back."""

from pathlib import Path

import pytest
from mpi4py import MPI

from fem_model.base.errors import FemModelError
from fem_model.mesh.domain import build_domain
from fem_model.mesh.refinement import refined
from tests.fem.cases import NUCLEUS, case
from tests.fem.remeshing import (
    CHANGES,
    apart,
    begun,
    goes_there_and_back,
    steps,
    with_and_without_a_break,
)
from tests.fem.test_resume import started


@pytest.mark.parametrize("name", CHANGES)
def test_on_the_same_mesh_a_run_is_what_it_would_have_been(name: str, tmp_path: Path) -> None:
    assert with_and_without_a_break(name, tmp_path, MPI.COMM_SELF)[1] < 1e-10


@pytest.mark.parametrize("name", CHANGES)
def test_refined_and_back_nothing_is_lost(name: str, tmp_path: Path) -> None:
    goes_there_and_back(begun(name, tmp_path, MPI.COMM_SELF))


def test_a_stopped_run_goes_on_on_the_mesh_it_had(tmp_path: Path) -> None:
    """Refined, stopped and resumed: the series is that of the refined run without a break."""
    whole, broken = (begun("steps", tmp_path / part, MPI.COMM_SELF) for part in ("whole", "broken"))
    for run in (whole, broken):
        run.remesh(refined(run.domain))
        steps(run, 1)
    assert broken.run(lambda: "enough")["status"] == "stopped"
    again = started(CHANGES["steps"], tmp_path / "broken", MPI.COMM_SELF, resume=True)
    assert len(again.domain.grain) == len(whole.domain.grain)
    for run in (whole, again):
        steps(run, 2)
    assert apart(tmp_path / "whole", tmp_path / "broken") < 1e-10


def test_another_body_is_refused(tmp_path: Path) -> None:
    """And the run goes on where it was."""
    run = started(CHANGES["cycling"], tmp_path, MPI.COMM_SELF)
    steps(run, 1)
    narrow = case(NUCLEUS, {"microstructure.width": "9 um"})
    with pytest.raises(FemModelError):
        run.remesh(build_domain(narrow, MPI.COMM_SELF))
    steps(run, 1)
