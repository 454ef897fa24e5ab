"""A command in a process of its own, which can fail without harm to the one that waits for it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from fem_model.errors import InputError

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


@dataclass(frozen=True)
class Ended:
    """How a child ended: exit code (negative: killed by that signal), and whether it was told to stop."""

    code: int
    told_to_stop: bool


def launcher(ranks: int) -> list[str]:
    """What goes before a command to run it on `ranks` processes: the mpiexec beside this Python, or on PATH.

    InputError if there is none, or if `ranks` is not positive.
    """
    if ranks < 1:
        raise InputError(f"--ranks {ranks}: at least 1")
    if ranks == 1:
        return []
    beside = str(Path(sys.executable).parent)
    found = shutil.which("mpiexec", path=beside) or shutil.which("mpiexec")
    if found is None:
        raise InputError(
            f"--ranks {ranks}: needs mpiexec, found neither beside {sys.executable} nor on the PATH"
        )
    return [found, "-n", str(ranks)]


def run_child(command: Sequence[str], log: Path) -> Ended:
    """Run a command to its end, one thread per process, with all it prints in the file `log`.

    Signals that ask this process to stop are passed on to the child instead. Variables of a launcher above
    (PMI, PMIx) are kept from it: it would take itself for one of that launcher's ranks.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PMI")} | {"OMP_NUM_THREADS": "1"}
    told: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        told.append(number)
        process.send_signal(number)

    with (
        log.open("wb") as file,
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        before = {number: signal.signal(number, pass_on) for number in PASSED_ON}
        try:
            return Ended(process.wait(), bool(told))
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
