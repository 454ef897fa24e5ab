"""Files that are never seen half written: write aside, flush to disk, rename. And the folders they go to."""

import json
import os
from pathlib import Path

from fem_model.errors import InputError


def make_folder(folder: Path) -> None:
    """Make a folder for results, if it is not there yet. InputError if it cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: the folder cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{folder}: the folder cannot be written to")


def make_folder_of(file: Path, suffix: str, *others: str) -> None:
    """Make the folder that a file is to be written to. InputError as `make_folder`, or for another suffix."""
    if file.suffix not in (suffix, *others) or file.is_dir():
        more = f" (or {', '.join(others)})" if others else ""
        raise InputError(f"{file}: must be the name of a {suffix} file{more}")
    make_folder(file.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` as a whole."""
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def write_text(path: Path, text: str) -> None:
    """Replace `path` as a whole, UTF-8."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> None:
    """Replace `path` as a whole with indented JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
