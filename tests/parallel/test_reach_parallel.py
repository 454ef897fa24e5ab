"""A front that reaches only part of the nodes, and none of those of some rank, moves as on one rank."""

from pathlib import Path

from tests.fem.cases import NUCLEUS, toml
from tests.fem.test_reach import THIN
from tests.parallel.test_run_parallel import Mpiexec, check_same_numbers, numbers

SCRIPT = """
import sys
from mpi4py import MPI
from fem_model import Simulation, load_case

simulation = Simulation(load_case("case.toml"), MPI.COMM_WORLD, sys.argv[1])
simulation.run()
reached = MPI.COMM_WORLD.allgather(len(simulation.engine.front.reach.nodes))
if MPI.COMM_WORLD.rank == 0:
    print("nodes", *reached)
"""

RENEWED = """
import numpy as np
from mpi4py import MPI
from fem_model.numerics.smoothing import Smoother
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case
from tests.fem.test_reach import THIN

comm = MPI.COMM_WORLD
simulation = Simulation(case(NUCLEUS, THIN), comm)
simulation.instant()
engine = simulation.engine
front, spaces = engine.front, engine.spaces
smooth, result = Smoother(spaces.V, spaces.dx, front.lam, "again", reach=front.reach), spaces.nodal("again")
load = engine.model.average.density.assemble().copy()

def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

for k in range(120):
    if k == 20:
        before = memory()
    front.reach.version += 1
    smooth(load, result)
growth = comm.allreduce(memory() - before, op=MPI.MAX)
if comm.rank == 0:
    print("growth", growth)
"""


def test_ranks_keep_nothing_of_what_was_reached_before(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "renewed.py").write_text(RENEWED)
    done = mpiexec(2, ["-m", "mpi4py", tmp_path / "renewed.py"], timeout=100)
    assert done.returncode == 0, done.stdout
    assert float(done.stdout.rpartition("growth")[2]) < 10.0, "MB in 100 changes"


def test_ranks_beyond_the_reach_of_the_front_change_nothing(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, {**THIN, "time": {"end": "20 s", "outputs": 1}}))
    (tmp_path / "reach.py").write_text(SCRIPT)
    found = {}
    for ranks in (1, 3):
        done = mpiexec(ranks, ["-m", "mpi4py", "reach.py", str(ranks)], timeout=100, cwd=tmp_path)
        assert done.returncode == 0, done.stdout
        reached = [int(word) for word in done.stdout.rpartition("nodes")[2].split()]
        assert len(reached) == ranks
        assert sum(reached) > 0
        found[ranks] = numbers(tmp_path / str(ranks))
    assert 0 in reached, "a rank has none"
    check_same_numbers(found[1], found[3])
