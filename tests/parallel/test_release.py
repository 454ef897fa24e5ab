"""Runs that are over leave no communicators behind, of which MPI has about 2000 in a process."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = """
from mpi4py import MPI

from fem_model.study.verification.cases import NUCLEUS, case
from fem_model.study.verification.runs import finished

comm = MPI.COMM_WORLD
settings = case(NUCLEUS, {"time": {"end": "24 s", "step": "12 s", "outputs": 1}})


def free():
    taken = []
    try:
        while True:
            taken.append(comm.Dup())
    except MPI.Exception:
        pass
    for one in taken:
        one.Free()
    return len(taken)


counts = []
for _ in range(3):
    finished(settings, comm)
    counts.append(free())
if comm.rank == 0:
    print("free:", *counts)
"""


def test_runs_after_one_another_use_up_no_communicators(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "runs.py").write_text(SCRIPT)
    done = mpiexec(2, [tmp_path / "runs.py"])
    assert done.returncode == 0, done.stdout
    [line] = [line for line in done.stdout.splitlines() if line.startswith("free:")]
    first, second, third = map(int, line.split()[1:])
    assert first == second == third > 0
