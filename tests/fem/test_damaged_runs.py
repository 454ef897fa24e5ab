"""A run whose folder was damaged goes on as if nothing had happened, or says what is lost, or is refused."""

import csv
import json
import re
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.base.seal import sealed, unsealed
from fem_model.case import load_case
from fem_model.engine.march import March
from fem_model.record.checkpoint import FORMAT
from fem_model.record.fields import FieldWriter
from fem_model.record.folder_lock import FolderLock
from fem_model.simulation import Simulation
from tests.command import call
from tests.fem.cases import NUCLEUS, toml

SETTINGS = {
    "time": {"end": "4 min", "outputs": ["30 s", "4 min"], "front_step": 0.1},
    "output": {"checkpoint_steps": 1, "figures": False},
}
STOP = 4
"""Step at which the run is stopped."""
EFFORT = {"newton_iterations", "linear_iterations"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case, a run to its end and one that was stopped."""
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "case.toml").write_text(toml(NUCLEUS, SETTINGS))
    case = load_case(folder / "case.toml")
    Simulation(case, MPI.COMM_SELF, folder / "whole").run()
    stopped = Simulation(case, MPI.COMM_SELF, folder / "stopped")
    stopped.run(lambda: "stopped" if stopped.clock.step == STOP else None)
    return folder


@pytest.fixture
def out(runs: Path, tmp_path: Path) -> Path:
    """The folder of the stopped run."""
    return Path(shutil.copytree(runs / "stopped", tmp_path / "out"))


def resumed(runs: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    rarely = ["--set", "output.checkpoint_steps=100"]
    return call(["run", runs / "case.toml", "--out", out, "--resume", *rarely], monkeypatch)


def assert_whole(out: Path, whole: Path) -> None:
    """Rows are those of the run without a break, within 1e-9 of the largest value of each column."""
    one, other = (list(csv.DictReader((folder / "series.csv").open())) for folder in (out, whole))
    assert len(one) == len(other) > STOP
    for name in set(other[0]) - EFFORT:
        a, b = (np.array([float(row[name]) for row in rows]) for rows in (one, other))
        assert abs(a - b).max() <= 1e-9 * abs(b).max() or name == "faraday_error", name
    assert set(json.loads((out / "manifest.json").read_text())) > {"git", "packages", "wall_s"}


def notices(out: Path) -> list[str]:
    found: list[str] = json.loads((out / "summary.json").read_text()).get("notices", [])
    log = (out / "run.log").read_text()
    assert all(notice in log for notice in found)
    return found


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def newest(out: Path) -> Path:
    return max((out / "checkpoint").glob("step-*"))


FILES: list[tuple[str, Callable[[Path], Any], list[str]]] = [
    ("case.toml", Path.unlink, []),
    ("run.log", Path.unlink, []),
    ("series.csv", Path.unlink, ["series.csv: was damaged; its rows are again those of the checkpoint"]),
    ("series.csv", cut, ["series.csv: was damaged; its rows"]),
    ("series.csv", lambda path: path.write_bytes(bytes(range(256))), ["series.csv: was damaged; its rows"]),
    ("series.csv", lambda path: path.open("a").write("4,5,6\n7"), []),
    ("manifest.json", Path.unlink, ["there is no file"]),
    ("manifest.json", cut, ["manifest.json: cannot be read"]),
    ("fields.xdmf", Path.unlink, ["fields.h5: was damaged; the fields at t = 0, 30 s are lost"]),
    ("fields.xdmf", cut, ["fields.h5: was damaged; the fields at t = "]),
    ("fields.h5", Path.unlink, ["fields.h5: was damaged; the fields at t = 0, 30 s are lost"]),
    ("fields.h5", cut, ["fields.h5: was damaged; the fields at t = 0, 30 s are lost"]),
]


@pytest.mark.parametrize(("name", "damage", "words"), FILES)
def test_a_damaged_file_beside_the_checkpoint(
    runs: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    name: str,
    damage: Callable[[Path], Any],
    words: list[str],
) -> None:
    damage(out / name)
    assert resumed(runs, out, monkeypatch) == 0
    assert_whole(out, runs / "whole")
    found, said = notices(out), capfd.readouterr().out
    assert len(found) == len(words) and all(word in notice for word, notice in zip(words, found, strict=True))
    assert all(f"warning: {notice}" in said for notice in found)


def rewrite(step: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the index of a checkpoint, with a checksum that is right."""
    index = json.loads(unsealed((step / "index.json").read_bytes()) or b"")
    change(index["contents"])
    (step / "index.json").write_bytes(sealed(json.dumps(index).encode()))


ALTERED: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda contents: contents.update(format=FORMAT - 1), "of another version of the program"),
    (
        lambda contents: contents.pop("mesh"),
        "not as this version of the program writes it (KeyError: 'mesh')",
    ),
    (lambda contents: contents["mesh"].pop("extent"), "(KeyError: 'extent')"),
    (lambda contents: contents["numbers"].pop("case"), "(KeyError: 'case')"),
    (lambda contents: contents["numbers"].pop("clock"), "(KeyError: 'clock')"),
    (lambda contents: contents["numbers"]["clock"].pop("t"), "(KeyError: 't')"),
    (lambda contents: contents["numbers"]["fields"].pop("xi"), "(KeyError: 'xi')"),
    (lambda contents: contents["numbers"]["recorder"].pop("ledger"), "(KeyError: 'ledger')"),
    (lambda contents: contents["numbers"].update(schedule=3), "not as this version"),
    (lambda contents: contents["numbers"].pop("written"), "(KeyError: 'written')"),
]


@pytest.mark.parametrize(("change", "words"), ALTERED)
def test_a_checkpoint_that_lacks_something_is_refused_and_nothing_changed(
    runs: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], object],
    words: str,
) -> None:
    rewrite(newest(out), change)
    before = contents(out)
    assert resumed(runs, out, monkeypatch) == 2
    [line] = capfd.readouterr().err.splitlines()
    assert words in line and "--force" in line
    assert contents(out) == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_with_no_usable_checkpoint_the_results_stay(
    runs: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for index in (out / "checkpoint").glob("*/index.json"):
        cut(index)
    before = contents(out)
    assert resumed(runs, out, monkeypatch) == 2
    [line] = capfd.readouterr().err.splitlines()
    assert "not one of 2 checkpoints can be used" in line and "--force" in line
    assert contents(out) == before


def test_as_many_checkpoints_are_kept_as_the_case_says(runs: Path, tmp_path: Path) -> None:
    simulation = Simulation(
        load_case(runs / "case.toml", ["output.checkpoints=3"]), MPI.COMM_SELF, tmp_path / "out"
    )
    simulation.run(lambda: "stopped" if simulation.clock.step == STOP else None)
    steps = [path.name for path in sorted((tmp_path / "out" / "checkpoint").iterdir())]
    assert steps == [f"step-{k:08d}" for k in (STOP - 2, STOP - 1, STOP)]


def test_a_run_in_a_folder_that_is_in_use_is_refused(
    runs: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lock, before = FolderLock(out), contents(out)
    assert (out / "series.csv").exists()
    for way in (["--resume"], ["--force"], []):
        assert call(["run", runs / "case.toml", "--out", out, *way], monkeypatch) == 2
        assert "another run is in it" in capfd.readouterr().err
    with pytest.raises(InputError, match="another run is in it"):
        Simulation(load_case(runs / "case.toml"), MPI.COMM_SELF, out)
    assert contents(out) == before
    lock.release()
    assert call(["run", runs / "case.toml", "--out", out], monkeypatch) == 2
    assert "holds the results of a run" in capfd.readouterr().err
    assert resumed(runs, out, monkeypatch) == 0


# Disks


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file may grow beyond a size (B): what a full disk refuses, this does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def limit(size: int) -> Callable[[Path, ExitStack], object]:
    return lambda out, stack: stack.enter_context(limited(size))


DISKS: list[tuple[Callable[[Path, ExitStack], object], str, str]] = [
    (limit(50_000), "checkpoint/.step.part/part-00000.npz", "File too large"),
    (limit(1_500), "series.csv", "File too large"),
    (lambda out, _: shutil.rmtree(out), "series.csv", "No such file or directory"),
    (lambda out, _: (out / "series.csv").unlink(), "series.csv", "No such file or directory"),
    (lambda out, _: replace_by_file(out / "checkpoint"), "checkpoint/.step.part", "File exists"),
]


def replace_by_file(folder: Path) -> None:
    shutil.move(folder, folder.with_name("moved"))
    folder.write_text("")


@pytest.mark.parametrize(("strike", "name", "reason"), DISKS, ids=["full", "series", "gone", "cut", "file"])
def test_what_cannot_be_written_ends_the_run_and_leaves_what_was_saved(
    runs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    strike: Callable[[Path, ExitStack], object],
    name: str,
    reason: str,
) -> None:
    out, steps, step = tmp_path / "out", [STOP], March.step
    with ExitStack() as stack:

        def struck(march: March, target: float, longest: float) -> str | None:
            steps[0] -= 1
            if steps[0] == 0:
                shutil.copytree(out, tmp_path / "copy")
                strike(out, stack)
            return step(march, target, longest)

        monkeypatch.setattr(March, "step", struck)
        command = ["run", runs / "case.toml", "--out", out, "--set", "output.checkpoint_steps=3"]
        assert call(command, monkeypatch) == 3
    [line] = capfd.readouterr().err.splitlines()
    assert f"{out / name}: cannot be written: {reason}" in line and "--resume goes on from it" in line
    assert not list(out.rglob("*part*.part")) and not list(out.rglob(".step.part"))
    if reason == "File too large":
        saved = contents(tmp_path / "copy" / "checkpoint")
        assert list(contents(out / "checkpoint").values()) == list(saved.values()) != []
        assert resumed(runs, out, monkeypatch) == 0
        assert_whole(out, runs / "whole")


def test_fields_without_space_are_refused_before_they_are_opened(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """HDF5 would end the process with an abort."""
    write = FieldWriter.write
    with ExitStack() as stack:

        def struck(*arguments: Any) -> None:
            stack.enter_context(limited(50_000))
            write(*arguments)

        monkeypatch.setattr(FieldWriter, "write", struck)
        assert call(["run", runs / "case.toml", "--out", tmp_path / "out"], monkeypatch) == 3
    [line] = capfd.readouterr().err.splitlines()
    assert f"{tmp_path / 'out' / 'fields.h5'}: cannot be written: File too large" in line
    assert not list(tmp_path.rglob("*.part"))


def test_a_mesh_that_the_disk_does_not_hold_is_named(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Gmsh itself writes what fits, and says nothing."""
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "meshes"))
    monkeypatch.setattr("fem_model.mesh.cache.sealed", lambda data: data[: len(data) // 2])
    with limited(20_000):
        assert call(["mesh", runs / "case.toml"], monkeypatch) == 3
    [line] = capfd.readouterr().err.splitlines()
    assert re.search(r"meshes/layers-\w+\.msh: cannot be written: No space left on device", line)
    assert not (tmp_path / "meshes").exists()
