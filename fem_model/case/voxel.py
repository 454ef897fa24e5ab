"""The size of a voxel, as an image file has it: text with a unit, or without one."""

import math
from collections.abc import Sequence

from fem_model.base.units import length, parse_quantity, readable
from fem_model.case.base import LENGTH, KeyProblem

OF_FILE = "file"
"""Value of the key that takes the sizes from the file."""
UNITS = ("m", "mm", "um", "nm")
"""Units that a number without a unit may be in."""
EXACT = 1e-4
"""Largest relative difference of sizes that are the same: ImageJ keeps six decimals of their inverse."""


def voxel_of(name: str, said: Sequence[str]) -> tuple[float, ...]:
    """The sizes in m that the file of this name says. KeyProblem if one is missing, or is no length."""
    sizes = tuple(size for size in map(_in_metres, said) if size is not None)
    if not sizes or len(sizes) < len(said):
        way = "Write the sizes here, or in the file, with a unit; in ImageJ by Image > Properties"
        raise KeyProblem("voxel", f'= "{OF_FILE}", but along the axes {_telling(name, said)}. {way}.')
    return sizes


def require_same_voxel(name: str, said: Sequence[str], voxel: Sequence[float]) -> None:
    """KeyProblem unless the sizes in m are those that the file of this name says, as far as it does."""
    if not any(_agree(said, voxel, unit) for unit in UNITS):
        given = ", ".join(readable(size, "m") for size in voxel)
        way = f'"{OF_FILE}" takes those of the file; in ImageJ Image > Properties changes them'
        raise KeyProblem("voxel", f"is {given} along the axes, but {_telling(name, said)}. {way}.")


def require_extent(extent: Sequence[float]) -> None:
    """KeyProblem unless the sizes of the image in m are lengths that a case may have."""
    for size in extent:
        try:
            LENGTH.check(size)
        except ValueError as error:
            raise KeyProblem("voxel", f"makes the image {length(size)} long; it {error}") from None


def _telling(name: str, said: Sequence[str]) -> str:
    return f"{name} says {', '.join(size or 'nothing' for size in said or [''])}"


def _agree(said: Sequence[str], voxel: Sequence[float], unit: str) -> bool:
    """True if sizes are the same, if those without a unit are in this one."""
    found = (_in_metres(size, unit) for size in said)
    pairs = zip(found, voxel, strict=False)
    return all(size is None or math.isclose(size, other, rel_tol=EXACT) for size, other in pairs)


def _in_metres(size: str, unit: str = "") -> float | None:
    """A size in m; None if it is no length. A number without a unit is in `unit`."""
    try:
        return parse_quantity(size if " " in size else f"{size} {unit}", "m")
    except ValueError:
        return None
