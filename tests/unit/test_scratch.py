"""A temporary folder without room ends in one line; what killed processes left aside goes with the next."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from pyvista import PolyData

from fem_model.base.drafts import FORGOTTEN, draft
from fem_model.base.errors import OutputError
from fem_model.base.seal import sealed
from fem_model.mesh.cache import build_mesh
from fem_model.mesh.export import export_mesh
from fem_model.plot.drawing import Patch, Scene, rendered
from fem_model.post.paraview import _save as save_data
from fem_model.readers import bounded
from tests.command import call
from tests.fem.cases import NUCLEUS, case
from tests.unit.test_compiler import full
from tests.unit.test_imported_cases import MESH, REGION, REST, write_mesh
from tests.unit.test_readers import write_msh


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a case on a mesh of others, a mesh as this program writes it, and a temporary folder."""
    write_mesh(tmp_path / "foreign.vtu", region=REGION)
    (tmp_path / "case.toml").write_text(MESH + REST)
    theirs = write_msh(tmp_path / "theirs.msh").read_bytes()
    (tmp_path / "own.msh").write_bytes(sealed(theirs + b"$Comments\n" + bytes(1000) + b"\n$EndComments\n"))
    (tmp_path / "tmp").mkdir()
    return tmp_path


@contextmanager
def temporary(folder: Path) -> Iterator[None]:
    """Temporary files go to this folder; those of pytest, before and after it, do not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        yield


@pytest.fixture
def new_reader() -> Iterator[None]:
    """Files of others are read by a process that is started, and ended, in the test."""
    bounded._SERVER.stop()
    yield
    bounded._SERVER.stop()


COMMANDS = {"a mesh of others": ["run", "case.toml", "--dry-run"], "a mesh of one's own": ["mesh", "own.msh"]}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", ["no folder", "full"])
@pytest.mark.usefixtures("new_reader")
def test_a_temporary_folder_without_room_is_one_line(
    files: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str, fault: str
) -> None:
    monkeypatch.chdir(files)
    place = files / ("tmp" if fault == "full" else "own.msh")
    with temporary(place), full() if fault == "full" else ExitStack():
        code = call(COMMANDS[command], monkeypatch)
    [line] = capfd.readouterr().err.splitlines()
    assert code == 3, line
    assert f"{place}/fem-model-" in line and "TMPDIR can name another temporary folder" in line
    assert not list((files / "tmp").iterdir())


def test_pictures_and_files_of_others_without_room_are_named(files: Path) -> None:
    points = np.random.default_rng(1).random((300, 3))
    patch = Patch(points, np.arange(300).reshape(-1, 3))
    with temporary(files / "tmp"), full():
        with pytest.raises(OutputError, match=r"scene\.npz: cannot be written: File too large.*TMPDIR"):
            rendered(Scene((1, 1, 1), [patch]))
        with pytest.raises(OutputError, match=r"front\.vtp: cannot be written: File too large"):
            save_data(PolyData(points), files / "front.vtp")
    assert not (files / "front.vtp").exists()


def test_an_export_that_the_disk_does_not_hold_is_named(files: Path) -> None:
    """What a killed one left in the place where it is written is gone."""
    mesh, aside = files / "m.msh", files / ".m.xdmf.part"
    mesh.write_bytes(sealed(files.joinpath("theirs.msh").read_bytes()))
    aside.mkdir()
    (aside / "m.vtu").write_text("hal")
    with full(), pytest.raises(OutputError, match=r"m\.xdmf: cannot be written: "):
        export_mesh(mesh, files / "m.xdmf")
    assert not aside.exists() and not (files / "m.h5").exists()
    export_mesh(mesh, files / "m.xdmf")
    assert not aside.exists() and not (files / "m.vtu").exists()


KILLED = """
import os, sys
from pathlib import Path
from fem_model.base.drafts import draft
with draft(Path(sys.argv[1])) as own:
    own.write_text("hal")
    os.kill(os.getpid(), 9)
"""


def test_drafts_of_killed_processes_are_gone_with_the_next_mesh(tmp_path: Path) -> None:
    """Those that are still written stay, and so does what only looks like one."""
    subprocess.run([sys.executable, "-c", KILLED, tmp_path / "another.msh"], timeout=60, check=False)
    [left] = tmp_path.iterdir()
    (tmp_path / ".hidden.msh").write_text("of the user")
    with draft(tmp_path / "third.msh") as alive:
        build_mesh(case(NUCLEUS), tmp_path / "m.msh")
        assert {path.name for path in tmp_path.iterdir()} == {"m.msh", alive.name, ".hidden.msh"}
    assert not left.exists() and not alive.exists()


def test_without_locks_drafts_go_by_their_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fcntl.flock", lambda *_: (_ for _ in ()).throw(OSError("no locks")))
    old, new = (tmp_path / f".m.{digit * 16}.msh" for digit in "01")
    for path in (old, new):
        path.write_text("hal")
    os.utime(old, (0, old.stat().st_mtime - FORGOTTEN - 1))
    with draft(tmp_path / "m.msh"):
        assert not old.exists() and new.exists()
