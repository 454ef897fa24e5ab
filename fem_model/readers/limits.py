"""Limits of a process that reads an imported file, from the size of the file."""

import resource
import signal
from pathlib import Path

from fem_model.base.machine import machine_memory

MEMORY, SECONDS = 200e6, 5.0
"""Bytes and processor time for the smallest file, beside what the process has when it starts to read."""
MEMORY_PER_BYTE, SECONDS_PER_BYTE = 100.0, 3e-6
"""More for each byte of a mesh file: the greediest reader takes 20 times its size, the slowest 0.25 s/MB."""
STATUS = Path("/proc/self/statm")
LIBRARIES = 1e9
"""Addresses, bytes, that are not memory taken: libraries and files mapped."""
PATIENCE = 10.0
"""Wall time over processor time after which a process that waits for something is ended."""


class Allowance:
    """Limits of this process, which grow with the files that it reads. Past them it ends, or has no memory.

    Only the memory of its own counts where the system knows the difference, as Linux does.
    """

    def __init__(self, size: int) -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves nothing behind
        self.machine, self.size, self.memory = machine_memory(), 0, 0.0
        self.addresses, self.data = _taken()
        self.grow(size)

    def grow(self, size: int) -> None:
        """Allow for a file of so many bytes more."""
        self.size += size
        self.set(MEMORY_PER_BYTE * self.size, SECONDS_PER_BYTE * self.size)

    def set(self, memory: float, seconds: float) -> None:
        """Allow for so many bytes of memory and so many seconds beside what the smallest file may take."""
        self.memory, seconds = min(MEMORY + memory, self.machine), SECONDS + seconds
        _limit(resource.RLIMIT_DATA, self.data + self.memory)
        _limit(resource.RLIMIT_AS, self.addresses + self.memory + LIBRARIES)
        _limit(resource.RLIMIT_CPU, seconds)
        signal.alarm(int(PATIENCE * seconds))


def _taken() -> tuple[int, int]:
    """Bytes of addresses and of memory of its own that this process has; 0 where the system does not say."""
    try:
        counts = STATUS.read_text().split()
    except OSError:
        return 0, 0
    return int(counts[0]) * resource.getpagesize(), int(counts[5]) * resource.getpagesize()


def _limit(kind: int, value: float) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
    resource.setrlimit(kind, (bound, hard))
