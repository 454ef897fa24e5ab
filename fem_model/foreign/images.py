"""Labelled images: TIFF, NumPy and NRRD files."""

from __future__ import annotations

import gzip
import math
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.errors import InputError
from fem_model.foreign.files import digest, require_file
from fem_model.machine import machine_memory

BYTES_PER_VOXEL = 30
"""Peak while the labels are read and counted, and while the image is smoothed, about."""

Labels = npt.NDArray[np.integer[Any]]
Array = npt.NDArray[Any]


def read_labels(path: Path) -> Labels:
    """The whole-numbered labels of an image, one for each voxel: 2D, or 3D with the pages of a stack first.

    In NRRD files, whose first axis varies fastest, the order of the axes is turned round, as if NumPy had
    read them. Axes of one voxel are left out.
    Errors: InputError if there is no such file, if it cannot be read, does not hold labels in 2D or 3D, or
    is too large for this machine, which is known before the voxels are read.
    """
    require_file(path, READERS)
    try:
        with warnings.catch_warnings(action="ignore"):  # of damaged files, before the error
            found = np.squeeze(READERS[path.suffix.lower()](path))
    except InputError:
        raise
    except Exception as error:  # whatever the readers of damaged files raise
        raise InputError(f"{path} cannot be read: {error or type(error).__name__}") from None
    if found.ndim not in (2, 3):
        raise InputError(f"{path} has {found.ndim} axes of more than one voxel; images have 2 or 3")
    if found.dtype.kind not in "buif":
        raise InputError(f"{path} holds values of the type {found.dtype}; labels are whole numbers")
    if found.dtype.kind in "ui":
        return found
    with np.errstate(invalid="ignore"):  # what is not finite is not equal either
        labels = found.astype(np.int64)
    if not np.array_equal(found, labels):
        raise InputError(f"{path} holds numbers that are not whole; labels are, one for each voxel")
    return labels


def survey(labels: Labels) -> dict[str, Any]:
    """What is in an image: its `shape`; the number of `voxels` by label; of `sides` between voxels of
    different labels, across each axis; and a checksum, `sha256`."""
    values, counts = np.unique(labels, return_counts=True)
    sides = [int(np.count_nonzero(np.diff(labels, axis=axis))) for axis in range(labels.ndim)]
    return {
        "shape": labels.shape,
        "voxels": {str(value): int(count) for value, count in zip(values.tolist(), counts, strict=True)},
        "sides": sides,
        "sha256": digest([labels]),
    }


def _require_room(path: Path, shape: tuple[int, ...]) -> None:
    """InputError if an image of this shape needs more memory than there is."""
    voxels, there = math.prod(shape), machine_memory()
    if BYTES_PER_VOXEL * voxels > there:
        raise InputError(
            f"{path} holds {voxels:.3g} voxels, which need {BYTES_PER_VOXEL * voxels / 1e9:.3g} GB; this "
            f"machine has {there / 1e9:.3g} GB. A part of the image, or larger voxels, are needed"
        )


def _read_tiff(path: Path) -> Array:
    from PIL import Image, ImageSequence

    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(path, formats=["TIFF"]) as image:
            _require_room(path, (getattr(image, "n_frames", 1), *image.size))
            pages = [np.array(page) for page in ImageSequence.Iterator(image)]
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    if any(page.ndim != 2 for page in pages):
        raise InputError(f"{path} is in colour; a labelled image has one number for each voxel")
    if len({page.shape for page in pages}) > 1:
        raise InputError(f"{path} has pages of different sizes")
    return np.stack(pages)


def _read_npy(path: Path) -> Array:
    with path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        header = "read_array_header_1_0" if version == (1, 0) else "read_array_header_2_0"
        _require_room(path, getattr(np.lib.format, header)(file)[0])
    array: Array = np.load(path, allow_pickle=False)
    return array


_NRRD_TYPES: Mapping[str, str] = {
    name: code
    for code, names in {
        "i1": "signed char|int8|int8_t",
        "u1": "uchar|unsigned char|uint8|uint8_t",
        "i2": "short|short int|signed short|signed short int|int16|int16_t",
        "u2": "ushort|unsigned short|unsigned short int|uint16|uint16_t",
        "i4": "int|signed int|int32|int32_t",
        "u4": "uint|unsigned int|uint32|uint32_t",
        "i8": "longlong|long long|long long int|signed long long|signed long long int|int64|int64_t",
        "u8": "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t",
        "f4": "float",
        "f8": "double",
    }.items()
    for name in names.split("|")
}


def _read_nrrd(path: Path) -> Array:
    """A NRRD file with its data attached, raw, compressed by gzip, or as text."""
    header, data = re.split(rb"\r?\n\r?\n", path.read_bytes(), maxsplit=1)
    first, *lines = header.decode("ascii", errors="replace").splitlines()
    if not first.startswith("NRRD"):
        raise InputError(f"{path} is not a NRRD file")
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))
    fields = {key.strip().lower(): value.strip() for key, value in pairs}
    if "data file" in fields or "datafile" in fields:
        raise InputError(f"{path} keeps its data in another file; attach them")
    if any(fields.get(f"{what} skip", "0") != "0" for what in ("line", "byte")):
        raise InputError(f"{path} has something between header and data (line skip, byte skip); take it out")
    kind, encoding = fields["type"].lower(), fields["encoding"].lower()
    if kind not in _NRRD_TYPES or encoding not in ("raw", "gzip", "gz", "text", "txt", "ascii"):
        raise InputError(
            f"{path} holds {kind}, encoded as {encoding}; whole numbers, raw, gzip or text are read"
        )
    shape = tuple(int(size) for size in fields["sizes"].split())[::-1]
    _require_room(path, shape)
    if encoding in ("text", "txt", "ascii"):
        return np.array(data.split(), dtype=_NRRD_TYPES[kind]).reshape(shape)
    order = ">" if fields.get("endian", "little").lower() == "big" else "<"
    raw = gzip.decompress(data) if encoding.startswith("gz") else data
    return np.frombuffer(raw, dtype=order + _NRRD_TYPES[kind]).reshape(shape)


READERS: Mapping[str, Callable[[Path], Array]] = {
    ".tif": _read_tiff,
    ".tiff": _read_tiff,
    ".npy": _read_npy,
    ".nrrd": _read_nrrd,
}
