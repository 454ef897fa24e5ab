"""Values between two bounds with a unit, and labels as names of files."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.case.base import Entries, KeyProblem

DIGITS = 6
"""Digits of a value that is computed."""

Bounds = Annotated[tuple[Any, Any], Entries(2, 2)]
Spacing = Literal["linear", "log"]


def as_file_name(label: str) -> str:
    """A label with only letters, digits and _ . + - in it."""
    return re.sub(r"[^\w.+-]+", "_", label.replace("^", "")).strip("_")


def number_and_unit(value: object) -> tuple[float, str] | None:
    """Number and unit of a value such as "2 mA/cm^2" or 2; None if it is no number."""
    number, _, unit = str(value).strip().partition(" ")
    try:
        return (float(number), unit.strip()) if isinstance(value, str | int | float) else None
    except ValueError:
        return None


def between(bounds: Bounds, shares: Floats, spacing: Spacing, *key: str) -> list[object]:
    """Values of the kind of their bounds, whole numbers between whole ones. KeyProblem if there are none."""
    low, high = (_bound(bound, key) for bound in bounds)
    if low[1] != high[1]:
        raise KeyProblem(key, f"has bounds in {low[1] or 'no unit'} and {high[1] or 'no unit'}; use one unit")
    if not low[0] < high[0]:
        raise KeyProblem(key, f"from {bounds[0]} to {bounds[1]}: the first must be the smaller one")
    if spacing == "log" and low[0] <= 0:
        raise KeyProblem(key, f"from {bounds[0]}: must be positive with the spacing log")
    numbers = low[0] + shares * (high[0] - low[0])
    if spacing == "log":
        numbers = low[0] * (high[0] / low[0]) ** shares
    whole = all(isinstance(bound, int) for bound in bounds)
    return [_value(float(number), bounds[0], low[1], whole) for number in numbers]


def _bound(bound: object, key: Sequence[str]) -> tuple[float, str]:
    found = number_and_unit(bound)
    if found is None or not np.isfinite(found[0]) or isinstance(bound, bool):
        raise KeyProblem(
            tuple(key), f'has the bound {bound}, which is no number with a unit, such as "0.5 mA/cm^2"'
        )
    return found


def _value(number: float, like: object, unit: str, whole: bool) -> object:
    if isinstance(like, str):
        return f"{number:.{DIGITS}g} {unit}".strip()
    return round(number) if whole else float(f"{number:.{DIGITS}g}")
