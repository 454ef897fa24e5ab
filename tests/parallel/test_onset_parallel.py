"""A search for an onset gives the same on several ranks."""

from pathlib import Path

import pytest
from mpi4py import MPI

from fem_model.study.onset import onsets
from fem_model.study.verification.finger import Finger
from fem_model.study.verification.onset import STILL
from tests.conftest import Mpiexec

SCRIPT = """
from mpi4py import MPI
from fem_model.study.onset import onsets
from fem_model.study.verification.finger import Finger
from fem_model.study.verification.onset import STILL
(found,) = onsets(Finger().case(STILL, {}, {}), MPI.COMM_WORLD)
print(repr(found.current_density_A_m2) if MPI.COMM_WORLD.rank == 0 else "", end="")
"""


def test_three_ranks_find_the_onset_of_one(mpiexec: Mpiexec, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = mpiexec(3, [script])
    (found,) = onsets(Finger().case(STILL, {}, {}), MPI.COMM_SELF)
    assert float(done.stdout) == pytest.approx(found.current_density_A_m2, rel=1e-9)
