"""A checkpoint carries its mesh: any number of ranks write it, and any number go on from it alone."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.fem.cases import NUCLEUS, toml

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = Path(__file__).with_name("same_domain.py")


@pytest.mark.parametrize(
    ("kind", "ranks"),
    [
        ("fine", (2, 1)),
        pytest.param("coarse", (1, 2, 3, 1), marks=pytest.mark.slow),
        pytest.param("fine", (3, 2, 1, 3), marks=pytest.mark.slow),
    ],
)
def test_domain_and_fields_come_back(
    kind: str, ranks: tuple[int, ...], mpiexec: Mpiexec, tmp_path: Path
) -> None:
    """Written on the first number of ranks, and by each of the others read and written anew."""
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    reports: list[dict[str, Any]] = []
    for number, count in enumerate(ranks):
        target, do = tmp_path / f"{number}.json", "read" if number else kind
        done = mpiexec(count, [SCRIPT, do, tmp_path, tmp_path / "case.toml", target])
        assert done.returncode == 0, done.stdout
        reports.append(json.loads(target.read_text()))
        newest = tmp_path / "checkpoint" / "step-00000007"
        assert len(list(newest.glob("part-*.npz"))) == count
    first, *others = reports
    assert set(first["sizes"]) > {"anode", "counter", "A|B", "A: size", "B: z"}
    assert all(abs(value) > 1e-15 for value in first["sizes"].values())
    for other in others:
        assert other["counts"] == first["counts"] and other["labels"] == first["labels"]
        assert other["sizes"] == pytest.approx(first["sizes"], rel=1e-12, abs=0)
