"""A run goes on on another mesh on two ranks as on one."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.fem.remeshing import CHANGES

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = """
import sys
from pathlib import Path

from mpi4py import MPI

from tests.fem import remeshing

folder, names = Path(sys.argv[1]), sys.argv[2:]
for name in names:
    run, off = remeshing.with_and_without_a_break(name, folder / name, MPI.COMM_WORLD)
    assert off < 1e-10
    remeshing.goes_there_and_back(run)
if MPI.COMM_WORLD.rank == 0:
    print("went on:", ", ".join(names))
"""


@pytest.mark.parametrize(
    "names", [["steps"], pytest.param([*CHANGES][::2], marks=pytest.mark.slow)], ids=", ".join
)
def test_two_ranks_go_on_on_another_mesh(names: list[str], mpiexec: Mpiexec, tmp_path: Path) -> None:
    """The same mesh, one refined everywhere, and back; see `tests.fem.remeshing` for what must hold."""
    (tmp_path / "remesh.py").write_text(SCRIPT)
    done = mpiexec(2, ["-m", "mpi4py", tmp_path / "remesh.py", tmp_path, *names], timeout=120)
    assert done.returncode == 0, done.stdout
    assert f"went on: {', '.join(names)}" in done.stdout
