"""A run that was stopped or killed on one rank goes on on two."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.fem.test_stopping import (
    CASE,
    assert_same_fields,
    assert_same_series,
    command,
    rows,
    start,
    wait_for_checkpoint,
)

Mpiexec = Callable[..., "CompletedProcess[str]"]

CHEMISTRY = """
[[reactions]]
material = "LGPS"
route = "electrochemical"
diffusivity = "1e-16 m^2/s"
sigma = "0.1 S/m"
[drive]
mode = "staircase"
start = "1 mA/cm^2"
step = "1 mA/cm^2"
largest = "2 mA/cm^2"
half_cycle = "5 min"
[time]
"""


def test_a_terminated_run_goes_on_on_two_ranks(tmp_path: Path, mpiexec: Mpiexec) -> None:
    case, whole, out = (tmp_path / name for name in ("case.toml", "whole", "terminated"))
    case.write_text(CASE)
    assert mpiexec(1, command(case, whole)).returncode == 0
    process = start(command(case, out))
    wait_for_checkpoint(out, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 75
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["status"], "SIGTERM" in summary["reason"]) == ("stopped", True)
    assert len(rows(out)) < len(rows(whole))
    assert mpiexec(2, command(case, out, "--resume")).returncode == 0
    assert_same_series(out, whole)
    assert_same_fields(out, whole)
    assert json.loads((out / "summary.json").read_text())["faraday_error"] < 1e-8


@pytest.mark.slow
def test_a_killed_staircase_on_what_reacts_goes_on_on_two_ranks(tmp_path: Path, mpiexec: Mpiexec) -> None:
    before, after = CASE.split("[drive]")[0], CASE.split("[time]")[1]
    path = tmp_path / "case.toml"
    path.write_text(before + CHEMISTRY + after)
    whole, out = tmp_path / "whole", tmp_path / "killed"
    assert mpiexec(1, command(path, whole)).returncode == 0
    process = start(command(path, out))
    wait_for_checkpoint(out, process)
    process.kill()
    process.wait(60)
    assert mpiexec(2, command(path, out, "--resume")).returncode == 0
    assert_same_series(out, whole)
    one, other = (json.loads((folder / "summary.json").read_text()) for folder in (out, whole))
    assert [s["ended_by"] for s in one["stages"]] == [s["ended_by"] for s in other["stages"]]
    assert_same_fields(out, whole)
