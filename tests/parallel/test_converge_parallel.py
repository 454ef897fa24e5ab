"""A study whose levels run on several ranks is stopped in the middle of a level, and goes on."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fem.cases import NUCLEUS, toml

Mpiexec = Callable[..., "subprocess.CompletedProcess[str]"]

TIME = {"end": "15 min", "outputs": 2, "front_step": 0.02}
CASE = toml(NUCLEUS, {"time": TIME, "output.checkpoint": "0.2 s"})


def start(case: Path, *more: str) -> "subprocess.Popen[str]":
    words = ["-m", "fem_model", "converge", str(case), "--levels", "2", "--refine", "time", "--ranks", "2"]
    return subprocess.Popen([sys.executable, *words, *more], text=True, stdout=subprocess.PIPE)


def states(out: Path) -> list[str]:
    return [level["status"] for level in json.loads((out / "converge.json").read_text())["levels"]]


@pytest.mark.slow
def test_a_stopped_study_goes_on_from_the_checkpoint_of_its_level(tmp_path: Path) -> None:
    case, out = tmp_path / "case.toml", tmp_path / "out" / "converge_time"
    case.write_text(CASE)
    process = start(case)
    until = time.monotonic() + 100
    while not list(out.glob("level_0/checkpoint/step-*")):
        assert process.poll() is None and time.monotonic() < until, "ended before its first checkpoint"
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 75
    assert states(out) == ["stopped", "not started"]
    assert json.loads((out / "level_0" / "summary.json").read_text())["status"] == "stopped"
    resumed = start(case, "--resume")
    assert resumed.wait(250) == 0
    assert states(out) == ["finished", "finished"]
    assert "resumed at t = " in (out / "level_0" / "run.log").read_text()
    assert json.loads((out / "level_1" / "summary.json").read_text())["ranks"] == 2


def test_the_study_itself_does_not_run_on_several_ranks(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE)
    done = mpiexec(2, ["-m", "fem_model", "converge", "case.toml"], cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.count("leave out mpiexec, and use --ranks N") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["case.toml"]
