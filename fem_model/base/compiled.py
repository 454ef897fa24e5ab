"""The cache of compiled equations, in which every module is whole, whatever became of those who wrote it.

FFCx takes a module for finished by a file beside it. A program killed before it writes that file leaves all
later ones waiting, and a truncated module ends those that load it. Here a module counts if its checksum is
beside it, and only the holder of a lock compiles. The system frees the lock of a process that has died.
"""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import wraps
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from fem_model.base.atomic import write_text

SEAL, LOCK = ".sha256", ".lock"
"""Suffix of the file with the checksum of a module; the file that is locked."""

type Module = tuple[list[Any], Any]
"""The objects of a module that were asked for, and the module."""


class Cache:
    """Looks modules up in the place of FFCx; `load` opens one by its folder, its name and its objects."""

    def __init__(self, load: Callable[[Path, str, Sequence[str]], Module]) -> None:
        self.load = load
        self._lock = ExitStack()
        self._new: Path | None = None
        """The module that is being compiled."""

    def look_up(
        self, name: str, objects: Sequence[str], folder: Path, _: float
    ) -> Module | tuple[None, None]:
        """A module of the cache; None twice if it is for the caller to compile it."""
        module = folder / f"{name}{EXTENSION_SUFFIXES[0]}"
        if not is_sound(module):
            self._lock.enter_context(_locked(folder))
            if not is_sound(module):  # nobody else has made it meanwhile
                for left in folder.glob(f"{name}.*"):
                    left.unlink()
                self._new = module
                return None, None
        return self.load(folder, name, objects)

    def sealing[**Words, Result](self, work: Callable[Words, Result]) -> Callable[Words, Result]:
        """The same `work`, which looks one module up and compiles it; afterwards its checksum is there."""

        @wraps(work)
        def sealed(*words: Words.args, **options: Words.kwargs) -> Result:
            self._new = None
            with self._lock:
                result = work(*words, **options)
                if self._new:
                    write_text(_seal(self._new), _checksum(self._new))
                return result

        return sealed


def is_sound(module: Path) -> bool:
    """True if a module is there as it was compiled."""
    try:
        return _seal(module).read_text() == _checksum(module)
    except (OSError, ValueError):
        return False


def _seal(module: Path) -> Path:
    return module.with_name(module.name + SEAL)


def _checksum(module: Path) -> str:
    return sha256(module.read_bytes()).hexdigest()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait for the lock of the cache, which a file system without locks grants to all."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
