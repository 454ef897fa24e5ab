"""Labelled images: what is in them, and their labels."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.errors import InputError
from fem_model.foreign import bounded
from fem_model.foreign.files import digest, require_file
from fem_model.foreign.image_formats import FORMATS, Header
from fem_model.foreign.limits import Allowance
from fem_model.foreign.reading import Arrays

BYTES_PER_VOXEL = 30
"""Peak while the image is smoothed, about."""
SECONDS_PER_VOXEL = 2e-6
"""Processor time that reading and counting may take: ten times what voxels as text do, which take longest."""
SLAB = 4_000_000
"""Voxels that are looked at together."""
MOST_LABELS = 5000
"""Each needs a material of its own in the case, so that more are grey values."""

Labels = npt.NDArray[np.integer[Any]]


def read_labels(path: Path) -> Labels:
    """The whole-numbered labels of an image, one for each voxel: 2D, or 3D with the pages of a stack first.

    In NRRD files, whose first axis varies fastest, the order of the axes is turned round, as if NumPy had
    read them. Axes of one voxel are left out.
    Errors: InputError if there is no such file, if it cannot be read, does not hold labels in 2D or 3D, holds
    another number of voxels than it says, or is too large for this machine, which is known before the voxels
    are read.
    """
    require_file(path, FORMATS)
    return bounded.read("labels", path)["labels"]


def survey_file(path: Path) -> dict[str, Any]:
    """The `survey` of the labels in a file. Errors: as `read_labels`, and InputError for too many labels."""
    require_file(path, FORMATS)
    found: dict[str, Any] = json.loads(str(bounded.read("survey", path)["survey"]))
    return found


def labels(path: Path, allowance: Allowance) -> Arrays:
    """The labels of an image, read in this process: see `read_labels`."""
    form = FORMATS[path.suffix.lower()]
    header = form.header(path)
    _require_labels(header, allowance.machine)
    allowance.set(2 * header.size, SECONDS_PER_VOXEL * math.prod(header.shape))
    image = form.voxels(path, header)
    if image.shape != header.shape:
        raise InputError(f"holds voxels of the shape {image.shape}, and says {header.shape}")
    return {"labels": np.squeeze(_whole(image))}


def surveyed(path: Path, allowance: Allowance) -> Arrays:
    """The survey of an image, read in this process, as JSON."""
    return {"survey": np.array(json.dumps(survey(labels(path, allowance)["labels"])))}


def survey(labels: Labels) -> dict[str, Any]:
    """What is in an image: its `shape`; the number of `voxels` by label; of `sides` between voxels of
    different labels, across each axis; and a checksum, `sha256`. InputError if it has too many labels."""
    voxels: Counter[int] = Counter()
    sides = [0] * labels.ndim
    rows = max(1, SLAB // math.prod(labels.shape[1:]))
    for first in range(0, len(labels), rows):
        slab = labels[first : first + rows]
        values, counts = np.unique(slab, return_counts=True)
        voxels.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        if len(voxels) > MOST_LABELS:
            raise InputError(f"holds more than {MOST_LABELS} different values; labels are few")
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
    axes, voxels = sum(length > 1 for length in header.shape), math.prod(header.shape)
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
    kind = "u" if image.dtype.kind == "b" else "i"
    whole = np.empty(image.shape, f"{kind}{image.dtype.itemsize}")
    for found, page in zip(image, whole, strict=True):
        page[...] = found
        if not np.array_equal(found, page):
            raise InputError("holds numbers that are not whole; labels are, one for each voxel")
    return whole
