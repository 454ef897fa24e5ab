"""A run goes on on another mesh: the same one, one refined everywhere, and back."""

from pathlib import Path

import pytest
from mpi4py import MPI

from fem_model.base.errors import FemModelError
from fem_model.mesh.domain import build_domain
from tests.fem.cases import NUCLEUS, case
from tests.fem.remeshing import CHANGES, begun, goes_there_and_back, stays_what_it_would_have_been, steps
from tests.fem.test_resume import started


@pytest.mark.parametrize("name", CHANGES)
def test_on_the_same_mesh_a_run_is_what_it_would_have_been(name: str, tmp_path: Path) -> None:
    stays_what_it_would_have_been(name, tmp_path, MPI.COMM_SELF)


@pytest.mark.parametrize("name", CHANGES)
def test_refined_and_back_nothing_is_lost(name: str, tmp_path: Path) -> None:
    goes_there_and_back(begun(name, tmp_path, MPI.COMM_SELF))


def test_another_body_is_refused(tmp_path: Path) -> None:
    """And the run goes on where it was."""
    run = started(CHANGES["cycling"], tmp_path, MPI.COMM_SELF)
    steps(run, 1)
    narrow = case(NUCLEUS, {"microstructure.width": "9 um"})
    with pytest.raises(FemModelError):
        run.remesh(build_domain(narrow, MPI.COMM_SELF))
    steps(run, 1)
