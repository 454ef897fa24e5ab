"""The command line from end to end: what a user types, reads and finds afterwards."""

import csv
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from fem_model.materials import LIBRARY
from tests.command import call
from tests.fem.cases import NUCLEUS, toml
from tests.traps import THIRD_PARTY, Traps

CASE = toml(NUCLEUS, {"output.figures": True})


def listing(folder: Path) -> dict[str, bytes]:
    """Everything in a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def case_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "case.toml"
    path.write_text(CASE)
    return path


# Bad input

BAD_FILE = {  # what is replaced, by what, what the message says
    "unknown key": ('lam = "0.5 um"', 'lamda = "0.5 um"', ["[phase_field] lamda", "Did you mean lam?"]),
    "unknown section": ("[kinetics]", "[kinetcs]", ["kinetcs is not a key", "Did you mean kinetics?"]),
    "unknown unit": ('"1 mA/cm^2"', '"1 mA/cn^2"', ["[drive] current", "unit"]),
    "wrong dimension": ('"20 min"', '"20 um"', ["[time] end", "does not convert to s"]),
    "no unit": ('lam = "0.5 um"', "lam = 0.5", ["[phase_field] lam", "needs a unit"]),
    "negative conductivity": ('"0.526 S/m"', '"-1 S/m"', ["[materials.A] sigma", "must be positive"]),
    "unknown material": ('material = "B"', 'material = "C"', ["layers[1].material", "or take one of A, B"]),
    "front under-resolved": (
        'cell_size_front = "0.5 um"',
        'cell_size_front = "0.6 um"',
        ["[mesh] cell_size_front", "cells across the front", "at most"],
    ),
    "flaw outside": ('position = "6 um"', 'position = "16 um"', ["nuclei[0].position", "outside the domain"]),
    "flaw too small": ('radius = "2.5 um"', 'radius = "0.5 um"', ["nuclei[0].radius", "at least 2 lam"]),
    "flaw too tall": ('radius = "2.5 um"', 'radius = "19 um"', ["[anode.initial] nuclei", "reaches"]),
    "shares": ("share = 0.5 }, {", "share = 0.4 }, {", ["layers", "sum to 0.9; they must sum to 1"]),
    "unknown mode": ('"galvanostatic"', '"galvanostat"', ["[drive] mode", "Did you mean galvanostatic?"]),
    "zero current": ('"1 mA/cm^2"', '"0 A/m^2"', ["[drive] current", "must not be zero"]),
    "broken TOML": ("[mesh]", "[mesh", ["not valid TOML"]),
    "missing section": ('[time]\nend = "20 min"\noutputs = 2\n', "", ["time is missing"]),
    "unknown option of PETSc": (
        "[output]",
        "[solver.petsc]\nksp_rtoll = 1e-9\n[output]",
        ["[solver.petsc] ksp_rtoll is not an option", "Did you mean ksp_rtol?"],
    ),
    "option of PETSc that runs a file": (
        "[output]",
        '[solver.petsc]\npc_type = "python"\n[output]',
        ["[solver.petsc] pc_type must be one of", "gamg"],
    ),
    "unused option of PETSc": (
        "[output]",
        "[solver.petsc]\npc_gamg_threshold = 0.01\n[output]",
        ["[solver.petsc] pc_gamg_threshold", "does not use"],
    ),
    "solver that this PETSc has not": (
        "[output]",
        '[solver.petsc]\npc_factor_mat_solver_type = "mkl_pardiso"\n[output]',
        ["[solver.petsc] PETSc refuses these options: ", "mkl_pardiso"],
    ),
}

FOUND_BY_PETSC = {"unused option of PETSc", "solver that this PETSc has not"}

BAD_ARGUMENTS = {  # after `run case.toml`
    "Pe of one": (["--set", "phase_field.peclet=1.0"], ["--set phase_field.peclet", "less than 1"]),
    "unknown key": (["--set", "drive.curent=1"], ["--set drive.curent", "Did you mean current?"]),
    "unknown section": (["--set", "drve.current=1"], ["--set drve.current", "Did you mean drive?"]),
    "garbage": (["--set", "garbage"], ["--set garbage", "section.key=value"]),
    "no value": (["--set"], ["set", "--help"]),
    "unknown flag": (["--forse"], ["--forse", "--help"]),
    "out is a file": (["--out", "case.toml"], ["case.toml: is a file", "--out"]),
    "out holds the case": (["--out", "."], [".: the resolved case would replace case.toml", "--out"]),
    "unknown flag of PETSc": (["--petsc", "-log_vew"], ["--petsc -log_vew", "Did you mean -log_view?"]),
    "file for PETSc": (["--petsc", "-log_view :x.py"], ["--petsc -log_view :x.py", "::ascii_csv"]),
    "out cannot be made": (["--out", "case.toml/out"], ["case.toml/out", "cannot be made"]),
    "out cannot be named": (["--out", "x" * 300], ["xxx: File name too long"]),
    "one key twice": (
        ["--set", "time.end=1 h", "--set", "time.end=2 h"],
        ["--set time.end: undoes the earlier --set time.end"],
    ),
    "a section after its key": (
        ["--set", "drive.current=1 A/m^2", "--set", "drive={}"],
        ["--set drive: undoes the earlier --set drive.current"],
    ),
    "brackets": (["--set", "time.end=" + "[" * 3000], ["--set time.end: more than 8 levels of brackets"]),
    "not UTF-8": (["--set", "title=\udcff"], ["--set title", "is not UTF-8 text"]),
    "no time": (["--time-limit", ""], ["--time-limit", "is not a number with a unit"]),
    "for ever": (["--time-limit", "1e300 h"], ["--time-limit 1e300 h: must be from 1 ns to 100 years"]),
}

BAD_COMMANDS = {
    "unknown command": (["rum", "case.toml"], ["rum", "--help"]),
    "missing file": (["run", "csae.toml"], ["csae.toml: no such file", "Did you mean case.toml?"]),
    "a folder": (["run", "."], [".: is a directory", "Did you mean case.toml?"]),
    "no case": (["run"], ["case", "--help"]),
    "two cases": (
        ["run", "case.toml", "b.toml"],
        ["fem-model: b.toml: more than the command takes", "--help"],
    ),
    "unknown library entry": (["materials", "LPGS"], ["LPGS", "Allowed", "Did you mean LGPS?"]),
    "temperature without a unit": (["materials", "--temperature", "60"], ["--temperature 60: needs a unit"]),
    "temperature below zero": (
        ["materials", "--temperature", "0 K"],
        ["--temperature 0 K: must be positive"],
    ),
    "mesh of a missing file": (["mesh", "csae.toml"], ["csae.toml: no such file"]),
    "mesh into a file": (
        ["mesh", "case.toml", "--out", "case.toml/x.msh"],
        ["case.toml: the folder cannot be made"],
    ),
    "mesh as a folder": (["mesh", "case.toml", "--out", "."], [".: must be the name of a .msh file"]),
    "picture of no kind": (["mesh", "case.toml", "--plot", "x.foo"], ["x.foo: must be", "a .png file"]),
    "picture into a file": (
        ["mesh", "case.toml", "--plot", "case.toml/x.png"],
        ["case.toml: the folder cannot be made"],
    ),
    "conductivity into a file": (
        ["conductivity", "case.toml", "--out", "case.toml"],
        ["case.toml: the folder cannot be made"],
    ),
    "checks into a file": (
        ["verify", "--out", "case.toml/x"],
        ["case.toml/x: the folder cannot be made"],
    ),
    "a line break": (["run", "a\nb"], ["fem-model: a\\nb: no such file"]),
    "not UTF-8": (["verify", "\udcff"], ["is not UTF-8 text"]),
    "too many levels": (["converge", "case.toml", "--levels", "1000000000"], ["--levels", "at most 20"]),
    "too high a ratio": (["converge", "case.toml", "--ratio", "1e300"], ["--ratio 1e+300", "at most 100"]),
    "too many ranks": (["converge", "case.toml", "--ranks", "1000000000"], ["--ranks", "at most 1000"]),
    "dry run of a wrong key": (["run", "case.toml", "--dry-run", "--set", "mesh.x=1"], ["--set mesh.x"]),
}


def complains(
    arguments: Sequence[str | Path],
    words: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, one line on stderr with the words in it, nothing on stdout, nothing written."""
    before = listing(Path.cwd())
    code = call(arguments, monkeypatch)
    printed = capfd.readouterr()
    assert code == 2, printed.err
    assert len(printed.err.strip().splitlines()) == 1, printed.err
    assert printed.err.startswith("fem-model: ")
    assert printed.out == ""
    for word in words:
        assert word in printed.err
    assert listing(Path.cwd()) == before


@pytest.mark.parametrize("name", BAD_FILE)
def test_bad_files(
    name: str, case_file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    old, new, words = BAD_FILE[name]
    assert CASE.count(old) >= 1
    case_file.write_text(CASE.replace(old, new, 1))
    file = [] if name in FOUND_BY_PETSC else ["case.toml"]
    complains(["run", "case.toml"], [*file, *words], monkeypatch, capfd)


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
def test_bad_arguments(
    name: str, case_file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, words = BAD_ARGUMENTS[name]
    complains(["run", "case.toml", *arguments], words, monkeypatch, capfd)


@pytest.mark.parametrize("name", BAD_COMMANDS)
def test_bad_commands(
    name: str, case_file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, words = BAD_COMMANDS[name]
    complains(arguments, words, monkeypatch, capfd)


def test_the_conductivity_looks_at_its_folder_before_it_solves(
    case_file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    study = "fem_model.tasks.conductivity.ConductivityStudy"
    monkeypatch.setattr(study, lambda *_: pytest.fail("it solved"))
    complains(["conductivity", "case.toml", "--out", "case.toml/out"], ["case.toml/out"], monkeypatch, capfd)


def test_a_mesh_and_its_picture_go_to_new_folders_and_in_the_place_of_links(
    case_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", ".a.png.part"):
        Path(name).symlink_to(case_file)
    words = ["--out", "new/a.msh", "--plot", "a.png", "--descriptors", "more/a.json"]
    assert call(["mesh", "case.toml", *words], monkeypatch) == 0
    assert {"new/a.msh", "a.png", "more/a.json", "more/a.png"} < set(listing(Path.cwd()))
    assert case_file.read_text() == CASE


@pytest.mark.parametrize("name", ["checkpoint", "figures", "post"])
def test_a_run_does_not_empty_a_linked_folder(
    name: str, case_file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    elsewhere, out = case_file.parent / "elsewhere", case_file.parent / "out"
    for folder in (elsewhere, out):
        folder.mkdir()
    (elsewhere / "step-00000001.npz").write_text("mine")
    (out / "series.csv").write_text("of another run")
    (out / name).symlink_to(elsewhere)
    complains(["run", "case.toml", "--force"], [f"{name}: is a link to another folder"], monkeypatch, capfd)


def test_pictures_beside_which_there_is_no_run_stay(case_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = case_file.parent / "out" / "figures" / "mine.png"
    picture.parent.mkdir(parents=True)
    picture.write_text("mine")
    short = ["--set", "time.end=1 s", "--set", "output.figures=false"]
    assert call(["run", "case.toml", *short], monkeypatch) == 0
    assert picture.read_text() == "mine"


def test_results_are_not_replaced_without_force(
    case_file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (case_file.parent / "out").mkdir()
    (case_file.parent / "out" / "series.csv").write_text("step,t_s\n0,0.0\n")
    words = ["out: holds the results of a run", "--force", "--out"]
    complains(["run", "case.toml"], words, monkeypatch, capfd)


# What only prints


def test_dry_run_tells_the_case_and_writes_nothing(
    case_file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = listing(case_file.parent)
    assert call(["run", "case.toml", "--dry-run", "--set", "drive.current=2 mA/cm^2"], monkeypatch) == 0
    printed = capfd.readouterr().out
    assert listing(case_file.parent) == before
    for word in ("[phase_field]", "Wagner length", "R_ct", "2 mA/cm²", "time steps", "unknowns"):
        assert word in printed


def test_schema_is_json(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(["schema"], monkeypatch) == 0
    schema = json.loads(capfd.readouterr().out)
    assert {"mesh", "phase_field", "drive", "time"} <= set(schema["properties"])


def test_materials_prints_the_whole_library(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert call(["materials"], monkeypatch) == 0
    printed = capfd.readouterr().out
    for material in LIBRARY.values():
        assert material.name in printed
        for _, datum in material.data():
            assert f"{datum.value:g}" in printed


def test_materials_at_another_temperature(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """σ of LPSC1.0 is 0.357 S/m at 25 °C, with 0.36 eV 4.36 times that at 60 °C."""
    monkeypatch.setenv("COLUMNS", "200")
    assert call(["materials", "LPSC1.0", "--temperature", "60 degC"], monkeypatch) == 0
    (row,) = [line for line in capfd.readouterr().out.splitlines() if "sigma at 333.15 K" in line]
    value, unit, confidence = (cell.strip() for cell in row.split("│")[4:7])
    assert (float(value) / 0.357, unit) == (pytest.approx(4.36, abs=0.01), "S/m")
    assert confidence == "medium", "σ is known well, its activation energy less so"


def test_version_and_help(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert call(["--version"], monkeypatch) == 0
    assert "0.1.0" in capfd.readouterr().out
    assert call(["--help"], monkeypatch) == 0
    printed = capfd.readouterr().out
    for command in ("run", "mesh", "materials", "schema"):
        assert command in printed


# A whole run


def fem_model(arguments: Sequence[str | Path], cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fem_model", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=200, env=os.environ)


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Traps:
    """A working folder and a home that would change a run if anything in them counted."""
    traps = Traps(tmp_path_factory.mktemp("run"))
    traps.modules([*THIRD_PARTY, "fem_model.__init__", "fem_model.post", "fem_model.plot.drawing"])
    traps.links(traps.folder / "out")
    return traps


@pytest.fixture(scope="module")
def run(traps: Traps) -> Path:
    """The folder with a case and, in `out`, its results; a colon too many puts it on the path of modules."""
    (traps.folder / "case.toml").write_text(CASE)
    script = traps.marks.parent / "fem-model"  # as an installation makes it
    script.write_text("from fem_model.cli import main\n\nmain()\n")
    variables = traps.settings() | {"PYTHONPATH": os.environ["PYTHONPATH"] + os.pathsep}
    done = subprocess.run(
        [sys.executable, script, "run", "case.toml"],
        cwd=traps.folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "finished: reached the end time" in done.stdout
    assert "charge balance" in done.stdout
    return traps.folder


def test_nothing_in_the_working_folder_and_no_variable_takes_part_in_a_run(run: Path, traps: Traps) -> None:
    """That the numbers are those of a clean folder is a test below."""
    assert traps.sprung() == set()
    assert not [path for path in (run / "out").rglob("*") if path.is_symlink()]
    picture = imread(run / "out" / "figures" / "front.png")
    assert (picture[0, 0] == 1).all(), "the edge is white"


def test_python_finds_no_module_in_the_working_folder(tmp_path: Path) -> None:
    traps = Traps(tmp_path)
    traps.modules([*THIRD_PARTY, *sys.stdlib_module_names])
    done = fem_model(["schema"], traps.folder)
    assert (done.returncode, traps.sprung()) == (0, set()), done.stderr


def series(folder: Path) -> dict[str, np.ndarray]:
    with (folder / "series.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def test_the_run_folder_holds_what_was_promised(run: Path) -> None:
    assert set(listing(run)) >= {
        "case.toml",
        *(
            f"out/{name}"
            for name in (
                "case.toml",
                "manifest.json",
                "run.log",
                "series.csv",
                "summary.json",
                "fields.xdmf",
                "fields.h5",
            )
        ),
    }
    figures = list((run / "out" / "figures").glob("*.png"))
    assert figures
    assert all(figure.read_bytes().startswith(b"\x89PNG") for figure in figures)
    assert not [name for name in listing(run) if ".part" in name]


def test_the_series_has_the_columns_of_the_contract(run: Path) -> None:
    columns = series(run / "out")
    assert list(columns)[:3] == ["step", "t_s", "dt_s"]
    assert set(columns) >= {
        "current_density_A_m2", "voltage_V", "charge_C_m2", "charge_throughput_C_m2", "charge_foil_C_m2",
        "charge_metal_C_m2", "tip_m", "tip_A_m", "tip_B_m", "li_volume_m3", "li_share_A", "li_share_B",
        "current_share_A", "current_share_B", "faraday_error", "newton_iterations", "linear_iterations",
        "rejected",
    }  # fmt: skip
    assert not [name for name in columns if "alloy" in name or "reacted" in name]  # this case has no reaction
    assert (columns["step"] == np.arange(len(columns["step"]))).all()
    assert columns["t_s"][-1] == 1200.0
    assert np.diff(columns["t_s"]) == pytest.approx(columns["dt_s"][1:], rel=1e-9)
    assert columns["tip_m"] == pytest.approx(np.maximum(columns["tip_A_m"], columns["tip_B_m"]), rel=1e-12)


def test_the_summary_has_the_keys_of_the_contract_and_agrees_with_the_series(run: Path) -> None:
    summary, columns = json.loads((run / "out" / "summary.json").read_text()), series(run / "out")
    assert set(summary) >= {
        "status", "reason", "t_end_s", "steps", "rejected", "tip_m", "tip_by_phase_m", "li_share_by_phase",
        "current_share_by_phase", "charge_C_m2", "charge_throughput_C_m2", "faraday_error", "num_dofs",
        "num_cells", "ranks", "wall_s", "time_by_stage_s", "peak_memory_B", "memory_per_unknown_B",
    }  # fmt: skip
    assert (summary["status"], summary["ranks"]) == ("finished", 1)
    for key in ("tip_m", "charge_C_m2", "charge_throughput_C_m2"):
        assert summary[key] == columns[key][-1]
    assert summary["steps"] == columns["step"][-1]
    assert summary["t_end_s"] == columns["t_s"][-1]
    assert summary["faraday_error"] == columns["faraday_error"].max() < 1e-8
    assert summary["tip_by_phase_m"] == {name: columns[f"tip_{name}_m"][-1] for name in "AB"}
    assert sum(summary["li_share_by_phase"].values()) == pytest.approx(1.0, abs=1e-12)
    assert sum(summary["time_by_stage_s"].values()) == pytest.approx(summary["wall_s"], rel=0.05)


def test_the_manifest_and_the_log_tell_what_made_the_run(run: Path) -> None:
    manifest = json.loads((run / "out" / "manifest.json").read_text())
    assert manifest["ranks"] == 1
    assert manifest["wall_s"] > 0
    assert manifest["packages"]["numpy"] == np.__version__
    assert set(manifest["materials"]) == {"A", "B"}
    assert "finished: reached the end time" in (run / "out" / "run.log").read_text()


def test_the_resolved_case_gives_the_same_result_again(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved = run / "out" / "case.toml"
    assert tomllib.loads(resolved.read_text())["drive"]["current"] == "10.0 A/m^2"
    monkeypatch.chdir(tmp_path)
    assert call(["run", resolved, "--out", "again", "--set", "output.figures=false"], monkeypatch) == 0
    first, again = series(run / "out"), series(tmp_path / "again")
    for name, values in first.items():
        if name not in ("faraday_error", "linear_iterations"):
            assert again[name] == pytest.approx(values, rel=1e-10, abs=1e-18), name


def test_force_replaces_the_results(case_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "series.csv").write_text("from another run")
    (tmp_path / "out" / "summary.json").write_text("from another run")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    options = ["--force", "--set", "output.figures=false", "--set", "time.end=2 min"]
    assert call(["run", "case.toml", *options], monkeypatch) == 0
    assert series(tmp_path / "out")["t_s"][-1] == 120.0
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["t_end_s"] == 120.0
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_a_run_that_cannot_go_on_exits_with_3_and_tells_why(
    case_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ["--set", "output.figures=false", "--set", "time.step=20 min"]
    options += ["--set", "mesh.front_height=1 mm"]
    assert call(["run", "case.toml", *options], monkeypatch) == 3
    printed = capfd.readouterr()
    assert printed.out.count("warning: mesh.front_height = 1 mm is above") == 1
    assert "failed: t = 0 s" in printed.out
    assert printed.err == ""
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["status"] == "failed"
    assert (tmp_path / "out" / "fields.xdmf").exists()
