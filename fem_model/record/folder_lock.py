"""One run at a time in a folder: a lock of the system, with a heartbeat where the system locks one node only.

The system frees the lock of a process that has died. NFS passes locks on between nodes, some file systems do
not. So the file names its node, and its time is renewed: who gets the lock of another node watches it first.
"""

import json
import os
import platform
import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from fem_model.base.atomic import make_folder
from fem_model.base.errors import InputError
from fem_model.base.locks import open_locked, refused

NAME = ".lock"
BEAT, DEAD, LOOK = 4.0, 15.0, 0.25
"""Seconds between two heartbeats, without one until a run on another node is dead, and between two looks."""


class FolderLock:
    """The lock of a folder, which is made if need be. InputError as `make_folder`, or if a run has it."""

    def __init__(self, folder: Path) -> None:
        absolute = folder.absolute()
        new = [path for path in (absolute, *absolute.parents) if not path.exists()]
        make_folder(folder)
        path = absolute / NAME
        try:
            lock = open_locked(path)
        except OSError as error:
            raise InputError(f"{path}: cannot be opened: {error.strerror}") from None
        holder = _holder(path)
        if lock is None or _beats(lock, holder):
            by = ", ".join(f"{key} {value}" for key, value in holder.items())
            if holder.get("process") == os.getpid() and holder.get("host") == platform.node():
                raise InputError(f"{folder}: another run is in it, of this process: it ends with its `run`")
            raise InputError(
                f"{folder}: another run is in it ({by}). Wait for its end, or --out names another folder"
            )
        _sign(lock)
        over = threading.Event()
        threading.Thread(target=_beat, args=(lock, over), daemon=True).start()
        self.release = weakref.finalize(self, _release, path, lock, over, new)
        """Frees the lock, once; at the latest when the program ends."""


def require_no_run(folder: Path) -> None:
    """InputError, as that of `FolderLock`, if a run is in the folder."""
    if (folder / NAME).exists():
        FolderLock(folder).release()


def _holder(path: Path) -> dict[str, Any]:
    """The process that signed last, and its node; nothing where none has."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


def _beats(lock: int, holder: dict[str, Any]) -> bool:
    """True if another node renews the file; that takes until DEAD to see."""
    if not holder or (holder.get("host") == platform.node() and not refused(lock)):
        return False
    before, end = os.fstat(lock).st_mtime_ns, time.monotonic() + DEAD
    while time.monotonic() < end:
        time.sleep(LOOK)
        if os.fstat(lock).st_mtime_ns != before:
            os.close(lock)
            return True
    return False


def _sign(lock: int) -> None:
    """Name this process in the file."""
    since = datetime.now().astimezone().isoformat(" ", "seconds")
    text = json.dumps({"host": platform.node(), "process": os.getpid(), "since": since})
    os.ftruncate(lock, 0)
    os.pwrite(lock, text.encode(), 0)


def _beat(lock: int, over: threading.Event) -> None:
    """Renew the time of the file until it is over."""
    with suppress(OSError):  # the folder has gone, which its writers report
        while not over.wait(BEAT):
            os.utime(lock)


def _release(path: Path, lock: int, over: threading.Event, new: Sequence[Path]) -> None:
    """Free the lock, and remove `new` folders in which nothing has been written."""
    over.set()
    with suppress(OSError):
        path.unlink()
    os.close(lock)
    with suppress(OSError):  # something is in it
        for folder in new:
            folder.rmdir()
