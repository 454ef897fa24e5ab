"""Processes of a run: started, found, killed, waited for."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tests.conftest import launcher

PATIENCE = 60.0
"""Seconds within which each thing happens that is waited for."""


def start(ranks: int, words: Sequence[str], caches: Path, log: Path) -> "subprocess.Popen[bytes]":
    """Start `fem-model` with its own caches, and with all that it prints in a file."""
    prefix = [launcher(), "-n", str(ranks)] if ranks > 1 else []
    env = os.environ | {"XDG_CACHE_HOME": str(caches), "FEM_MODEL_MESHES": str(caches / "meshes")}
    command = [*prefix, sys.executable, "-m", "fem_model", *words]
    with log.open("ab") as file:
        return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file)


def descendants(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listing.read_text().split()
        except OSError:  # it has ended
            continue
        for child in children:
            yield from descendants(int(child))


def words(pid: int) -> bytes:
    """The command of a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b"hydra"  # it has ended: nothing to kill


def end(pid: int) -> None:
    """Kill a process, if it is there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_for(pid: int) -> None:
    """Wait until a process is gone."""
    until = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}/cmdline").exists() and words(pid) and time.monotonic() < until:
        time.sleep(0.005)
