"""Labelled images: what is in them, and their labels."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.errors import InputError
from fem_model.readers import bounded
from fem_model.readers.files import digest
from fem_model.readers.image_formats import format_of, require_image
from fem_model.readers.image_header import COLOUR, SPACE, Header
from fem_model.readers.limits import Allowance
from fem_model.readers.reading import Arrays

BYTES_PER_VOXEL = 30
"""Peak while the image is smoothed, about."""
SECONDS_PER_VOXEL = 2e-6
"""Processor time that reading and counting may take: ten times what voxels as text do, which take longest."""
SLAB = 4_000_000
"""Voxels that are looked at together."""
MOST_LABELS = 5000
"""Each needs a material of its own in the case, so that more are grey values."""
LONGEST = 60
"""Characters of a size in a file."""

SLICES = (
    "If they are slices, say so: in ImageJ by Image > Properties, in tifffile by metadata={'axes': 'ZYX'}"
)

Labels = npt.NDArray[np.integer[Any]]


def read_labels(path: Path, frame: int | None = None, channel: int | None = None) -> Labels:
    """The whole-numbered labels of an image, one for each voxel: 2D, or 3D with the pages of a stack first.

    In NRRD files, whose first axis varies fastest, the order of the axes is reversed, as if NumPy had
    read them. Axes of one voxel are left out. A folder holds the slices of a stack.
    Errors: InputError if there is no such file, if it cannot be read, does not hold labels in 2D or 3D, has
    several frames or channels and none is chosen, holds another number of voxels than it says, or is too
    large for this machine, which is known before the voxels are read.
    """
    require_image(path)
    return bounded.read("labels", path, frame, channel)["labels"]


def survey_file(path: Path, frame: int | None = None, channel: int | None = None) -> dict[str, Any]:
    """The `survey` of the labels in a file, and what it says of them: the size of a `voxel` along each axis,
    as text, and whether its axes are `turned` in space.

    Errors: as `read_labels`, and InputError for too many labels.
    """
    require_image(path)
    text = str(bounded.read("survey", path, frame, channel)["survey"])
    found: dict[str, Any] = json.loads(text)
    return found


def labels(path: Path, allowance: Allowance, frame: int | None, channel: int | None) -> Arrays:
    """The labels of an image, read in this process: see `read_labels`."""
    return {"labels": _labels(path, allowance, frame, channel)[0]}


def surveyed(path: Path, allowance: Allowance, frame: int | None, channel: int | None) -> Arrays:
    """The survey of an image, read in this process, as JSON: see `survey_file`."""
    labels, header = _labels(path, allowance, frame, channel)
    kept = [axis for axis, length in enumerate(header.shape) if length > 1 and header.axes[axis] in SPACE]
    voxel = [_printable(header.voxel[axis]) for axis in kept if header.voxel]
    said = {"voxel": voxel, "turned": header.turned}
    return {"survey": np.array(json.dumps(survey(labels) | said))}


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))[:LONGEST]


def _labels(
    path: Path, allowance: Allowance, frame: int | None, channel: int | None
) -> tuple[Labels, Header]:
    form = format_of(path)
    header = form.header(path)
    taken = _taken(header, {"T": ("frame", frame), "C": ("channel", channel)})
    _require_labels(header, allowance.machine)
    allowance.set(2 * header.size, SECONDS_PER_VOXEL * math.prod(header.shape))
    image = form.voxels(path, header)
    if image.shape != header.shape:
        raise InputError(f"holds voxels of the shape {image.shape}, but its header says {header.shape}")
    return np.squeeze(_whole(image[taken])), header


def _taken(header: Header, chosen: Mapping[str, tuple[str, int | None]]) -> tuple[int | slice, ...]:
    """The part of an image that is chosen, by a key and its number for some axes.

    InputError if more than one is left of these, if there is no such part, or if there are other axes.
    """
    for axis, length in zip(header.axes, header.shape, strict=True):
        if length > 1 and axis not in SPACE and axis not in chosen:
            other = f"has an axis {axis} of {length} that is not a spatial axis"
            raise InputError(COLOUR if axis == "S" else other)
    counts = dict(zip(header.axes, header.shape, strict=True))
    for axis, (key, number) in chosen.items():
        _require_one(counts.get(axis, 1), key, number, f"axes {header.axes}: {_times(header.shape)}")
    numbers = {axis: number or 0 for axis, (_, number) in chosen.items()}
    return tuple(numbers.get(axis, slice(None)) for axis in header.axes)


def _require_one(count: int, key: str, number: int | None, axes: str) -> None:
    """InputError unless one of so many frames or channels is chosen."""
    there = f"has {count} {key}{'s' * (count > 1)} ({axes})"
    if number is None and count > 1:
        advice = f"say which one: {key} = 0, or up to {count - 1}, in [microstructure]"
        raise InputError(f"{there}; {advice}. {SLICES}")
    if number is not None and number >= count:
        raise InputError(f"{there}, and no {key} {number}; they are counted from 0")


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def survey(labels: Labels) -> dict[str, Any]:
    """Contents of an image: its `shape`; the number of `voxels` by label; of `sides` between voxels of
    different labels, across each axis; and a checksum, `sha256`. InputError if it has too many labels."""
    voxels: Counter[int] = Counter()
    sides = [0] * labels.ndim
    rows = max(1, SLAB // math.prod(labels.shape[1:]))
    for first in range(0, len(labels), rows):
        slab = labels[first : first + rows]
        values, counts = np.unique(slab, return_counts=True)
        voxels.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        if len(voxels) > MOST_LABELS:
            raise InputError(f"holds more than {MOST_LABELS} different values; a labelled image has few")
        for axis in range(labels.ndim):
            along = np.moveaxis(slab if axis else labels[first : first + rows + 1], axis, 0)
            sides[axis] += int(np.count_nonzero(along[1:] != along[:-1]))
    return {
        "shape": labels.shape,
        "voxels": {str(label): voxels[label] for label in sorted(voxels)},
        "sides": sides,
        "sha256": digest([labels]),
    }


def _require_labels(header: Header, memory: int) -> None:
    """InputError unless these are labels in 2D or 3D, for which this machine has the memory."""
    space = [length for length, axis in zip(header.shape, header.axes, strict=True) if axis in SPACE]
    axes, voxels = sum(length > 1 for length in space), math.prod(header.shape)
    if min(header.shape, default=0) < 1:
        raise InputError(f"has the shape {header.shape}: no voxels")
    if axes not in (2, 3):
        raise InputError(f"has {axes} axes of more than one voxel; images have 2 or 3")
    if header.dtype.kind not in "buif":
        raise InputError(f"holds values of the type {header.dtype}; labels are whole numbers")
    if BYTES_PER_VOXEL * voxels > memory:
        raise InputError(
            f"holds {voxels:.3g} voxels, which need {BYTES_PER_VOXEL * voxels / 1e9:.3g} GB; this "
            f"machine has {memory / 1e9:.3g} GB. A part of the image, or larger voxels, are needed"
        )


def _whole(image: npt.NDArray[Any]) -> Labels:
    """The values as whole numbers of the same size. InputError if they are none."""
    if image.dtype.kind in "ui":
        return image
    bits = 8 * image.dtype.itemsize
    kind = "u" if image.dtype.kind == "b" or image.max() >= 2.0 ** (bits - 1) else "i"
    whole = np.empty(image.shape, f"{kind}{image.dtype.itemsize}")
    for found, page in zip(image, whole, strict=True):
        page[...] = found
        if not np.array_equal(found, page):
            raise InputError(
                "holds numbers that are not whole; a labelled image has one whole number for each voxel"
            )
    return whole
