"""PNG pictures, and folders of slices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fem_model.base.errors import InputError
from fem_model.readers.files import require_inside
from fem_model.readers.image_header import COLOUR, Array, Format, Header
from fem_model.readers.tiff import tiff_header, tiff_voxels

PNG_TYPES: Mapping[str, str] = {"1": "?", "L": "u1", "P": "u1", "I;16": "u2"}
"""Types by Pillow's names for the kinds of pictures."""
STRETCHED: Mapping[str, int] = {"L;2": 85, "L;4": 17}
"""Factors by which Pillow multiplies the values of pictures of few bits, so that the largest is white."""
BAND = 1_000_000
"""Voxels of a picture that are copied together."""


def png_header(path: Path) -> Header:
    """The size and type of a picture. InputError unless it has one number for each pixel."""
    with _png(path) as image:
        if getattr(image, "n_frames", 1) > 1:
            raise InputError(f"is animated, with {image.n_frames} pictures; save them as a TIFF stack")
        if image.mode not in PNG_TYPES:
            raise InputError(COLOUR)
        return Header(image.size[::-1], np.dtype(PNG_TYPES[image.mode]), "YX")


def png_voxels(path: Path, header: Header) -> Array:
    """The values as they are stored, of a palette its indices; band by band, as Pillow copies them twice."""
    voxels = np.empty(header.shape, header.dtype)
    height, width = header.shape
    rows = max(1, BAND // width)
    with _png(path) as image:
        stretched = STRETCHED.get(str(image.tile[0][3]), 1)
        for top in range(0, height, rows):
            bottom = min(top + rows, height)
            voxels[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return voxels // stretched if stretched > 1 else voxels


def _png(path: Path) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # their number is bounded by the memory that they need
    return Image.open(path, formats=["PNG"])


PAGES: Mapping[str, Format] = {
    **dict.fromkeys([".tif", ".tiff"], Format(tiff_header, tiff_voxels)),
    ".png": Format(png_header, png_voxels),
}
"""Formats of slices."""


def folder_header(path: Path) -> Header:
    """The shape and type of a stack of slices. InputError unless they are alike, and of one series."""
    first, *others = (_page(file) for file in files(path))
    for file, page in others:
        if (page.shape, page.dtype) != (first[1].shape, first[1].dtype):
            kinds = (
                f"{one.name} ({' × '.join(map(str, h.shape))}, {h.dtype})" for one, h in (first, (file, page))
            )
            raise InputError(f"has slices of different sizes or types: {', '.join(kinds)}")
    return Header((1 + len(others), *first[1].shape), first[1].dtype, "ZYX")


def folder_voxels(path: Path, header: Header) -> Array:
    """The slices, the first one first."""
    voxels = np.empty(header.shape, header.dtype)
    for slice_, file in zip(voxels, files(path), strict=True):
        form = PAGES[file.suffix.lower()]
        slice_[...] = form.voxels(file, form.header(file)).reshape(slice_.shape)
    return voxels


def _page(file: Path) -> tuple[Path, Header]:
    """A slice without axes of one voxel."""
    try:
        header = PAGES[file.suffix.lower()].header(file)
    except InputError as error:
        raise InputError(f"holds {file.name}, which {error}") from None
    shape = tuple(
        length for length, axis in zip(header.shape, header.axes, strict=True) if length > 1 or axis in "YX"
    )
    if len(shape) != 2:
        raise InputError(f"holds {file.name}, which has the shape {header.shape}; slices are flat")
    return file, header._replace(shape=shape)


def files(folder: Path) -> list[Path]:
    """The slices in a folder, by their numbers. InputError if there are none, or of several series."""
    found = [
        file for file in folder.iterdir() if file.suffix.lower() in PAGES and not file.name.startswith(".")
    ]
    if not found:
        raise InputError(f"is a folder without slices; {', '.join(PAGES)} are read")
    found.sort(key=lambda file: (_numbers(file), file.name))
    series = {re.sub("[0-9]+", "#", file.name): file.name for file in found}
    if len(series) > 1:
        one, other = list(series.values())[:2]
        raise InputError(f"holds slices of several series, {one} and {other}; a folder for each is needed")
    _require_no_gap(found)
    for file in found:
        require_inside(file, folder)
    return found


def _numbers(file: Path) -> list[int]:
    """The numbers in a name, from left to right."""
    return [int(number) for number in re.findall("[0-9]+", file.name)]


def _require_no_gap(found: list[Path]) -> None:
    """InputError if one number distinguishes the slices of a series, and some of these are not there."""
    varying = [column for column in zip(*map(_numbers, found), strict=True) if len(set(column)) > 1]
    if len(varying) == 1:
        steps = np.diff(varying[0])
        wide = int(steps.argmax())
        if steps[wide] > steps.min():
            between = f"between {found[wide].name} and {found[wide + 1].name}"
            raise InputError(f"lacks slices {between}; give all, or give them other numbers")
