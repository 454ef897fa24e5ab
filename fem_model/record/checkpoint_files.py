"""Checkpoints on disk: folders written aside and renamed, several kept, so that a kill leaves one intact.

Each holds a part for every rank that wrote it, and an index with the checksums of all parts and its own.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fem_model.base.atomic import require_no_link, take_away, write_bytes, writing
from fem_model.base.errors import InputError
from fem_model.base.seal import sealed, unsealed
from fem_model.readers.files import require_inside

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Arrays = Mapping[str, npt.NDArray[Any]]
ASIDE, OLD, INDEX = ".step.part", ".old", "index.json"
"""A checkpoint that is being written; the suffix of one that is being replaced; what lists the parts."""

ANEW = "To start anew: --force, which replaces the results, or --out DIR for another folder"


@dataclass(frozen=True)
class Saved:
    """A checkpoint: its folder, what its index holds, and the checksums of its parts."""

    folder: Path
    contents: Mapping[str, Any]
    digests: tuple[str, ...]
    newer: tuple[str, ...] = ()
    """Sentences that say why newer ones are left out."""

    def parts(self) -> Iterator[Arrays]:
        """The arrays of each part, one after the other. InputError if one is not as it was written."""
        for number, digest in enumerate(self.digests):
            yield _read_part(_part(self.folder, number), digest)


def begin(folder: Path) -> Path:
    """The path, absolute, of a new folder in `folder` for the parts of a checkpoint.

    OutputError if it cannot be made, or the folder of the run is gone.
    """
    require_no_link(folder)
    aside = folder.absolute() / ASIDE
    with writing(aside):
        folder.mkdir(exist_ok=True)
        take_away(aside)
        aside.mkdir()
    return aside


def write_part(aside: Path, number: int, arrays: Arrays) -> str:
    """Write the part of this number, and return its checksum."""
    data = io.BytesIO()
    np.savez(data, **arrays)  # type: ignore[arg-type]
    write_bytes(_part(aside, number), data.getvalue())
    return sha256(data.getbuffer()).hexdigest()


def finish(aside: Path, contents: Mapping[str, Any], digests: Sequence[str], step: int, kept: int) -> None:
    """Add the index, make the checkpoint that of a step, and drop all but the last `kept`."""
    index = json.dumps({"contents": dict(contents), "parts": list(digests)})
    write_bytes(aside / INDEX, sealed(index.encode()))
    target = aside.with_name(f"step-{step:08d}")
    with writing(target):
        if target.exists():
            take_away(target.with_suffix(OLD))
            os.replace(target, target.with_suffix(OLD))
        os.replace(aside, target)
    for old in _oldest_first(aside.parent)[:-kept]:
        take_away(old)


def newest(folder: Path) -> Saved | None:
    """The newest checkpoint that is as it was written; None where there is none.

    InputError if not one of several is, or if another version of the program left them.
    """
    if any(folder.glob("step-*.npz")):
        raise InputError(f"{folder}: holds checkpoints of another version of the program; start with --force")
    found, faults = _oldest_first(folder), list[str]()
    for path in reversed(found):
        try:
            saved = _opened(path)
            for part in saved.parts():
                if name := not_finite(part):
                    raise InputError(f"{path}: {name} has values that are not finite numbers")
            return replace(saved, newer=tuple(faults))
        except InputError as error:
            faults.append(str(error))
    if found:
        raise InputError(
            f"{folder}: not one of {len(found)} checkpoints can be used ({faults[0]}). "
            f"The results so far are as they were. {ANEW}"
        )
    return None


def not_finite(arrays: Arrays) -> str | None:
    """The name of an array with anything but finite numbers, if there is one."""
    bad = (
        n for n, values in arrays.items() if values.dtype.kind not in "iuf" or not np.isfinite(values).all()
    )
    return next(bad, None)


def made[Kind: DataclassInstance](kind: type[Kind], found: Mapping[str, Any]) -> Kind:
    """An object from all its fields; KeyError if one is not there, TypeError if there are others."""
    for field in fields(kind):
        found[field.name]
    return kind(**found)


@contextmanager
def understood(saved: Saved) -> Iterator[None]:
    """InputError for contents of a checkpoint that are whole, but not as this program writes them."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{saved.folder}: is not as this version of the program writes it "
            f"({type(error).__name__}: {error}). {ANEW}"
        ) from None


def drop_all(folder: Path) -> None:
    """Take all checkpoints of a run away, of whatever version."""
    for path in (*folder.glob("step-*"), folder / ASIDE):
        take_away(path)


def _oldest_first(folder: Path) -> list[Path]:
    """The checkpoints; one that was being replaced stands before the one in its place."""
    return sorted(folder.glob("step-*"), key=lambda path: (path.stem, not path.suffix))


def _opened(path: Path) -> Saved:
    """A checkpoint by its index. InputError if that was damaged, or made by something else."""
    index = path / INDEX
    require_inside(index, path.parent)
    data = unsealed(index.read_bytes())
    if data is None:
        raise InputError(f"{index} is damaged, or of another version of the program")
    try:
        found = json.loads(data)
        return Saved(path.absolute(), dict(found["contents"]), tuple(map(str, found["parts"])))
    except Exception as error:  # whatever a file leads to that only looks like one of these
        raise InputError(f"{index} cannot be read: {error}") from None


def _part(folder: Path, number: int) -> Path:
    return folder / f"part-{number:05d}.npz"


def _read_part(path: Path, digest: str) -> Arrays:
    """Arrays of a part with this checksum. InputError if it was damaged, or made by something else."""
    require_inside(path, path.parents[1])
    data = path.read_bytes()
    if sha256(data).hexdigest() != digest:
        raise InputError(f"{path} is damaged, or of another checkpoint")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            if any(member.compress_type for member in file.zip.infolist()):
                raise ValueError("it is compressed")
            return dict(file)
    except Exception as error:  # whatever a file leads to that only looks like one of these
        raise InputError(f"{path} cannot be read: {error}") from None
