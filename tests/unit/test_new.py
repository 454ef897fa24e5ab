"""The cases that come with the program, as `fem-model new` writes them, and what travels in the wheel."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from setuptools import Distribution

import fem_model
from fem_model.case import load_case
from fem_model.case.shipped import new_case, shipped_cases
from fem_model.cli import main

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(file.parent.name for file in (ROOT / "runs").glob("*/case.toml"))


def call(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["fem-model", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_name_every_case_is_listed_with_a_title(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["new"], monkeypatch) == 0
    lines = [line.split(maxsplit=1) for line in capfd.readouterr().out.splitlines()]
    assert [name for name, _ in lines] == NAMES
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_a_new_case_is_the_shipped_one_and_needs_no_other_file(name: str, tmp_path: Path) -> None:
    file = new_case(name, tmp_path)
    shipped = ROOT / "runs" / name / "case.toml"
    assert file == tmp_path / name / "case.toml"
    assert file.read_text(encoding="utf-8") == shipped.read_text(encoding="utf-8")
    assert "#" in file.read_text(encoding="utf-8"), "comments"
    assert load_case(file) == load_case(shipped)


def test_a_new_case_goes_to_the_folder_that_is_named_and_replaces_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["new", "nuclei", "--dir", "a/b"], monkeypatch) == 0
    file = folder / "a" / "b" / "nuclei" / "case.toml"
    assert str(file.relative_to(folder)) in capfd.readouterr().out
    file.write_text("mine")
    assert call(["new", "nuclei", "--dir", "a/b"], monkeypatch) == 2
    told = capfd.readouterr().err
    assert told.count("\n") == 1
    assert "a/b/nuclei/case.toml: is there already" in told
    assert file.read_text() == "mine"


def test_a_mistyped_name_is_answered_with_the_nearest_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["new", "quikstart"], monkeypatch) == 2
    told = capfd.readouterr().err
    assert told.count("\n") == 1
    assert "Did you mean quickstart?" in told
    assert not list(folder.iterdir())


def test_the_wheel_holds_every_case_and_what_sweeps_need_of_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    project = Distribution()
    project.parse_config_files()
    build = project.get_command_obj("build_py")
    build.ensure_finalized()
    files = [f"{source}/{name}" for _, source, _, names in build.data_files for name in names]
    shipped = {f"fem_model/runs/{name}/case.toml" for name in NAMES}
    needed = {"fem_model/runs/slurm/array.sh"}
    assert {file for file in files if file.startswith("fem_model/runs")} == shipped | needed
    assert not any(package.startswith("fem_model.runs") for package in project.packages)
    assert set(shipped_cases()) == set(NAMES)


def test_there_is_one_version() -> None:
    assert version("fem-model") == fem_model.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {fem_model.__version__}\n" in citation
