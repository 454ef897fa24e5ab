"""Runs on images on several ranks, stopped and gone on with; and what is refused, told by one rank alone."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from tests.fem.images import ball, image_case
from tests.parallel.test_run_parallel import check_same_numbers, numbers

Mpiexec = Callable[..., "CompletedProcess[str]"]
SPECK = np.zeros((12, 12), dtype=np.uint8)
SPECK[6, 6] = 1


@pytest.mark.parametrize("dim", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_ranks_and_a_break_do_not_change_a_run_on_an_image(
    mpiexec: Mpiexec, tmp_path: Path, dim: int
) -> None:
    shape = {2: (40, 40), 3: (16, 16, 16)}[dim]
    changes = {"time": {"end": "4 min", "outputs": 1, "step": "1 min"}, "output.figures": dim == 3}
    case = image_case(tmp_path, ball(shape, 0.3), changes)
    one, two = tmp_path / "1", tmp_path / "2"
    for n, out, more, code in (
        (1, one, [], 0),
        (1, two, ["--time-limit", "0.001 s"], 75),
        (2, two, ["--resume"], 0),
    ):
        done = mpiexec(n, ["-m", "fem_model", "run", case, "--out", out, *more], timeout=300)
        assert done.returncode == code, done.stdout
    check_same_numbers(numbers(one), numbers(two))
    assert numbers(one)["tip_m"][-1] > 1.02 * numbers(one)["tip_m"][0]
    assert {path.name for path in (two / "figures").glob("*.png")} >= ({"lithium.png"} if dim == 3 else set())


@pytest.mark.parametrize(
    ("labels", "changes", "words"),
    [
        pytest.param(
            ball((12, 12), 0.3),
            {"microstructure.labels": {"0": "A"}},
            "no material for label 1",
            marks=pytest.mark.slow,
        ),
        (SPECK, {}, "label 1 is nowhere thick enough"),  # which the first rank alone finds out
    ],
)
def test_two_ranks_refuse_with_one_sentence(
    mpiexec: Mpiexec, tmp_path: Path, labels: np.ndarray, changes: dict[str, object], words: str
) -> None:
    case = image_case(tmp_path, labels, changes)
    before = sorted(tmp_path.rglob("*"))
    done = mpiexec(2, ["-m", "fem_model", "run", case])
    assert done.returncode == 2
    assert done.stdout.count("\n") == 1
    assert words in done.stdout
    assert sorted(tmp_path.rglob("*")) == before
