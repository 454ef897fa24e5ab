"""One run at a time in a folder."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fem_model.base.errors import InputError
from fem_model.record import folder_lock
from fem_model.record.folder_lock import NAME, FolderLock


def test_the_second_run_is_refused_until_the_first_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, process = FolderLock(tmp_path / "out"), os.getpid()
    with pytest.raises(InputError, match="another run is in it, of this process"):
        FolderLock(tmp_path / "out")
    monkeypatch.setattr(folder_lock.os, "getpid", lambda: 1)
    with pytest.raises(InputError, match=f"another run is in it .*process {process}, since"):
        FolderLock(tmp_path / "out")
    first.release()
    assert not (tmp_path / "out").exists(), "made for the lock, and empty"
    FolderLock(tmp_path / "out").release()


def test_a_folder_that_was_there_stays(tmp_path: Path) -> None:
    FolderLock(tmp_path).release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_forgotten_is_free(tmp_path: Path) -> None:
    FolderLock(tmp_path)
    assert not (tmp_path / NAME).exists()
    lock = FolderLock(tmp_path)
    assert json.loads((tmp_path / NAME).read_text())["process"] == os.getpid()
    lock.release()


def test_a_killed_process_holds_no_lock(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys; from fem_model.record.folder_lock import FolderLock; "
        "lock = FolderLock(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, tmp_path], timeout=60).returncode == -9
    assert json.loads((tmp_path / NAME).read_text())["process"] != os.getpid()
    FolderLock(tmp_path).release()


@pytest.mark.parametrize("alive", [True, False])
def test_a_lock_that_another_node_has_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alive: bool
) -> None:
    """Where locks are not passed on between nodes."""
    for name, seconds in {"BEAT": 0.05, "DEAD": 0.4, "LOOK": 0.02}.items():
        monkeypatch.setattr(folder_lock, name, seconds)
    (tmp_path / NAME).write_text(json.dumps({"host": "another", "process": 1}))
    over = threading.Event()
    with (tmp_path / NAME).open() as theirs:
        beat = threading.Thread(target=folder_lock._beat, args=(theirs.fileno(), over))
        if alive:
            beat.start()
            with pytest.raises(InputError, match="host another, process 1"):
                FolderLock(tmp_path)
            over.set()
            beat.join()
            assert (tmp_path / NAME).exists()
    FolderLock(tmp_path).release()


def test_what_cannot_be_locked_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to("elsewhere")
    with pytest.raises(InputError, match=f"{NAME}: cannot be opened"):
        FolderLock(tmp_path)
