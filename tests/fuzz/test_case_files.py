"""Mutated case files are refused in one line, or taken as they are written."""

from pathlib import Path

import pytest

from tests.fuzz.case_files import fuzz


def test_150_mutated_cases(tmp_path: Path) -> None:
    tally = fuzz(seed=11, numbers=range(150), folder=tmp_path)
    assert not tally.failures, "\n".join(tally.failures)
    assert min(tally.outcomes["accepted"], tally.outcomes["refused"]) > 10


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_50000_mutated_cases(tmp_path: Path) -> None:
    tally = fuzz(seed=1, numbers=range(50_000), folder=tmp_path)
    assert not tally.failures, "\n".join(tally.failures)
