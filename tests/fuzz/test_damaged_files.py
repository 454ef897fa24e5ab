"""Damaged images, meshes, checkpoints and runs: refused in one line, or read as what they say."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from fem_model.base.errors import InputError
from tests.conftest import ROOT
from tests.fuzz.damage import damaged
from tests.unit.post_runs import cone, plane, write_run

FAST = ["images", "meshes", "msh", "checkpoints"]


def fuzz(count: int, *kinds: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--count", str(count), "--seed", "11", "--kinds", *kinds]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("refused") == len(kinds), done.stdout


def test_no_damaged_file_takes_the_program_along() -> None:
    fuzz(12, *FAST)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_none_of_ten_thousand_damaged_files_takes_the_program_along() -> None:
    fuzz(2000, *FAST, "runs")


def test_a_damaged_run_is_measured_or_refused(tmp_path: Path) -> None:
    """In this process, as the program does it."""
    from tests.fuzz.trial import measured

    folder = write_run(tmp_path / "run", [plane(4.0), cone(10.0, 12.0, 2.0)], step=2.0)
    files = [path for path in sorted(folder.iterdir()) if path.suffix != ".toml"]
    refused = 0
    for number in range(20):
        random = Random(number)
        file = random.choice(files)
        data = file.read_bytes()
        file.write_bytes(damaged(data, random)[1])
        try:
            assert measured(file) > 0
        except InputError as error:
            refused += 1
            assert "\n" not in str(error) and str(folder) in str(error)
        file.write_bytes(data)
    assert 5 < refused < 20
