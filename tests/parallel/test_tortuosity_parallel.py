"""Tortuosity factors are the same on several ranks."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from fem_model.study.verification.samples import tiles, write_sample

Mpiexec = Callable[..., "CompletedProcess[str]"]

MEASURE = """
import json, sys
from pathlib import Path
from fem_model.mesh.domain import read_domain
from fem_model.mesh.spanning import spanning_in
from fem_model.study.conductivity import ConductivityStudy
from fem_model.study.tortuosity import tortuosity_factors
from mpi4py import MPI

path = Path(sys.argv[1])
found = []
for comm in (MPI.COMM_SELF, MPI.COMM_WORLD):
    domain = read_domain(path, comm)
    study = ConductivityStudy(domain, {"a": 3.0, "b": 0.2})
    found.append(tortuosity_factors(study, spanning_in(domain, path)))
if MPI.COMM_WORLD.rank == 0:
    print(json.dumps(found))
"""


def test_ranks_do_not_change_the_factors(mpiexec: Mpiexec, tmp_path: Path) -> None:
    """A straight column with an island beside it, and what is left."""
    path = write_sample(tmp_path / "t.msh", tiles(["abb", "aba", "abb"], 5.0), 1.0)
    done = mpiexec(2, ["-c", MEASURE, path])
    assert done.returncode == 0, done.stdout
    alone, together = json.loads(done.stdout.splitlines()[-1])
    assert alone["x"] == together["x"] == {"a": None, "b": None}
    assert together["y"]["a"] == pytest.approx(4 / 3, rel=1e-9)
    assert together["y"]["b"] == pytest.approx(alone["y"]["b"], rel=1e-9)
