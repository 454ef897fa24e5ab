"""Ranks that have more cells than others, and so more blocks of them, do not leave the others waiting."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = """
from mpi4py import MPI

import fem_model.numerics.algebra as algebra
from tests.fem.cases import NUCLEUS, case
from fem_model.simulation import Simulation

comm = MPI.COMM_WORLD
algebra.BLOCK = (400, 150)[comm.rank]
simulation = Simulation(case(NUCLEUS, {"time": {"end": "20 s", "outputs": 1}}), comm)
counts = comm.allgather(simulation.domain.mesh.topology.index_map(2).size_local / algebra.BLOCK)
summary = simulation.run()
if comm.rank == 0:
    print(summary["status"], counts[1] > counts[0] + 1)
"""


def test_a_rank_may_have_more_blocks_of_cells_than_another(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "blocks.py").write_text(SCRIPT)
    done = mpiexec(2, ["-m", "mpi4py", tmp_path / "blocks.py"], timeout=60)
    assert done.returncode == 0, done.stdout
    assert done.stdout.split()[-2:] == ["finished", "True"]
