"""Tortuosity factors are the same on any number of ranks."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from fem_model.study.verification.samples import tiles, write_sample

Mpiexec = Callable[..., "CompletedProcess[str]"]


def test_ranks_do_not_change_the_factors(mpiexec: Mpiexec, tmp_path: Path) -> None:
    """A straight column with an island beside it, and what is left."""
    path = write_sample(tmp_path / "t.msh", tiles(["abb", "aba", "abb"], 5.0), 1.0)
    sigma = ["--set", "materials.a.sigma=3 S/m", "--set", "materials.b.sigma=0.2 S/m"]
    found = []
    for ranks in (1, 3):
        out = tmp_path / str(ranks)
        done = mpiexec(ranks, ["-m", "fem_model", "conductivity", path, *sigma, "--tortuosity", "--out", out])
        assert done.returncode == 0, done.stdout
        written = json.loads((out / "conductivity.json").read_text())
        found.append({axis: written[axis]["tortuosity_factor_by_phase"] for axis in "xy"})
    assert found[0]["x"] == found[1]["x"] == {"a": None, "b": None}
    assert found[0]["y"]["a"] == pytest.approx(4 / 3, rel=1e-9)
    assert found[1]["y"] == pytest.approx(found[0]["y"], rel=1e-9)
