"""Rows of a run without a folder: on rank 0 alone, however many there are."""

from collections.abc import Callable
from subprocess import CompletedProcess

Mpiexec = Callable[..., "CompletedProcess[str]"]

RUN = """
from fem_model.study.verification.runs import column, finished
from mpi4py import MPI
from tests.fem.cases import FILM, case

simulation = finished(case(FILM, {"time": {"end": "20 s", "step": "10 s", "outputs": 1}}), MPI.COMM_WORLD)
recorder, times = simulation.recorder, column(simulation, "t_s").tolist()
told = ["rank", MPI.COMM_WORLD.rank, len(recorder.rows), recorder.last["t_s"], times]
for line in MPI.COMM_WORLD.gather(" ".join(map(str, told))) or []:
    print(line)
"""


def test_only_rank_0_keeps_rows(mpiexec: Mpiexec) -> None:
    done = mpiexec(2, ["-c", RUN])
    assert done.returncode == 0, done.stdout
    for rank, rows in enumerate((3, 0)):
        assert f"rank {rank} {rows} 20.0 [0.0, 10.0, 20.0]" in done.stdout
