"""Files that a reader may open: its file and others in its folder that this names, or those of a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from fem_model.base.errors import InputError
from fem_model.readers.files import require_regular
from fem_model.readers.limits import Allowance

OWN = {".py", ".pyc"}
"""Suffixes of the program's own files, which are imported when they are first needed."""


class Gate:
    """Asked by Python and by h5py for every file that this process opens, once it is shut.

    Libraries that open files by themselves are not asked: what they read is checked before.
    """

    def __init__(self, path: Path, scratch: Path, allowance: Allowance) -> None:
        real = path.resolve()
        self.folder, self.scratch = real if real.is_dir() else real.parent, scratch.resolve()
        self.known, self.allowance = {real}, allowance

    def shut(self, path: Path) -> None:
        """Refuse all others from now on; there is no way back. InputError if `path` itself asks for one."""
        sys.addaudithook(self._hear)
        if "h5py" in sys.modules:
            from fem_model.readers.hdf5 import shut

            shut(self, path)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and arguments[1] and not isinstance(arguments[0], int):
            self.admit(Path(os.fsdecode(arguments[0])))  # without a mode it is os.open, of folders as well

    def admit(self, path: Path) -> bool:
        """True if a file is opened for the first time. InputError if it is not to be opened."""
        real = path.resolve()
        if real in self.known or real.suffix in OWN or real.is_relative_to(self.scratch):
            return False
        if not real.is_relative_to(self.folder):
            raise InputError(f"refers to {path}, which is not in its folder; only files there are read")
        try:
            require_regular(real)
        except InputError as error:
            raise InputError(f"refers to another file: {error}") from None
        self.known.add(real)
        self.allowance.grow(real.stat().st_size)
        return True
