"""Shares of the tests, of which .ci/run takes another one for each commit."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT, run_group, share

TWO = """
import time
import pytest

@pytest.mark.slow
@pytest.mark.parametrize("k", range(3))
def test_slow(k):
    time.sleep({seconds})

def test_fast():
    pass
"""


@pytest.mark.parametrize("first", [0, 7, 1234])
def test_shares_in_a_row_hold_everything_once(first: int) -> None:
    shares = [share(range(11), f"{first + k}/4") for k in range(4)]
    assert sorted(number for found in shares for number in found) == list(range(11))
    assert {len(found) for found in shares} == {2, 3}


def told(folder: Path, seconds: float, options: Sequence[str]) -> str:
    """What pytest prints of three slow tests, which take so long, and a fast one."""
    (folder / "test_two.py").write_text(TWO.format(seconds=seconds))
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    done = run_group([sys.executable, "-m", "pytest", *options], timeout=60.0, cwd=folder)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_a_share_is_one_of_what_is_marked(tmp_path: Path) -> None:
    found = told(tmp_path, 0.0, ["-m", "slow", "--share", "4/3", "-v"])
    assert "share 1 of 3" in found and "test_slow[1] PASSED" in found and "1 passed, 3 deselected" in found


def test_what_is_left_when_time_is_over_is_skipped_and_told(tmp_path: Path) -> None:
    found = told(tmp_path, 1.5, ["-m", "slow", "--minutes", "0.02", "-rs"])
    assert "1 passed, 2 skipped, 1 deselected" in found and "not within 0.02 minutes" in found
