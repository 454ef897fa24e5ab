"""The size of a voxel, as an image file has it: text with a unit, or without one."""

import math
from collections.abc import Sequence

from fem_model.units import parse_quantity

OF_FILE = "file"
"""Value of the key that takes the sizes from the file."""
UNITS = ("m", "mm", "um", "nm")
"""Those that a number without a unit may be in."""
EXACT = 1e-6
"""Largest relative difference of sizes that are the same."""


def in_metres(size: str, unit: str = "") -> float | None:
    """A size, in m; None if it is no length. A number without a unit is in `unit`."""
    try:
        return parse_quantity(size if " " in size else f"{size} {unit}", "m")
    except ValueError:
        return None


def agree(said: Sequence[str], voxel: Sequence[float]) -> bool:
    """Whether the sizes in m are those that a file says, as far as it does, with one unit for all that have
    none."""
    return any(
        all(
            found is None or math.isclose(found, size, rel_tol=EXACT)
            for found, size in (
                (in_metres(text, unit), size) for text, size in zip(said, voxel, strict=False)
            )
        )
        for unit in UNITS
    )
