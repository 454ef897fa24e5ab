"""What PETSc makes of the options that a case may set."""

import pytest
from mpi4py import MPI
from petsc4py import PETSc

from fem_model.case.petsc_options import OPTIONS
from tests.fem.petsc import laplacian, outcome, values


@pytest.fixture(scope="module")
def matrix() -> PETSc.Mat:
    return laplacian(MPI.COMM_SELF)


@pytest.mark.parametrize("name", OPTIONS)
def test_petsc_uses_every_option(name: str, matrix: PETSc.Mat) -> None:
    if "hypre" in name and "hypre" in outcome(matrix, "pc_type", "hypre"):
        pytest.skip("this PETSc was built without hypre")
    told = [outcome(matrix, name, value) for value in values(name)]
    refused = [text for text in told if text.startswith("[solver.petsc]")]
    assert len(refused) < len(told)
    assert not [text for text in refused if "does not use" in text]


def test_refused_options_leave_nothing_behind(matrix: PETSc.Mat) -> None:
    before = PETSc.Options().getAll()
    assert "refuses" in outcome(matrix, "ksp_lgmres_augment", 100)
    assert PETSc.Options().getAll() == before
