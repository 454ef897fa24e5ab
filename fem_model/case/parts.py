"""Parts that the layouts of a microstructure have in common."""

import math
from collections.abc import Callable, Iterable

from fem_model.case.base import KeyProblem, Name, Section

MOST_CELLS = 2_000_000_000
"""Cells that a mesh can have: their numbers have 32 bits."""

DensityOf = Callable[[str], float]
"""Mass density in kg/m3 of a material by its name."""


class Part(Section):
    """A part of the microstructure, of one material."""

    material: Name
    """Name of a material, of the library or of [materials]."""


def require_sum_of_one(key: str, what: str, shares: Iterable[float]) -> None:
    """KeyProblem unless the shares sum to 1 within rounding."""
    total = math.fsum(shares)
    if abs(total - 1) > 1e-9:
        raise KeyProblem(key, f"have {what} that sum to {total:.10g}; they must sum to 1")
