"""Content of fields.h5, read without a lock, so that a running solver is not disturbed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError

STATIC = ("material", "grain")
"""The fields of a mesh, which are the same at all of its outputs."""


def read_dataset(path: Path, dataset: str) -> Floats:
    """One dataset. InputError if it is not there, or holds values that are not finite."""
    with _opened(path) as file:
        if dataset not in file:
            raise InputError(f"{path}: does not hold {dataset}")
        values = np.asarray(file[dataset])
    if not np.isfinite(values).all():
        raise InputError(f"{path}: holds values of {dataset} that are not finite")
    return values


def fields_at(path: Path, number: int) -> list[str]:
    """The names of the fields that have an output of this number."""
    with _opened(path) as file:
        stored = file["Function"].items()
        return [name for name, outputs in stored if name not in STATIC and str(number) in outputs]


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    try:
        with h5py.File(path, "r", locking=False) as file:
            yield file
    except OSError as error:
        raise InputError(f"{path}: cannot be read; try again if it is being written: {error}") from None
