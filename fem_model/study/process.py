"""Commands in processes of their own, which can fail without harm to the one that waits for them."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Self

from fem_model.base.atomic import cleared
from fem_model.base.errors import InputError
from fem_model.base.signals import ASKING

MOST_RANKS = 1000
RANK_VARIABLES = ("PMI", "HYDI", "MPI_LOCAL", "OMPI_COMM_WORLD")
"""Prefixes of the variables by which mpiexec and srun number the ranks."""


@dataclass(frozen=True)
class Ended:
    """Exit code of a child process (negative: killed by that signal), and True if it was told to stop."""

    code: int
    told_to_stop: bool


def launcher(ranks: int) -> list[str]:
    """Words before a command that run it on `ranks` processes: the mpiexec beside this Python, or on PATH.

    InputError if there is none, or if `ranks` is not from 1 to MOST_RANKS.
    """
    if not 1 <= ranks <= MOST_RANKS:
        raise InputError(f"--ranks {ranks}: at least 1, and at most {MOST_RANKS}")
    if ranks == 1:
        return []
    beside = str(Path(sys.executable).parent)
    found = shutil.which("mpiexec", path=beside) or shutil.which("mpiexec")
    if found is None:
        raise InputError(
            f"{ranks} ranks: this needs mpiexec, found neither beside {sys.executable} nor on the PATH"
        )
    return [found, "-n", str(ranks)]


def environment_of_its_own() -> dict[str, str]:
    """The environment for a child that is no rank of the launcher above; the launcher's settings stay."""
    return {k: v for k, v in os.environ.items() if not k.startswith(RANK_VARIABLES)}


class Children:
    """Runs commands. In its `with` block no signal that asks to stop ends this process.

    Such a signal is passed on to the commands that run, and no other is started.
    """

    def __init__(self) -> None:
        self.told_to_stop = False
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        heard = [number for number in ASKING if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._pass_on) for number in heard}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        self.told_to_stop = True
        for process in self._running:
            process.send_signal(number)

    def run(self, command: Sequence[str], log: Path) -> Ended:
        """Run a command to its end, as `start` does."""
        if self.told_to_stop:
            return Ended(0, True)
        process = self.start(command, log)
        process.wait()
        return self.ended(process) or Ended(0, self.told_to_stop)

    def start(self, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        """Start a command, one thread per process, with all it prints in the file `log`.

        The file is locked until the command has ended, even if this process ends before it: see `is_running`.
        """
        with cleared(log).open("xb") as file:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(file, fcntl.LOCK_EX)
            process = subprocess.Popen(
                command,
                env=environment_of_its_own() | {"OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running = [*self._running, process]
        if self.told_to_stop:  # while it was being started
            process.terminate()
        return process

    def ended(self, process: subprocess.Popen[bytes]) -> Ended | None:
        """End of a command; None while it runs."""
        code = process.poll()
        if code is None:
            return None
        self._running = [other for other in self._running if other is not process]
        return Ended(code, self.told_to_stop)


def is_running(log: Path) -> bool:
    """True if a command that `Children` started with this log still runs."""
    try:
        with log.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is no such file, or it cannot be locked there
        return False
    return False


def last_words(log: Path, code: int) -> str:
    """The message of a command that went wrong, or how it ended."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}; see {log}"
    text = log.read_text(encoding="utf-8", errors="replace")
    for line in reversed(text.splitlines()):
        if line.startswith("fem-model: "):
            return line.removeprefix("fem-model: ")
    return f"exit code {code}; see {log}"
