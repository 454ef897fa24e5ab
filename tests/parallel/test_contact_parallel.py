"""Voids, a film and an island on two ranks as on one, also where the number of ranks changes on the way."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from tests.fem.test_resume import NOT_COMPARED, series

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = """
import sys
from pathlib import Path

from mpi4py import MPI

from tests.fem.test_resume import RUNS, started, stop_after

end, *runs = sys.argv[1:]
changes = RUNS["cycling, chemical, parabolic"] | {"time": {"end": end, "outputs": 1, "front_step": 0.1}}
for folder, how in zip(runs[::2], runs[1::2]):
    run = started(changes, Path(folder), MPI.COMM_WORLD, resume=how == "resume")
    run.run(*([stop_after(3)] if how == "stop" else []))
    assert run.model.voids and run.model.interphase and run.model.metal.floats
"""
END = "1 min"


@pytest.mark.slow
def test_two_ranks_do_not_change_it_nor_does_a_change_of_their_number(
    mpiexec: Mpiexec, tmp_path: Path
) -> None:
    """Each column to 1e-8 of its largest value."""
    (tmp_path / "run.py").write_text(SCRIPT)
    one, two, other = (tmp_path / name for name in ("one", "two", "other"))
    for ranks, *runs in ((1, one, "whole", other, "stop"), (2, two, "whole", other, "resume")):
        done = mpiexec(ranks, ["-m", "mpi4py", tmp_path / "run.py", END, *runs], cwd=tmp_path)
        assert done.returncode == 0, done.stdout
    expected = series(one)
    assert len(expected) > 4
    assert min(expected[-1][key] for key in ("interphase_foil_m", "void_largest_counter_m")) > 0
    for folder in (two, other):
        found = series(folder)
        assert len(found) == len(expected)
        for key in set(expected[0]) - NOT_COMPARED:
            values = np.array([row[key] for row in expected])
            rows = np.array([row[key] for row in found])
            np.testing.assert_allclose(rows, values, rtol=0, atol=1e-8 * abs(values).max(), err_msg=key)


DISC = """
from mpi4py import MPI

from fem_model.study.verification.disc_contact import disc_entries

for entry in disc_entries(MPI.COMM_WORLD, "contact", False):
    assert entry.passed, entry
"""


@pytest.mark.slow
def test_the_disc_of_verify_contact_passes_on_two_ranks(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "disc.py").write_text(DISC)
    done = mpiexec(2, ["-m", "mpi4py", tmp_path / "disc.py"], timeout=300)
    assert done.returncode == 0, done.stdout
