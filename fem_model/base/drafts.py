"""Drafts of files that a library writes by name, locked by their process; those of a killed one go."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fem_model.base.atomic import writing
from fem_model.base.locks import open_locked, refused

NAME = re.compile(r"\..+\.[0-9a-f]{16}")
"""Name of a draft, without its suffix."""
FORGOTTEN = 86_400.0
"""Age in s of drafts that nobody writes any more, where the file system has no locks."""


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """A new file beside `path`, with its suffix, to be renamed within this: else it is gone afterwards.

    Drafts of processes that have died go first. OutputError if none can be made.
    """
    for left in path.parent.glob(f".*{path.suffix}"):
        if NAME.fullmatch(left.stem):
            with suppress(OSError):  # of another user
                _remove_forgotten(left)
    own, lock = path.with_name(f".{path.stem}.{secrets.token_hex(8)}{path.suffix}"), None
    with writing(own):
        while lock is None:  # while another process looks at it
            lock = open_locked(own)
    try:
        yield own
    finally:
        own.unlink(missing_ok=True)
        os.close(lock)


def _remove_forgotten(left: Path) -> None:
    """Remove a draft unless a process is still writing it."""
    lock = open_locked(left)
    if lock is not None:
        if not refused(lock) or time.time() - os.fstat(lock).st_mtime > FORGOTTEN:
            left.unlink(missing_ok=True)
        os.close(lock)
