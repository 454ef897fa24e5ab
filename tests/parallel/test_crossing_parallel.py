"""Refined meshes and crossing fields on several ranks: as on one, and one failure for all."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from tests.fem.crossings import OTHER, flat, solid

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = """
import sys
from pathlib import Path

import numpy as np
from mpi4py import MPI

from fem_model.base.errors import FemModelError
from fem_model.numerics.crossing import Crossing
from tests.fem.crossings import start, travels

everybody = MPI.COMM_WORLD
folder, *paths, higher = map(Path, sys.argv[1:])
for comm in (everybody.Split(everybody.rank // 2), everybody):  # two of three ranks beside one, then all
    found = travels(*paths, comm)
    if comm.rank == 0:
        np.savez(folder / f"{comm.size}.npz", **found)
try:
    Crossing(start(paths[0], everybody), start(higher, everybody))
except FemModelError as error:
    seen = everybody.gather(str(error))
if everybody.rank == 0:
    print(len(set(seen)), len(seen), seen[0])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crossing")


@pytest.fixture(scope="module")
def told(mpiexec: Mpiexec, folder: Path) -> str:
    (folder / "cross.py").write_text(SCRIPT)
    meshes = flat(folder), flat(folder, *OTHER), solid(folder), flat(folder, "microstructure.depth=19 um")
    done = mpiexec(3, [folder / "cross.py", folder, *meshes], timeout=100)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("ranks", [2, 3])
@pytest.mark.usefixtures("told")
def test_ranks_change_neither_refined_meshes_nor_what_crosses(folder: Path, ranks: int) -> None:
    alone, together = np.load(folder / "1.npz"), np.load(folder / f"{ranks}.npz")
    assert set(together) == set(alone)
    for name, values in alone.items():
        if name.startswith("mesh"):
            assert np.array_equal(together[name], values), name  # to the last bit
        else:
            assert np.abs(together[name] - values).max() <= 1e-12 * np.abs(values).max(), name


def test_a_point_that_is_in_no_cell_is_an_error_on_every_rank(told: str) -> None:
    assert "1 3 24 points of a mesh are outside of the one whose fields it is to take" in told
