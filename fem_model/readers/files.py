"""Checks common to all imported files: found by name, regular files only, told apart by content."""

import json
import os
import stat
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def require_regular(path: Path) -> None:
    """InputError unless this is a file that can be read; a folder, a pipe or a device is none."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"there is no file {path} ({reason})") from None
    if kind := _KINDS.get(stat.S_IFMT(found.st_mode)):
        raise InputError(f"{path} is {kind}, not a file")
    if not os.access(path, os.R_OK):
        raise InputError(f"{path} cannot be read: you have no permission to")


def require_inside(path: Path, folder: Path) -> None:
    """InputError unless this is a regular file in `folder` or below, to which no link leads out of it."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{path} leads out of {folder}; only files in that folder are read")
    require_regular(path)


def text_of(path: Path) -> str:
    """The text of a file in the folder of a run. InputError unless it is there, regular, and UTF-8."""
    require_inside(path, path.parent)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def table_of(path: Path) -> dict[str, Any]:
    """The table in a JSON file in the folder of a run. InputError as `text_of`, or if there is none."""
    try:
        return dict(json.loads(text_of(path)))
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def require_file(path: Path, suffixes: Iterable[str]) -> None:
    """InputError unless there is such a file that is not empty; it names the nearest one of the suffixes."""
    if not os.path.exists(path):
        there = [name for name in _listed(path.parent) if Path(name).suffix.lower() in suffixes]
        raise InputError(f"there is no file {path}.{nearest(path.name, there)}")
    if path.suffix.lower() not in suffixes:
        allowed = ", ".join(suffixes)
        raise InputError(f'{path}: "{path.suffix}" is not a supported format. Allowed: {allowed}')
    require_regular(path)
    if not path.stat().st_size:
        raise InputError(f"{path} cannot be read: it is empty")


def _listed(folder: Path) -> list[str]:
    """Names in a folder; none if it cannot be listed."""
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError):
        return []


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
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
