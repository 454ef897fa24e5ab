"""Ranks that wait for rank 0 leave the cores to others."""

from collections.abc import Callable
from subprocess import CompletedProcess

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = """
import time
from mpi4py import MPI
from fem_model.mesh.parallel import on_root

before = time.process_time()
on_root(MPI.COMM_WORLD, lambda: time.sleep(1.0))
shares = MPI.COMM_WORLD.gather(time.process_time() - before)
if shares:
    print("busy for", max(shares), "s")
"""


def test_a_rank_that_waits_sleeps(mpiexec: Mpiexec) -> None:
    """While rank 0 builds a mesh or draws figures; MPI's own wait would take all of a core."""
    done = mpiexec(2, ["-c", SCRIPT])
    assert done.returncode == 0, done.stdout
    assert float(done.stdout.split()[-2]) < 0.3
