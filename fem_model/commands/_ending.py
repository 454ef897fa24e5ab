"""The end of a command that failed: all ranks end, with one message and one exit code."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fem_model.base.signals import signals
from fem_model.mesh.parallel import meet

if TYPE_CHECKING:
    from mpi4py import MPI

PATIENCE = 1.0
"""Seconds within which ranks that fail alike do so."""
READ = 3.0
"""Seconds within which mpiexec reads a message."""
ON_ITS_WAY = 0.2
"""Seconds for mpiexec to hand it on."""


@dataclass(frozen=True)
class Failure:
    """Reason for which a rank cannot go on: its exit code, and its message."""

    code: int
    message: str


def end(failure: Failure, comm: MPI.Comm | None) -> int:
    """Print the message once and return the exit code; without other ranks on `comm` that is all.

    Ranks that all failed alike leave one by one, as usual. If they did not, those that are left wait in MPI
    for ever: then the first of those that come here prints its message and ends them all with its code.
    """
    signals.ignore()
    if comm is None or comm.size == 1:
        _tell(failure)
        return failure.code
    failures = meet(comm, failure, PATIENCE)
    speaks = comm.rank == min(failures)
    if speaks:
        _tell(failure)
    if len(failures) < comm.size or len(set(failures.values())) > 1:
        _abort(comm, failure.code, speaks)
    return failure.code


def _tell(failure: Failure) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"{failure.message}\n")  # at one go
    sys.stderr.flush()


def _abort(comm: MPI.Comm, code: int, speaks: bool) -> None:
    """End all ranks once the message of the one that speaks has left it; else the others do so later."""
    if speaks:
        _drain()
    else:
        time.sleep(READ + PATIENCE)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # MPI would add lines of its own
    comm.Abort(code or 1)
    time.sleep(READ)  # MPICH ends this process a little later


def _drain() -> None:
    """Wait for mpiexec to take what was written out of the pipe: what is in there at the end is lost."""
    until = time.monotonic() + READ
    with suppress(OSError):  # no pipe
        while _waiting(sys.stderr.fileno()) and time.monotonic() < until:
            time.sleep(0.01)
    time.sleep(ON_ITS_WAY)


def _waiting(descriptor: int) -> int:
    """Bytes that nobody has read yet."""
    answer = fcntl.ioctl(descriptor, termios.FIONREAD, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])
