"""Sweeps from the command line: members that run, results, what is left, kills."""

import csv
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fem_model.case import load_case
from fem_model.sweep.cost import cost_of
from fem_model.sweep.plan import load_plan
from fem_model.sweep.status import place_of
from tests.command import call
from tests.fem.cases import NUCLEUS, toml

TWO = """case = "case.toml"
quantities = ["tip_m", "voltage_V@1 min", "ohmic_V/voltage_V"]
[axes.current]
key = "drive.current"
values = ["1 mA/cm^2", "2 mA/cm^2"]
"""
TWELVE = """case = "case.toml"
[axes.current]
key = "drive.current"
range = ["1 mA/cm^2", "2 mA/cm^2"]
count = 4
[axes.height]
key = "anode.initial.nuclei[0].radius"
values = ["2.5 um", "2.6 um", "2.7 um"]
"""
SAMPLES = """case = "case.toml"
[axes.sample]
count = 3
samples = { "drive.current" = ["1 mA/cm^2", "2 mA/cm^2"] }
[axes.contact.choices]
clean = []
worse = ["kinetics.R_ct=10 ohm cm^2"]
"""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sweep of two members; one needs a second."""
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, {"time": {"end": "2 min", "outputs": 1}}))
    (tmp_path / "sweep.toml").write_text(TWO)
    return tmp_path / "sweep.toml"


def test_a_sweep_runs_what_is_left_and_reports_all(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    out = file.parent / "out" / "sweep"
    assert call(["sweep", file, "--dry-run", "--cores", "1"], monkeypatch) == 0
    told = capfd.readouterr().out
    assert "2 members: 0.0011 to" in told and "1 side by side on 1 core(s)" in told
    assert not out.exists()
    file.write_text(TWO.replace(', "2 mA/cm^2"', ""))
    assert call(["sweep", file], monkeypatch) == 0
    (alone,) = rows(out / "sweep.csv")
    kept = (out / "members" / "current_1_mA_cm2" / "summary.json").stat()

    file.write_text(TWO)
    capfd.readouterr()
    assert call(["sweep", file, "--status"], monkeypatch) == 0
    assert "1 finished, 1 waiting" in capfd.readouterr().out
    assert call(["sweep", file, "--results"], monkeypatch) == 0
    told = capfd.readouterr().out
    assert "tip_m: 1 of 2 members have it, 0 of 1 pairs; without it: 1 waiting\n" in told
    assert call(["sweep", file], monkeypatch) == 0
    assert "2 members, 1 of them to run" in capfd.readouterr().out
    assert (out / "members" / "current_1_mA_cm2" / "summary.json").stat() == kept

    one, two = rows(out / "sweep.csv")
    assert one == alone
    assert (two["status"], two["drive.current_mA_cm2"]) == ("finished", "2.0")
    folder = out / "members" / two["member"]
    assert float(two["tip_m"]) == json.loads((folder / "summary.json").read_text())["tip_m"]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert 0.4 < size / cost_of(load_case(folder / "case.toml"), 1).disk < 2.5
    assert float(two["voltage_V@1 min"]) == pytest.approx(2 * float(one["voltage_V@1 min"]), rel=0.02)
    last = rows(folder / "series.csv")[-1]
    assert float(two["ohmic_V/voltage_V"]) == pytest.approx(float(last["ohmic_V"]) / float(last["voltage_V"]))
    (pair,) = [row for row in rows(out / "pairs.csv") if row["quantity"] == "tip_m"]
    assert float(pair["mean_difference"]) == pytest.approx(float(two["tip_m"]) - float(one["tip_m"]))
    assert (out / "figures" / "tip_m.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--cores", "0"], "--cores 0: at least 1"),
        (["--memory", "8"], "--memory 8: needs a unit"),
        (["--memory", "10 MB"], "current_1_mA_cm2 needs 0.25 GB; there are 0.01 GB (--memory)"),
        (["--status", "--slurm"], "--status and --slurm exclude each other"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    words: list[str],
    message: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert call(["sweep", file, *words], monkeypatch) == 2
    assert message in capfd.readouterr().err
    assert sorted(path.name for path in file.parent.iterdir()) == ["case.toml", "sweep.toml"]


def test_a_dry_run_lists_the_values_of_each_member(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file.write_text(SAMPLES)
    assert call(["sweep", file, "--dry-run"], monkeypatch) == 0
    lines = [line for line in capfd.readouterr().out.splitlines() if line[0] in "┃│"]
    head, *told = [[text.strip() for text in re.split("[┃│]", line)[1:4]] for line in lines]
    assert head == ["member", "drive.current", "contact"]
    members = load_plan(file).members
    assert [row[0] for row in told] == [member.name for member in members]
    assert [row[2] for row in told] == 3 * ["clean", "worse"]
    for row, member in zip(told, members, strict=True):
        assert row[1].endswith(" mA/cm^2")
        assert float(row[1].split()[0]) == pytest.approx(member.case.nominal_current() / 10)
    assert len({row[1] for row in told}) == 3


def test_a_folder_of_other_members_is_left_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    place = place_of(file.parent / "out" / "sweep", load_plan(file).members[0])
    place.folder.mkdir(parents=True)
    (place.folder / "case.toml").write_text(toml(NUCLEUS, {"mesh.cell_size_bulk": "1 um"}))
    assert call(["sweep", file], monkeypatch) == 2
    assert "holds a run of another case, which differs in" in capfd.readouterr().err


def start(file: Path, *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "fem_model", "sweep", str(file), *words]
    return subprocess.Popen(command, cwd=file.parent, stdout=subprocess.DEVNULL, start_new_session=True)


def complete(file: Path) -> dict[str, float]:
    """Members that are complete, with the time at which they came to their end."""
    found = (file.parent / "out" / "sweep" / "members").glob("*/summary.json")
    ends = {path.parent.name: (path, json.loads(path.read_text())["status"]) for path in found}
    return {name: path.stat().st_mtime for name, (path, status) in ends.items() if status == "finished"}


@pytest.fixture
def twelve(file: Path) -> Path:
    """A sweep of twelve members; one needs some seconds, with a checkpoint after each step."""
    changes = {"time": {"end": "20 min", "outputs": 1}, "output": {"figures": False, "checkpoint": "1 ms"}}
    (file.parent / "case.toml").write_text(toml(NUCLEUS, changes))
    file.write_text(TWELVE)
    return file


@pytest.mark.slow
def test_a_sweep_killed_twice_runs_each_member_once_to_its_end(twelve: Path) -> None:
    before: dict[str, float] = {}
    for number, wanted in ((signal.SIGKILL, 3), (signal.SIGTERM, 7)):
        process = start(twelve)
        while len(complete(twelve)) < wanted:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(30) == (75 if number == signal.SIGTERM else -number)
        now = complete(twelve)
        assert {name: now[name] for name in before} == before
        before = now
    assert start(twelve).wait(200) == 0
    now = complete(twelve)
    assert len(now) == 12
    assert {name: now[name] for name in before} == before
    told = rows(twelve.parent / "out" / "sweep" / "sweep.csv")
    assert [row["status"] for row in told] == 12 * ["finished"]
    for row in told:
        steps = rows(twelve.parent / "out" / "sweep" / "members" / row["member"] / "series.csv")
        assert [int(step["step"]) for step in steps] == list(range(len(steps)))
        assert len(steps) - 1 == int(row["steps"])


@pytest.mark.slow
def test_ranks_of_members_come_from_the_file(file: Path) -> None:
    file.write_text(TWO.replace("quantities", "ranks = 2\nquantities"))
    assert start(file).wait(200) == 0
    assert [row["ranks"] for row in rows(file.parent / "out" / "sweep" / "sweep.csv")] == ["2", "2"]
