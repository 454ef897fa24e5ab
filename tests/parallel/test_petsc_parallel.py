"""Options and flags of PETSc on several ranks."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

Mpiexec = Callable[..., "CompletedProcess[str]"]
TRY_ALL = """
from mpi4py import MPI
from tests.fem.petsc import laplacian, outcome, values
from fem_model.case.petsc_options import OPTIONS

matrix = laplacian(MPI.COMM_WORLD)
tried = [(name, value, outcome(matrix, name, value)) for name in OPTIONS for value in values(name)]
differing = [one for one, *others in zip(*MPI.COMM_WORLD.allgather(tried)) if any(one != o for o in others)]
if MPI.COMM_WORLD.rank == 0:
    print("differing:", differing)
"""


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [2, 3])
def test_no_option_ends_or_hangs_the_ranks(mpiexec: Mpiexec, ranks: int) -> None:
    """Each word and each bound either works on all ranks or is refused on all, with the same text."""
    done = mpiexec(ranks, ["-c", TRY_ALL], timeout=250)
    assert done.returncode == 0, done.stdout
    assert "differing: []" in done.stdout
