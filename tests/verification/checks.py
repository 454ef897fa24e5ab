"""What is asked of every check: it passes, and two ranks find what one finds."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from mpi4py import MPI

from fem_model.study.verification.entry import Entry, Report
from fem_model.study.verification.registry import chosen
from tests.conftest import Mpiexec


def report(name: str) -> Report:
    """What a check finds in its quick size, in this process alone."""
    [check] = chosen([name])
    return check.run(MPI.COMM_SELF, False)


def failures(entries: Sequence[Entry]) -> list[str]:
    return [f"{entry.name}: {entry.quantity}" for entry in entries if not entry.passed]


def assert_passes(name: str) -> None:
    found = report(name)
    assert not failures(found.entries)
    assert {entry.name.split("/")[0] for entry in found.entries} == {name}
    assert found.figure is not None


def assert_two_ranks_agree(mpiexec: Mpiexec, folder: Path, names: Sequence[str], *more: str) -> None:
    """Two ranks find what one finds by each of these checks, and pass `more` of them."""
    done = mpiexec(2, ["-m", "fem_model", "verify", *names, *more, "--out", folder], timeout=280)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("entries ok") == 1
    written = json.loads((folder / "verify.json").read_text())
    measured = {(entry["name"], entry["quantity"]): entry["measured"] for entry in written}
    for entry in (entry for name in names for entry in report(name).entries):
        found = measured[entry.name, entry.quantity]
        assert found == pytest.approx(entry.measured, rel=1e-6, abs=1e-2 * entry.tolerance)
