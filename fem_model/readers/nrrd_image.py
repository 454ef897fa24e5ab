"""NRRD files with their data attached: the header by pynrrd, the voxels block by block, and no more."""

from __future__ import annotations

import bz2
import gzip
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from fem_model.base.errors import InputError
from fem_model.readers.image_header import Array, Header, require_bytes

TYPES: Mapping[str, str] = {
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
ENCODINGS: Mapping[str, str] = {
    "raw": "raw",
    **dict.fromkeys(["gzip", "gz"], "gzip"),
    **dict.fromkeys(["bzip2", "bz2"], "bzip2"),
    **dict.fromkeys(["text", "txt", "ascii"], "text"),
}
STREAMS: Mapping[str, Callable[[BinaryIO], Any]] = {
    "raw": lambda file: file,
    "gzip": lambda file: gzip.GzipFile(fileobj=file),
    "bzip2": bz2.BZ2File,
}
"""The bytes of voxels, by encoding."""
KINDS: Mapping[str, str] = {
    **dict.fromkeys(["domain", "space", "none", "???"], "Q"),
    "time": "T",
    "list": "C",
}
"""Letters of axes by the kind that the header gives; all others are colours or vectors."""
LINES, LINE = 1000, 10_000
"""Lines of a header, and characters of a line, at most."""
BLOCK = 1_000_000
"""Bytes that are read together."""
SQUARE = 1e-6
"""Largest cosine of the angle between axes at right angles."""


def nrrd_header(path: Path) -> Header:
    """The shape, type, axes and size of a voxel, with the first axis of the file last."""
    from nrrd import read_header

    with path.open("rb") as file:
        fields: Mapping[str, Any] = read_header(_lines(file))
        place = file.tell()
    if "data file" in fields or "datafile" in fields:
        raise InputError("keeps its data in another file; attach them, as Slicer does when it saves .nrrd")
    if any(fields.get(key, 0) for key in ("line skip", "lineskip", "byte skip", "byteskip")):
        raise InputError("has something between header and data (line skip, byte skip); remove it")
    kind, encoding = fields["type"].lower(), fields["encoding"].lower()
    if kind not in TYPES or encoding not in ENCODINGS:
        raise InputError(
            f"holds {kind}, encoded as {encoding}; whole numbers, raw, gzip, bzip2 or text are read"
        )
    sizes = [int(size) for size in fields["sizes"]]
    if len(sizes) != fields["dimension"]:
        raise InputError(f"has {len(sizes)} sizes in {fields['dimension']} dimensions")
    axes = "".join(KINDS.get(kind, "S") for kind in _of_each(fields, "kinds", ["none"] * len(sizes)))
    voxel, turned = _voxel(fields, len(sizes))
    dtype = np.dtype(TYPES[kind])
    if dtype.itemsize > 1 and ENCODINGS[encoding] != "text":
        if "endian" not in fields:
            raise InputError("does not say the byte order (endian: little or big): add it to the header")
        dtype = dtype.newbyteorder(">" if fields["endian"].lower() == "big" else "<")
    return Header(tuple(sizes[::-1]), dtype, axes[::-1], voxel[::-1], turned, place, ENCODINGS[encoding])


def _lines(file: BinaryIO) -> list[str]:
    """The header, up to the empty line that ends it. Beyond ASCII there may be a µ, in UTF-8 or Latin-1."""
    lines = [file.readline(LINE)]
    if not lines[0].startswith(b"NRRD"):
        raise InputError("is not a NRRD file")
    while lines[-1].strip(b"\r\n"):
        lines.append(file.readline(LINE))
        if len(lines) > LINES:
            raise InputError("has no end of its header")
    header = b"".join(lines)
    try:
        return header.decode().split("\n")
    except UnicodeDecodeError:
        return header.decode("latin-1").split("\n")


def _of_each(fields: Mapping[str, Any], key: str, default: Sequence[Any]) -> Sequence[Any]:
    """The values of a field that has one for each axis. InputError if it has more or fewer."""
    values: Sequence[Any] = fields.get(key, default)
    if len(values) != len(default):
        raise InputError(f"has {len(values)} {key} for {len(default)} axes")
    return values


def _voxel(fields: Mapping[str, Any], dim: int) -> tuple[tuple[str, ...], bool]:
    """Size of a voxel along each axis, in the order of the file, and whether the axes are turned in space.

    Sizes that are all 1 without a unit say nothing. InputError if the axes are not at right angles.
    """
    nothing = [math.nan] * dim
    lengths: Any = _of_each(fields, "spacings", nothing)
    units = list(_of_each(fields, "units", [""] * dim))
    turned = False
    if "space directions" in fields:
        directions = np.asarray(_of_each(fields, "space directions", nothing))
        lengths = np.linalg.norm(directions, axis=1)
        inside = directions[np.isfinite(lengths)]
        _require_right_angles(inside)
        turned = bool(np.any(np.diagonal(inside) < (1.0 - SQUARE) * np.linalg.norm(inside, axis=1)))
        if in_space := fields.get("space units"):
            units = [in_space[np.abs(direction).argmax()] for direction in directions]
    if not any(units) and np.all((lengths == np.ones(dim)) | np.isnan(lengths)):
        return ("",) * dim, turned
    sizes = zip(lengths, units, strict=True)
    return tuple(f"{float(size)!r} {unit}".strip() if size > 0 else "" for size, unit in sizes), turned


def _require_right_angles(directions: Array) -> None:
    for one, other in combinations(directions, 2):
        if abs(one @ other) > SQUARE * np.linalg.norm(one) * np.linalg.norm(other):
            raise InputError(
                "has axes that are not at right angles (space directions); resample it, say in Slicer"
            )


def nrrd_voxels(path: Path, header: Header) -> Array:
    """The voxels behind the header; exactly as many as it says."""
    with path.open("rb") as file:
        file.seek(header.place)
        if header.encoding == "text":
            return _numbers(file, header)
        voxels = np.empty(header.shape, header.dtype)
        source = STREAMS[header.encoding](file)
        rest = memoryview(voxels.reshape(-1).view(np.uint8))
        while len(rest) and (count := source.readinto(rest[:BLOCK])):
            rest = rest[count:]
        require_bytes(header.size - len(rest) + len(source.read(1)), header)
    return voxels


def _numbers(file: BinaryIO, header: Header) -> Array:
    """Voxels written as text, block by block."""
    voxels = np.empty(math.prod(header.shape), header.dtype)
    done, torn = 0, b""
    while block := file.read(BLOCK):
        *words, torn = (torn + block + b"|").split()
        torn = torn[:-1]
        if len(torn) > LINE:
            raise InputError(f"cannot be read: a number of more than {LINE} characters")
        done += _fill(voxels, done, words, header)
    done += _fill(voxels, done, torn.split(), header)
    if done < voxels.size:
        raise InputError(f"cannot be read: of {voxels.size} voxels in its header {done} are there")
    return voxels.reshape(header.shape)


def _fill(voxels: Array, done: int, words: list[bytes], header: Header) -> int:
    """Put numbers where others end; how many."""
    if done + len(words) > voxels.size:
        raise InputError(f"cannot be read: of {voxels.size} voxels in its header more are there")
    voxels[done : done + len(words)] = np.array(words, dtype=header.dtype)
    return len(words)
