"""Imported files are read in a child process: they may crash it, hold it up, or ask it for too much memory.

No library of theirs is imported here, so no rank of a parallel run is at risk.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.errors import FemModelError, InputError, OutputError
from fem_model.base.scratch import ADVICE, scratch
from fem_model.base.surroundings import python_module
from fem_model.readers.reading import REFUSED, Request

PASSED_ON = {"PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR"}
PASSED_ON |= {"PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"}
"""Variables of the environment that the child has as well: none of a launcher, a solver or a library."""
SETTINGS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"}
"""One thread, and no plug-ins of HDF5."""


def read(reader: str, path: Path, *options: str | int | None) -> dict[str, npt.NDArray[Any]]:
    """The arrays that a reader finds in a file.

    Errors: InputError if it refuses the file, crashes, or takes more time or memory than the size of the file
    asks for; OutputError if the temporary folder has no room; FemModelError if the library that it needs is
    not there.
    """
    with scratch() as folder:
        request = Request(reader, str(path.absolute()), str(folder), options)
        return outcome(path, _SERVER.ask(request), request.result)


def outcome(path: Path, code: int, result: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a child that ended with a code, negative for a signal; its error, if it left one."""
    if code == 1:
        raise OutputError(f"{path}: there is no room for its contents in {result.parent}. {ADVICE}")
    if code:
        raise InputError(f"{path} cannot be read: {_how(code)}")
    with np.load(result, allow_pickle=False) as file:
        arrays = dict(file)
    if REFUSED in arrays:
        exit_code, text = arrays[REFUSED].tolist()
        kinds = InputError, OutputError, FemModelError
        kind = next(kind for kind in kinds if str(kind.exit_code) == exit_code)
        raise kind(f"{path} {text}" if kind is InputError else text)
    return arrays


def _how(code: int) -> str:
    if code in (-signal.SIGXCPU, -signal.SIGALRM):
        return "it takes longer than a file of its size should"
    if code == -signal.SIGKILL:
        return "its reader was killed, as happens when memory runs out"
    return f"it makes its reader crash ({signal.Signals(-code).name}), so it is damaged"


class _Server:
    """The child that reads, started when it is first needed; each process has one of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._owner = 0
        atexit.register(self.stop)

    def ask(self, request: Request) -> int:
        """Exit code of the process that read the file."""
        text = json.dumps(asdict(request)).encode() + b"\n"
        with self._lock:
            for _ in range(2):  # it may have ended of itself, for want of requests
                try:
                    return int(self._exchange(text))
                except (OSError, ValueError):
                    self.stop()
                except BaseException:  # the user does not want to wait
                    self.stop()
                    raise
        command = " ".join(python_module(__package__))
        raise FemModelError(f"the process that reads files cannot be started; {command} says why")

    def _exchange(self, text: bytes) -> bytes:
        """The answer, empty if there is none. That the line is broken sends no signal, which might end us."""
        if self._line is None or self._owner != os.getpid():
            self._process, self._line = _started()
            self._owner = os.getpid()
        self._line.sendall(text, getattr(socket, "MSG_NOSIGNAL", 0))
        return self._line.recv(100)

    def stop(self) -> None:
        """End the child, and what it has begun."""
        process, line, self._process, self._line = self._process, self._line, None, None
        if process and line and self._owner == os.getpid():
            line.close()
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _started() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """The child, in a session of its own, so that it ends with all that it forks; and a line to it."""
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    there = os.pathsep.join(os.path.abspath(folder) for folder in folders if folder)
    passed_on = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            python_module(__package__),
            env=passed_on | SETTINGS | {"PYTHONPATH": there},
            cwd="/",
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return process, ours


_SERVER = _Server()
