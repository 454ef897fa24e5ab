"""Content of the header of an image, whatever its format."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fem_model.base.errors import InputError

Array = npt.NDArray[Any]
SPACE = "ZYXQI"
"""Letters of spatial axes: those with names, others, and the pages of a file."""
COLOUR = (
    "is in colour, or has transparency; a labelled image has one number for each voxel: save it with 8, 16 "
    "or 32 bits of grey, in ImageJ by Image > Type"
)


class Header(NamedTuple):
    """Voxels along each axis, as NumPy counts them, and the type of their values."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    axes: str
    """A letter for each axis: of SPACE, T for time, C for channels, S for colours, or another of tifffile."""
    voxel: tuple[str, ...] = ()
    """Size of a voxel along each axis, with its unit if the file has one, "" where it says nothing."""
    turned: bool = False
    """The file says that its axes point backwards, or not along those of space in their order."""
    place: int = 0
    """Offset of the voxels in the file, and their encoding, if the format needs to know."""
    encoding: str = "raw"

    @property
    def size(self) -> int:
        """Bytes of all voxels."""
        return math.prod(self.shape) * self.dtype.itemsize


class Format(NamedTuple):
    """Functions that read a header, and with that the voxels."""

    header: Callable[[Path], Header]
    voxels: Callable[[Path, Header], Array]


def require_bytes(found: int, header: Header) -> None:
    """InputError unless there are as many bytes of voxels as the header says."""
    if found != header.size:
        there = "more" if found > header.size else f"{found}"
        raise InputError(f"cannot be read: of {header.size} bytes of voxels in its header {there} are there")
