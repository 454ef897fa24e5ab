"""What all files of others share: found by name, told apart by content."""

from collections.abc import Iterable
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fem_model.errors import InputError


def require_file(path: Path, suffixes: Iterable[str]) -> None:
    """InputError unless there is such a file; it names the nearest one with one of the suffixes."""
    if path.is_dir():
        raise InputError(f"{path} is a folder, not a file")
    if not path.is_file():
        there = [p.name for p in path.parent.glob("*") if p.suffix.lower() in suffixes]
        near = get_close_matches(path.name, there, n=1, cutoff=0.5)
        raise InputError(f"there is no file {path}.{f' Did you mean {near[0]}?' if near else ''}")
    if path.suffix.lower() not in suffixes:
        allowed = ", ".join(suffixes)
        raise InputError(f'{path}: "{path.suffix}" is not a format that is read. Allowed: {allowed}')


def require_digest(path: Path, found: str, wanted: str) -> None:
    """InputError unless a file holds what it held when the case was made."""
    if found != wanted:
        advice = "leave out [microstructure.contents] to take it as it is"
        raise InputError(f"{path} has changed since the case was resolved: {advice}")


def digest(arrays: Iterable[npt.NDArray[np.generic]]) -> str:
    """Checksum of the shapes and values of arrays, whatever file they came from."""
    total = sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()
