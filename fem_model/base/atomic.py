"""Files that are never seen half written: write aside, flush to disk, rename. And the folders they go to.

No link is followed out of a folder of results: a file there is made anew or renamed into place, so that
what a link points to is left alone.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fem_model.base.errors import InputError, OutputError


def make_folder(folder: Path) -> None:
    """Make a folder for results, if it is not there yet. InputError if it cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: the folder cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{folder}: the folder cannot be written to")


def make_own_folder(folder: Path) -> None:
    """Make a folder within one of results. InputError as `make_folder`, or if it is a link."""
    require_no_link(folder)
    make_folder(folder)


def require_no_link(folder: Path) -> None:
    """InputError if a folder within one of results is a link: files elsewhere would be replaced."""
    if folder.is_symlink():
        raise InputError(f"{folder}: is a link to another folder; remove it")


def make_folder_of(file: Path, suffix: str, *others: str) -> None:
    """Make the folder that a file is to be written to. InputError as `make_folder`, or for another suffix."""
    if file.suffix not in (suffix, *others) or file.is_dir():
        more = f" (or {', '.join(others)})" if others else ""
        raise InputError(f"{file}: must be the name of a {suffix} file{more}")
    make_folder(file.parent)


def cleared(path: Path) -> Path:
    """The path of a file to be made, after the file or link that had it was taken away.

    InputError if a folder has this name, or the folder cannot be written to.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: is in the way and cannot be removed: {error.strerror}") from None
    return path


def take_away(path: Path) -> None:
    """Remove a file, a link, or a folder with all that is in it, if there is one; links are not followed.

    InputError if it cannot be removed.
    """
    if path.is_symlink() or not path.is_dir():
        cleared(path)
        return
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise InputError(f"{path}: is in the way and cannot be removed: {error.strerror}") from None


def make_own(path: Path) -> None:
    """Put a copy in place of a link, symbolic or hard: what is appended then stays in this folder.

    InputError if there is something, but not a regular file.
    """
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise InputError(f"{path}: is not a regular file; remove it")
    if path.is_symlink() or path.stat().st_nlink > 1:
        aside = _aside(path)
        with path.open("rb") as source, aside.open("xb") as copy:
            shutil.copyfileobj(source, copy)
        os.replace(aside, path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """OutputError, with the name of the file at `path`, for what the system refuses within this."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # RuntimeError: HDF5's
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{path}: cannot be written: {' '.join(reason.split())}") from error


OVERHEAD = 1 << 16
"""Bytes by which a file grows beside the values that are put into it, at most."""


def require_space(path: Path, size: int) -> None:
    """OutputError if `path` cannot grow by so many bytes of values: a full disk would crash some writers."""
    aside = _aside(path)
    with writing(path):
        try:
            with aside.open("xb") as file:
                os.posix_fallocate(file.fileno(), 0, size + OVERHEAD)
        finally:
            aside.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` as a whole. OutputError, with the old file still there, if that cannot be."""
    aside = _aside(path)
    with writing(path):
        try:
            with aside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, path)
        except OSError:
            with suppress(OSError):
                aside.unlink()
            raise


def _aside(path: Path) -> Path:
    """Path at which the file is written before it is renamed; leftovers of a killed run are removed."""
    return cleared(path.with_name(f".{path.name}.part"))


def write_text(path: Path, text: str) -> None:
    """Replace `path` as a whole, UTF-8."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> None:
    """Replace `path` as a whole with indented JSON."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
