"""TIFF files, also those of ImageJ and OME and BigTIFF: the numbers as stored, not as displayed."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from fem_model.base.errors import InputError
from fem_model.readers.image_header import COLOUR, Array, Header

BLOCK = 16_000_000
"""Bytes of a file that are read together."""
GREY = ("MINISWHITE", "MINISBLACK", "PALETTE", "MASK")
"""Photometric interpretations of pages with one number for each voxel, which is taken as it is stored."""
LOSSY = ("JPEG", "OJPEG", "JPEG_LOSSY", "WEBP")
"""Compressions that change numbers."""
AGAIN = "Open it in ImageJ or Fiji and save it again as TIFF"
ORIENTATION = 274
RESOLUTION = {"X": 282, "Y": 283}
"""Tags of a page."""
UNCALIBRATED = ("", "pixel", "pixels", "inch", "inches")
"""Units of ImageJ for images without a scale, and for those whose scale is meant for a printer."""


def tiff_header(path: Path) -> Header:
    """The shape, type and axes of the only image in a file. InputError if there is none, or not only one."""
    with _image(path) as (tiff, series):
        page = series.keyframe
        if "S" in series.axes or page.samplesperpixel != 1:
            raise InputError(COLOUR)
        if (kind := _name(page.photometric)) not in GREY:
            raise InputError(f"has colours of the kind {kind}. {AGAIN}, with 8 or 16 bits")
        if (kind := _name(page.compression)) in LOSSY:
            raise InputError(f"is compressed as {kind}, which changes labels; save it without, or with LZW")
        if page.tags.valueof(ORIENTATION, 1) != 1:
            raise InputError(f"is to be rotated for display (its tag Orientation). {AGAIN}")
        _require_pages(tiff, series)
        _require_parts(series, path.stat().st_size)
        sizes = _voxel(tiff, page)
        voxel = tuple(sizes.get(axis, "") for axis in series.axes)
        return Header(series.shape, np.dtype(series.dtype), series.axes, voxel)


def _name(value: Any) -> str:
    """Name of the value of a tag, if it has one."""
    return str(getattr(value, "name", value))


def tiff_voxels(path: Path, header: Header) -> Array:
    """The numbers as they are stored."""
    voxels = np.empty(header.shape, header.dtype)
    with _image(path) as (_, series):
        series.asarray(out=voxels, maxworkers=1, buffersize=BLOCK)
    return voxels


@contextmanager
def _image(path: Path) -> Iterator[tuple[Any, Any]]:
    """A file and the series of pages in it. InputError if it has several, or if tifffile complains of it."""
    from tifffile import TiffFile

    with _complaints() as complaints, TiffFile(path, _multifile=False) as tiff:
        series = tiff.series
        if all(one.kind == "shaped" and one.ndim == 2 for one in series):
            series = tiff.series(kind="generic")  # pages that were written one by one
        if len(series) != 1:
            shapes = ", ".join(f"{' × '.join(map(str, one.shape))} of {one.dtype}" for one in series[:5])
            has = f"has {len(series)} images, or pages of different sizes or types ({shapes})"
            raise InputError(f"{has}; save the one to be used")
        yield tiff, series[0]
        if complaints:
            raise InputError(f"cannot be read: {complaints[0]}. {AGAIN}")


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Complaints of tifffile about a file that is not quite as it should be."""
    texts: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: texts.append(re.sub(r"<[^>]*> ?", "", record.getMessage()))  # type: ignore[method-assign]
    logger = logging.getLogger("tifffile")
    logger.addHandler(handler)
    try:
        yield texts
    finally:
        logger.removeHandler(handler)


def _require_pages(tiff: Any, series: Any) -> None:
    """InputError unless the planes that the description of a file reports are its pages, or all in one."""
    planes, pages = math.prod(series.shape) // math.prod(series.keyframe.shape), len(tiff.pages)
    told = (tiff.imagej_metadata or {}).get("images", planes) if tiff.is_imagej else planes
    if pages not in (1, planes) or told != planes or (tiff.is_ome and series.kind != "ome"):
        has = f"has {pages} page{'s' * (pages > 1)}, and its description reports"
        raise InputError(f"{has} {told if told != pages else 'others'}. {AGAIN}")


def _require_parts(series: Any, size: int) -> None:
    """InputError unless all strips or tiles of all pages are in the file, of this size."""
    if series.dataoffset is not None:
        sound = series.dataoffset + series.nbytes <= size
    else:
        sound = all(page is not None and _has_parts(page, size) for page in series)
    if not sound:
        raise InputError(f"cannot be read: a part of a page is missing. {AGAIN}")


def _has_parts(page: Any, size: int) -> bool:
    starts, lengths = page.dataoffsets, page.databytecounts
    if not len(starts) == len(lengths) == math.prod(page.chunked):
        return False
    return all(
        start > 0 < length and start + length <= size for start, length in zip(starts, lengths, strict=True)
    )


def _voxel(tiff: Any, page: Any) -> dict[str, str]:
    """Sizes of a voxel by axis, where ImageJ or OME wrote them. Resolutions of others are for printers."""
    if tiff.is_imagej:
        return _voxel_of_imagej(tiff.imagej_metadata or {}, page)
    if not tiff.is_ome:
        return {}
    pixels = ElementTree.fromstring(tiff.ome_metadata).find(".//{*}Pixels")
    facts = {} if pixels is None else pixels.attrib
    sizes = {axis: facts.get(f"PhysicalSize{axis}") for axis in "XYZ"}
    return {a: f"{size} {facts.get(f'PhysicalSize{a}Unit', 'µm')}" for a, size in sizes.items() if size}


def _voxel_of_imagej(facts: dict[str, Any], page: Any) -> dict[str, str]:
    """Voxels per unit are in the tags of the page, the distance of slices and the unit in the description."""
    unit = str(facts.get("unit", "")).replace("\\u00B5", "µ").strip()
    if unit.lower() in UNCALIBRATED:
        return {}
    resolutions = {axis: page.tags.valueof(tag) for axis, tag in RESOLUTION.items()}
    sizes = {axis: found[1] / found[0] for axis, found in resolutions.items() if found and found[0]}
    if isinstance(facts.get("spacing"), int | float):
        sizes["Z"] = abs(facts["spacing"])
    return {axis: f"{float(size)!r} {unit}" for axis, size in sizes.items()}
