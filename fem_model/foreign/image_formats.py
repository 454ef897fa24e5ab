"""Formats of images: what the header of a file says, and the voxels behind it.

No format is trusted: a reader gets the memory that the header asks for, and no more.
"""

from __future__ import annotations

import gzip
import math
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from fem_model.errors import InputError

Array = npt.NDArray[Any]


class Header(NamedTuple):
    """Voxels along each axis, as NumPy counts them, and the type of their values."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    place: int = 0
    """Where in the file the voxels begin, and how they are encoded, if the format needs to know."""
    encoding: str = "raw"

    @property
    def size(self) -> int:
        """Bytes of all voxels."""
        return math.prod(self.shape) * self.dtype.itemsize


class Format(NamedTuple):
    """How to read a header, and with that the voxels."""

    header: Callable[[Path], Header]
    voxels: Callable[[Path, Header], Array]


_TIFF_TYPES: Mapping[str, str] = {
    **dict.fromkeys(["1", "L", "P"], "u1"),
    **dict.fromkeys(["I;16", "I;16L", "I;16B", "I;16N"], "u2"),
    "I": "i4",
    "F": "f4",
}
"""By Pillow's names for the kinds of its pages."""
_STRIPS, _TILES = (273, 279), (324, 325)
"""Tags of a page with the places and the lengths of its parts."""
BAND = 1_000_000
"""Voxels of a page that are copied together."""


def _tiff_header(path: Path) -> Header:
    with warnings.catch_warnings(), _tiff(path) as image:
        warnings.filterwarnings("error", ".*(Corrupt|corrupt|Truncated)")  # pages that Pillow would leave out
        kinds = set()
        number = image.n_frames
        for page in range(number):
            image.seek(page)
            kinds.add((image.size, image.mode))
            _require_parts(image.tag_v2, path.stat().st_size)
    if len({size for size, _ in kinds}) > 1:
        raise InputError("has pages of different sizes")
    [(size, mode), *others] = kinds
    if others or mode not in _TIFF_TYPES:
        raise InputError("is in colour; a labelled image has one number for each voxel")
    return Header((number, *size[::-1]), np.dtype(_TIFF_TYPES[mode]))


def _require_parts(tags: Mapping[int, Any], size: int) -> None:
    """InputError unless all strips or tiles of a page are in the file, of this size."""
    for starts, lengths in (_STRIPS, _TILES):
        ends = (sum(part) for part in zip(tags.get(starts, ()), tags.get(lengths, ()), strict=True))
        if any(end > size for end in ends):
            raise InputError("cannot be read: a part of a page is missing")


def _tiff_voxels(path: Path, header: Header) -> Array:
    """The pages, band by band: Pillow copies what it hands over twice."""
    voxels = np.empty(header.shape, header.dtype)
    _, height, width = header.shape
    rows = max(1, BAND // width)
    with _tiff(path) as image:
        for number, page in enumerate(voxels):
            image.seek(number)
            for top in range(0, height, rows):
                bottom = min(top + rows, height)
                page[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return voxels


def _tiff(path: Path) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # their number is bounded by the memory that they need
    return Image.open(path, formats=["TIFF"])


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
    return Header(shape, dtype, place, "columns first" if columns_first else "raw")


def _npy_voxels(path: Path, header: Header) -> Array:
    _require_bytes(path.stat().st_size - header.place, header)
    voxels = np.fromfile(path, header.dtype, offset=header.place)
    return voxels.reshape(header.shape, order="F" if header.encoding == "columns first" else "C")


def _require_bytes(found: int, header: Header) -> None:
    """InputError unless there are as many bytes of voxels as the header says."""
    if found != header.size:
        there = "more" if found > header.size else f"{found}"
        raise InputError(f"cannot be read: of {header.size} bytes of voxels in its header {there} are there")


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
_NRRD_ENCODINGS: Mapping[str, str] = {
    "raw": "raw",
    **dict.fromkeys(["gzip", "gz"], "gzip"),
    **dict.fromkeys(["text", "txt", "ascii"], "text"),
}
LINES, LINE = 1000, 10_000
"""Lines of a NRRD header, and characters of a line, at most."""
BLOCK = 1_000_000
"""Bytes that are read together."""


def _nrrd_header(path: Path) -> Header:
    with path.open("rb") as file:
        fields = _nrrd_fields(file)
        place = file.tell()
    if "data file" in fields or "datafile" in fields:
        raise InputError("keeps its data in another file; attach them")
    if any(fields.get(f"{what} skip", "0") != "0" for what in ("line", "byte")):
        raise InputError("has something between header and data (line skip, byte skip); take it out")
    kind, encoding = fields["type"].lower(), fields["encoding"].lower()
    if kind not in _NRRD_TYPES or encoding not in _NRRD_ENCODINGS:
        raise InputError(f"holds {kind}, encoded as {encoding}; whole numbers, raw, gzip or text are read")
    shape = tuple(int(size) for size in fields["sizes"].split())[::-1]
    if len(shape) != int(fields["dimension"]):
        raise InputError(f"has {len(shape)} sizes in {fields['dimension']} dimensions")
    order = ">" if fields.get("endian", "little").lower() == "big" else "<"
    return Header(shape, np.dtype(order + _NRRD_TYPES[kind]), place, _NRRD_ENCODINGS[encoding])


def _nrrd_fields(file: BinaryIO) -> dict[str, str]:
    """What the header says, up to the empty line that ends it."""
    if not file.readline(LINE).startswith(b"NRRD"):
        raise InputError("is not a NRRD file")
    fields: dict[str, str] = {}
    for _ in range(LINES):
        line = file.readline(LINE).decode("ascii", errors="replace")
        if not line.strip("\r\n"):
            return fields
        key, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            fields[key.strip().lower()] = value.strip()
    raise InputError("has no end of its header")


def _nrrd_voxels(path: Path, header: Header) -> Array:
    """The voxels, attached to the header; exactly as many as it says."""
    with path.open("rb") as file:
        file.seek(header.place)
        if header.encoding == "text":
            return _numbers(file, header)
        voxels = np.empty(header.shape, header.dtype)
        source: Any = gzip.GzipFile(fileobj=file) if header.encoding == "gzip" else file
        rest = memoryview(voxels.reshape(-1).view(np.uint8))
        while len(rest) and (count := source.readinto(rest[:BLOCK])):
            rest = rest[count:]
        _require_bytes(header.size - len(rest) + len(source.read(1)), header)
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


FORMATS: Mapping[str, Format] = {
    ".tif": Format(_tiff_header, _tiff_voxels),
    ".tiff": Format(_tiff_header, _tiff_voxels),
    ".npy": Format(_npy_header, _npy_voxels),
    ".nrrd": Format(_nrrd_header, _nrrd_voxels),
}
