"""Formats of images: a reader of the header of a file, and of the voxels behind it.

No format is trusted: a reader gets the memory that the header asks for, and no more.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from fem_model.base.errors import InputError
from fem_model.readers.files import require_file
from fem_model.readers.image_header import Array, Format, Header, require_bytes
from fem_model.readers.nrrd_image import nrrd_header, nrrd_voxels
from fem_model.readers.slices import PAGES, folder_header, folder_voxels

_NPY_VERSIONS: Mapping[tuple[int, int], Callable[[BinaryIO], tuple[tuple[int, ...], bool, np.dtype[Any]]]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def _npy_header(path: Path) -> Header:
    with path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        if version not in _NPY_VERSIONS:
            raise InputError(f"cannot be read: it is of version {version}")
        shape, columns_first, dtype = _NPY_VERSIONS[version](file)
        place = file.tell()
    if dtype.hasobject:
        raise InputError("cannot be read: it holds objects of Python, not numbers")
    order = "columns first" if columns_first else "raw"
    return Header(shape, dtype, "Q" * len(shape), place=place, encoding=order)


def _npy_voxels(path: Path, header: Header) -> Array:
    require_bytes(path.stat().st_size - header.place, header)
    voxels = np.fromfile(path, header.dtype, offset=header.place)
    return voxels.reshape(header.shape, order="F" if header.encoding == "columns first" else "C")


FORMATS: Mapping[str, Format] = {
    **PAGES,
    ".npy": Format(_npy_header, _npy_voxels),
    ".nrrd": Format(nrrd_header, nrrd_voxels),
}
"""Formats by the suffix of a file."""
FOLDER = Format(folder_header, folder_voxels)


def require_image(path: Path) -> None:
    """InputError unless there is such a file of one of the formats, or such a folder."""
    if not _is_folder(path):
        require_file(path, FORMATS)


def format_of(path: Path) -> Format:
    """The format of a file, or that of a folder of slices."""
    return FOLDER if _is_folder(path) else FORMATS[path.suffix.lower()]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path) and path.suffix.lower() not in FORMATS
