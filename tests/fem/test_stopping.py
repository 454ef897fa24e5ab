"""A run that is stopped or killed goes on: nothing is lost, and the result is that of one without a break."""

import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from fem_model.post import load_run
from fem_model.record.series import rows_before
from tests.command import call

CASE = """
[microstructure]
layout = "layers"
width = "10 um"
depth = "16 um"
layers = [ { material = "LGPS", share = 0.5 }, { material = "LPSC1.0", share = 0.5 } ]
[mesh]
cell_size_front = "0.5 um"
cell_size_bulk = "1 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "nuclei"
nuclei = [ { position = "5 um", radius = "2.5 um" } ]
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "30 min"
outputs = 4
front_step = 0.03
[output]
figures = false
checkpoint = "0.2 s"
"""
NOT_COMPARED = {"faraday_error", "void_error", "newton_iterations", "linear_iterations", "rejected"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("resume") / "case.toml"
    path.write_text(CASE)
    return path


@pytest.fixture(scope="module")
def whole(case: Path) -> Path:
    """The run without a break, on one rank."""
    out = case.parent / "whole"
    assert start(command(case, out)).wait(120) == 0
    return out


def command(case: Path, out: Path, *more: str) -> list[str]:
    return ["-m", "fem_model", "run", str(case), "--out", str(out), *more]


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "series.csv").open() as file:
        return list(csv.DictReader(file))


def assert_same_series(one: Path, other: Path) -> None:
    a, b = rows(one), rows(other)
    assert len(a) == len(b) > 20
    for name in set(a[0]) - NOT_COMPARED:
        x, y = (np.array([float(row[name]) for row in table]) for table in (a, b))
        round_off = max(1e-14, 1e-12 * abs(y).max())  # of a net charge, say, that is 0
        assert x == pytest.approx(y, rel=1e-8, abs=round_off), name


def assert_same_fields(one: Path, other: Path) -> None:
    """At the same places; the order of nodes and cells depends on the ranks that wrote them."""
    a, b = load_run(one), load_run(other)
    assert a.times.tolist() == b.times.tolist()
    for k in range(len(a.times)):
        mesh, expected_mesh = a.mesh_at(k), b.mesh_at(k)
        nodes = cKDTree(expected_mesh.points).query(mesh.points)[1]
        cells = cKDTree(expected_mesh.middles).query(mesh.middles)[1]
        orders = {"xi": nodes, "phi": nodes, "current_density": cells}
        if a.case.reactions:
            orders["conversion"] = cells
        for name, order in orders.items():
            expected = b.field(name, k)[order]
            assert a.field(name, k) == pytest.approx(expected, rel=1e-8, abs=1e-8 * abs(expected).max())
        assert (mesh.material == expected_mesh.material[cells]).all()


def start(arguments: Sequence[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, *arguments], text=True, stdout=subprocess.PIPE)


def wait_for_checkpoint(out: Path, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 60
    while len(list(out.glob("checkpoint/step-*/index.json"))) < 2:
        assert process.poll() is None and time.monotonic() < until, "ended before its second checkpoint"
        time.sleep(0.02)


def test_a_killed_run_loses_nothing_but_the_time_since_its_checkpoint(case: Path, whole: Path) -> None:
    out = case.parent / "killed"
    process = start(command(case, out))
    wait_for_checkpoint(out, process)
    process.kill()
    process.wait(60)
    part = max((out / "checkpoint").glob("step-*")) / "part-00000.npz"
    part.write_bytes(part.read_bytes()[:-1000])  # as if the disk had lost its end: the one before serves
    done = start(command(case, out, "--resume"))
    assert done.wait(120) == 0
    assert_same_series(out, whole)
    assert_same_fields(out, whole)
    [notice] = json.loads((out / "summary.json").read_text())["notices"]
    assert f"{part.name} is damaged" in notice and "the run goes on from step-" in notice
    assert notice in (out / "run.log").read_text()
    assert f"warning: {notice}" in (done.stdout.read() if done.stdout else "")


def test_without_a_checkpoint_it_starts_anew_and_says_so(
    case: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Unless the folder is a new one, as those of the members of a sweep are."""
    out = case.parent / "anew"
    short = command(case, out, "--set", "time.end=3 min")[2:]
    assert call([*short, "--resume", "--time-limit", "0.1 s"], monkeypatch) == 75
    assert "starting anew" not in capfd.readouterr().out
    shutil.rmtree(out / "checkpoint")
    assert call([*short, "--resume"], monkeypatch) == 0
    assert "no checkpoint to go on from; starting anew" in capfd.readouterr().out
    assert [row["step"] for row in rows(out)[:2]] == ["0", "1"]
    assert json.loads((out / "summary.json").read_text())["t_end_s"] == 180


def test_a_run_stopped_before_its_first_row_goes_on(
    case: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = case.parent / "early"
    assert call([*command(case, out)[2:], "--time-limit", "0.001 s"], monkeypatch) == 75
    assert list(out.glob("checkpoint/step-*/index.json"))
    assert call([*command(case, out)[2:], "--resume"], monkeypatch) == 0
    assert_same_series(out, whole)


def test_resuming_a_finished_run_changes_nothing(
    case: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*")}
    assert call(command(case, whole, "--resume")[2:], monkeypatch) == 0
    assert "complete" in capfd.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*")} == before


def test_resuming_another_case_is_refused(case: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ["--resume", "--set", "phase_field.gamma=1 J/m^2"]
    assert call([*command(case, whole)[2:], *other], monkeypatch) == 2


def test_rows_of_a_series_before_a_step_are_whole() -> None:
    assert rows_before("step,t_s\n0,0.0\n1,1.0\n2,2.0\n3,", 2) == "step,t_s\n0,0.0\n1,1.0\n"
