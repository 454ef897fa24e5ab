"""`fem-model converge` from end to end: known answers, failing levels, levels that are kept."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem_model.base.constants import F
from fem_model.base.errors import InputError
from fem_model.case import derive, load_case
from fem_model.materials import V_m
from fem_model.mesh.cache import build_mesh, mesh_name, meshable_microstructure
from fem_model.mesh.statistics import mesh_statistics
from fem_model.post.load import load_run
from fem_model.study.levels import Level, load_levels
from fem_model.study.quantities import columns
from fem_model.tasks.converge import Plan, converge
from tests.command import call
from tests.fem.cases import FILM, NUCLEUS, toml

SIGMA, R_CT, VOLTAGE, END = 0.2, 0.8e-4, 0.05, 20.0
STRIP = toml(
    FILM,  # 80 µm of electrolyte, linear kinetics
    {
        "materials.E.sigma": f"{SIGMA} S/m",
        "kinetics": {"R_ct": "0.8 ohm cm^2", "law": "linear"},
        "phase_field": {"lam": "2 um", "sigma_residual": 1e-6},
        "mesh": {"cell_size_front": "0.7 um", "cell_size_bulk": "2 um", "front_height": "32 um"},
        "time": {"end": f"{END} s", "outputs": 1},
    },
)
NOT_ASKED_FOR = {"step", "t_s", "dt_s", "newton_iterations", "linear_iterations", "rejected"}

PARTICLES = """
[microstructure]
layout = "particles"
width = "20 um"
depth = "20 um"
grains = [
  { material = "LPSC1.0", mass_share = 0.7, size = "4 um" },
  { material = "LGPS", mass_share = 0.3, size = "3 um" },
]
[mesh]
cell_size_front = "0.5 um"
cell_size_bulk = "1.5 um"
cell_size_boundary = "0.8 um"
front_height = "4 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "film"
thickness = "2 um"
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "10 min"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "case.toml"
    path.write_text(text)
    return path


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "converge.json").read_text())
    return found


def times(folder: Path) -> dict[Path, int]:
    """When the results of the levels were written."""
    files = [path for path in folder.glob("level_*/**/*") if path.is_file()]
    return {path: path.stat().st_mtime_ns for path in files}


# Levels


@pytest.mark.parametrize("refine", ["mesh", "all"])
def test_the_grains_are_the_same_on_every_level(tmp_path: Path, refine: Any) -> None:
    """Corners merge where they are close for the cells of the coarsest level, and so on all levels alike."""
    path = write(tmp_path, PARTICLES)
    levels = load_levels(path, [], refine)
    first, *others = (meshable_microstructure(level.case) for level in levels if level.case)
    assert len(others) == 2
    for other in others:
        assert np.array_equal(other.points, first.points)
        assert other.regions == first.regions
    finer = ["mesh.cell_size_front=0.25 um", "mesh.cell_size_bulk=0.75 um", "mesh.cell_size_boundary=0.4 um"]
    assert len(meshable_microstructure(load_case(path, finer)).points) > len(first.points)


def test_every_cell_becomes_smaller(tmp_path: Path) -> None:
    levels = load_levels(write(tmp_path, PARTICLES), [], "mesh", 2.0, 2)
    cases = [level.case for level in levels if level.case]
    found = [mesh_statistics(build_mesh(case, tmp_path / "m.msh")) for case in cases]
    derived = [derive(case) for case in cases]
    assert mesh_name(cases[0]) != mesh_name(cases[1])
    assert derived[1].num_cells / derived[0].num_cells == pytest.approx(4.0, rel=1e-3)
    assert derived[1].cells_across_interface / derived[0].cells_across_interface == pytest.approx(2.0)
    assert found[1].cells / found[0].cells == pytest.approx(4.0, rel=0.2)
    assert found[1].min_quality > 0.5
    assert found[1].area_fractions == pytest.approx(found[0].area_fractions, abs=1e-9)
    assert found[1].boundary_sizes == pytest.approx(found[0].boundary_sizes, rel=1e-9)


def test_what_each_kind_of_study_refines(tmp_path: Path) -> None:
    path = write(tmp_path, toml(NUCLEUS))
    for refine, factors in {"mesh": (2, 1, 1), "all": (2, 2, 1), "time": (1, 1, 2)}.items():
        coarse, fine = load_levels(path, ["mesh.refinement=1.5"], refine, 2.0, 2)  # type: ignore[arg-type]
        assert coarse.case is not None and fine.case is not None
        assert (coarse.h / fine.h, coarse.lam / fine.lam, coarse.step / fine.step) == pytest.approx(factors)
        assert fine.h == pytest.approx(fine.case.mesh.cell_size_front / fine.case.mesh.refinement)
        assert fine.case.phase_field.lam == fine.lam
        assert fine.case.time.front_step == fine.step
    fixed = load_levels(path, ["time.step=1 min"], "time", 2.0, 2)[1]
    assert fixed.case is not None
    assert (fixed.case.time.step, fixed.case.time.front_step) == (30.0, 0.2)
    together = load_levels(path, ["time.step=1 min"], "all", 2.0, 2)[1]
    assert together.case is not None
    assert (together.case.time.step, together.step) == (30.0, 30.0)


def test_the_first_level_is_the_case_itself_without_figures(tmp_path: Path) -> None:
    path = write(tmp_path, toml(NUCLEUS, {"output.figures": True}))
    for refine in ("mesh", "all", "time"):
        assert load_levels(path, [], refine)[0].case == load_case(path, ["output.figures=false"])  # type: ignore[arg-type]
    wanted = load_levels(path, ["output.figures=true"], "mesh")[1].case
    assert wanted is not None and wanted.output.figures


# A front whose current is known


@pytest.fixture(scope="module")
def strip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study of λ and cells together."""
    folder = tmp_path_factory.mktemp("strip")
    path = write(folder, STRIP)
    asked = ["current_density_A_m2", "li_share_E", "charge_C_m2", "t_short_s"]
    plan = Plan(refine="all", quantities=asked, times=["0 s", f"{END} s"])
    assert converge(path, folder / "out", [], plan) == 0
    return folder / "out"


def resistance(t: float) -> float:
    """R of electrolyte and front: d(R²)/dt = −2 V V_m/(F σ), as the front moves by V_m i/F (Ω m²)."""
    start = 80e-6 / SIGMA + R_CT
    return float(np.sqrt(start**2 - 2 * VOLTAGE * V_m * t / (F * SIGMA)))


def test_the_order_is_that_of_the_theory_and_the_interval_contains_the_truth(strip: Path) -> None:
    charge = SIGMA * F / V_m * (resistance(0) - resistance(END))  # ∫ V/R dt
    truth = {
        "current_density_A_m2@0 s": VOLTAGE / resistance(0),
        f"current_density_A_m2@{END} s": VOLTAGE / resistance(END),
        f"charge_C_m2@{END} s": charge,
    }
    found = told(strip)["quantities"]
    for name, value in truth.items():
        assert found[name]["convergence"] == "monotone"
        assert found[name]["observed_order"] == pytest.approx(2.0, abs=0.25), name
        assert abs(found[name]["extrapolated"] - value) <= found[name]["uncertainty"], name
        assert found[name]["uncertainty"] < 2e-3 * value
        assert abs(found[name]["values"][-1] - value) < abs(found[name]["values"][0] - value)


def test_what_has_no_error_is_constant_and_what_did_not_happen_is_missing(strip: Path) -> None:
    study = told(strip)
    share = study["quantities"][f"li_share_E@{END} s"]
    assert (share["convergence"], share["observed_order"], share["extrapolated"]) == ("constant", None, 1.0)
    short = study["quantities"]["t_short_s"]
    assert short["values"] == [None] * 3
    assert short["extrapolated"] is None
    assert "no short circuit" in study["levels"][0]["missing"]["t_short_s"]


def test_the_levels_are_told(strip: Path) -> None:
    study = told(strip)
    assert [level["name"] for level in study["levels"]] == ["level_0", "level_1", "level_2"]
    assert [level["h_m"] for level in study["levels"]] == pytest.approx(
        [0.7e-6 / 2 ** (k / 2) for k in range(3)]
    )
    assert [level["lam_m"] for level in study["levels"]] == pytest.approx(
        [2e-6 / 2 ** (k / 2) for k in range(3)]
    )
    for level in study["levels"]:
        summary = json.loads((strip / level["name"] / "summary.json").read_text())
        assert {key: level[key] for key in ("num_cells", "num_dofs", "steps", "status")} == {
            key: summary[key] for key in ("num_cells", "num_dofs", "steps", "status")
        }
    for name in ("converge.md", "converge.png"):
        assert (strip / name).stat().st_size > 0
    assert not list(strip.glob("**/.*.part"))


def test_every_column_of_a_run_can_be_asked_for(strip: Path) -> None:
    run = load_run(strip / "level_0")
    assert set(columns(run.case)) == set(run.series) - NOT_ASKED_FOR


def test_a_second_call_runs_nothing_anew(
    strip: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = times(strip)
    monkeypatch.setattr("fem_model.tasks.level.Children.run", lambda *_: pytest.fail("a level was run"))
    plan = Plan(refine="all", quantities=["tip_m"], resume=True)
    assert converge(strip.parent / "case.toml", strip, [], plan) == 0
    assert times(strip) == before
    assert capfd.readouterr().out.count("finished, as it was") == 3
    assert list(told(strip)["quantities"]) == ["tip_m"]


@pytest.mark.parametrize(
    ("plan", "overrides", "words"),
    [
        (Plan(refine="all"), [], "holds the results of a study. Use --resume"),
        (Plan(refine="all", resume=True, force=True), [], "exclude each other"),
        (Plan(refine="all", resume=True), ["drive.voltage=40 mV"], "run of another case"),
        (Plan(refine="mesh", resume=True), [], "run of another case"),
        (Plan(refine="all", resume=True, quantities=["tip"]), [], "Did you mean tip_m"),
        (Plan(refine="all", resume=True, ratio=1.0), [], "--ratio 1"),
        (Plan(refine="all", resume=True, levels=1), [], "--levels 1"),
    ],
)
def test_wrong_input_changes_nothing(strip: Path, plan: Plan, overrides: list[str], words: str) -> None:
    before = {path: path.stat().st_mtime_ns for path in strip.rglob("*")}
    with pytest.raises(InputError, match=words):
        converge(strip.parent / "case.toml", strip, overrides, plan)
    assert {path: path.stat().st_mtime_ns for path in strip.rglob("*")} == before


# A conductivity, without a run


def test_the_conductivity_of_grains_needs_no_run(tmp_path: Path) -> None:
    path, out = write(tmp_path, PARTICLES), tmp_path / "out"
    asked = ["sigma_eff_S_m", "sigma_eff_x_S_m"]
    assert converge(path, out, [], Plan(2, quantities=asked)) == 0
    study = told(out)
    for level in study["levels"]:
        folder = out / level["name"]
        conductivity = json.loads((folder / "conductivity" / "conductivity.json").read_text())
        assert level["values"]["sigma_eff_S_m"] == conductivity["y"]["sigma_eff_S_m"]
        assert level["values"]["sigma_eff_x_S_m"] == conductivity["x"]["sigma_eff_S_m"]
        for count in ("num_cells", "num_dofs"):
            assert level[count] == conductivity[count] > 0
        assert level["steps"] is None
        assert not (folder / "series.csv").exists()
        assert not list(folder.glob("**/*.png"))
    low, high = conductivity["y"]["wiener"]
    found = study["quantities"]["sigma_eff_S_m"]
    assert low < found["extrapolated"] < high
    assert found["uncertainty"] < 1e-3 * found["extrapolated"]
    before = times(out)
    assert converge(path, out, [], Plan(2, quantities=asked, resume=True)) == 0
    assert times(out) == before
    with pytest.raises(InputError, match="of another case"):
        converge(path, out, ["microstructure.seed=2"], Plan(2, quantities=asked, resume=True))


# Levels that fail


def test_a_level_that_the_solver_gives_up_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A fixed step that is too long for the front on the coarsest of two levels."""
    plan, out = Plan(2, 4.0, "time", ["tip_m"]), tmp_path / "out"
    path = write(tmp_path, toml(NUCLEUS, {"time": {"step": "10 min", "end": "10 min", "outputs": 1}}))
    assert converge(path, out, [], plan) == 3
    study = told(out)
    assert [level["status"] for level in study["levels"]] == ["failed", "finished"]
    assert "order parameter changed" in study["levels"][0]["reason"]
    assert [level["step_s"] for level in study["levels"]] == [600.0, 150.0]
    assert study["quantities"]["tip_m"]["values"] == [None, study["levels"][1]["values"]["tip_m"]]
    assert study["quantities"]["tip_m"]["extrapolated"] is None
    assert "level_0 failed: t = 0 s" in capfd.readouterr().out


CRASHES = {  # what runs instead of a level: what is told of it
    "exit 7": "exit code 7; see",
    "echo 'fem-model: no room' >&2; echo more; exit 1": "no room",
    "kill -9 $$": "killed by SIGKILL; see",
    "exit 3": "exit code 3; see",
}


@pytest.mark.parametrize("script", CRASHES)
def test_a_level_that_crashes_does_not_end_the_study(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fem_model.tasks.converge.launcher", lambda _: ["sh", "-c", script])
    assert converge(write(tmp_path, STRIP), tmp_path / "out", [], Plan()) == 3
    levels = told(tmp_path / "out")["levels"]
    assert [level["status"] for level in levels] == ["failed"] * 3
    assert all(CRASHES[script] in level["reason"] for level in levels)


def test_a_level_that_is_stopped_stops_the_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fem_model.tasks.converge.launcher", lambda _: ["sh", "-c", "exit 75"])
    assert converge(write(tmp_path, STRIP), tmp_path / "out", [], Plan()) == 75
    states = [level["status"] for level in told(tmp_path / "out")["levels"]]
    assert states == ["stopped", "not started", "not started"]


@pytest.mark.parametrize("started", [1, 2])
def test_a_signal_between_two_levels_stops_the_study(
    started: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes when the study tells of a level that is about to start, or after the last one."""
    told_of: list[Level] = []

    def signal_comes(level: Level, refine: str) -> str:
        told_of.append(level)
        if len(told_of) == started:
            os.kill(os.getpid(), signal.SIGTERM)
        return level.name

    monkeypatch.setattr("fem_model.tasks.converge.launcher", lambda _: ["sh", "-c", "exit 7"])
    monkeypatch.setattr("fem_model.tasks.converge.size_text", signal_comes)
    before = signal.signal(signal.SIGTERM, lambda *_: pytest.fail("the study was killed"))
    try:
        assert converge(write(tmp_path, STRIP), tmp_path / "out", [], Plan()) == 75
    finally:
        signal.signal(signal.SIGTERM, before)
    states = [level["status"] for level in told(tmp_path / "out")["levels"]]
    assert states == ["failed"] * (started - 1) + ["stopped"] + ["not started"] * (3 - started)


def test_force_leaves_nothing_of_an_earlier_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fem_model.tasks.converge.launcher", lambda _: ["sh", "-c", "exit 7"])
    path, out = write(tmp_path, STRIP), tmp_path / "out"
    (out / "level_2" / "figures").mkdir(parents=True)
    for name in ("level_2/series.csv", "level_2.toml", "level_2.log", "level_2_notes.txt", "notes.txt"):
        (out / name).write_text("from before")
    assert converge(path, out, [], Plan(2, force=True)) == 3
    left = {path.name for path in out.iterdir() if not path.name.startswith("converge.")}
    assert left == {
        "level_0.toml",
        "level_0.log",
        "level_1.toml",
        "level_1.log",
        "level_2_notes.txt",
        "notes.txt",
    }


def test_nothing_is_written_through_links_in_the_place_of_levels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fem_model.tasks.converge.launcher", lambda _: ["sh", "-c", "exit 7"])
    path, out, elsewhere = write(tmp_path, STRIP), tmp_path / "out", tmp_path / "elsewhere"
    for folder in (out, elsewhere):
        folder.mkdir()
    (elsewhere / "victim.txt").write_text("mine")
    (out / "level_0").symlink_to(elsewhere)
    with pytest.raises(InputError, match="level_0: is a link to another folder"):
        converge(path, out, [], Plan(2, resume=True))
    for name in ("level_0.toml", "level_0.log", "level_1.log"):
        (out / name).symlink_to(elsewhere / "victim.txt")
    assert converge(path, out, [], Plan(2, force=True)) == 3
    assert {file.name: file.read_text() for file in elsewhere.iterdir()} == {"victim.txt": "mine"}


# The command line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--quantity", "tips_m"], ["--quantity tips_m", "Did you mean tip_m?"]),
        (["--quantity", "tip_m@2 h"], ["time.end = 1200 s"]),
        (["--at", "5 um"], ["--at 5 um", "does not convert to s"]),
        (["--refine", "grid"], ["grid", "mesh"]),
        (["--set", "mesh.refinement=0.5"], ["--set mesh.refinement", "greater than or equal to 1"]),
        (["--ranks", "0"], ["--ranks 0"]),
        (["--out", "case.toml"], ["case.toml: is a file"]),
        (["--out", "case.toml/x"], ["case.toml/x: the folder cannot be made"]),
    ],
)
def test_bad_arguments_write_nothing(
    arguments: list[str],
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, toml(NUCLEUS))
    assert call(["converge", "case.toml", *arguments], monkeypatch) == 2
    printed = capfd.readouterr()
    assert len(printed.err.strip().splitlines()) == 1
    for word in words:
        assert word in printed.err
    assert [path.name for path in tmp_path.iterdir()] == ["case.toml"]
