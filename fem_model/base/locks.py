"""Locks of the system on files: it frees those of a process that has died."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def open_locked(path: Path) -> int | None:
    """Descriptor of the file at `path`, made if need be, and locked; None if another process has the lock.

    A file system without locks grants them to all: `refused` says so. OSError if the file cannot be opened.
    """
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        if isinstance(refused(lock), BlockingIOError):
            os.close(lock)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(lock)):
                return lock
        os.close(lock)  # it was released, and removed, in between


def refused(lock: int) -> OSError | None:
    """Lock the file; why the system refuses: another process has the lock, or the file system has none."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error
    return None
