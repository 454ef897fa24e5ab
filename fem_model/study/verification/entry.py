"""Parts of a verification: entries that pass or fail, the report of a check, and the check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mpi4py import MPI


@dataclass(frozen=True)
class Entry:
    """One number held against what it should be.

    `name` is the check, or check/variant; `unit` is that of `expected` and `measured`, "" for pure numbers.
    `error` and `tolerance` are both relative or both in that unit.
    """

    name: str
    quantity: str
    expected: float
    measured: float
    error: float
    tolerance: float
    unit: str = ""

    @property
    def passed(self) -> bool:
        """True if the error is within the tolerance; an error that is no number is not."""
        return bool(self.error <= self.tolerance)


def relative(
    name: str, quantity: str, expected: float, measured: float, tolerance: float, unit: str = ""
) -> Entry:
    """An entry with the error |measured/expected − 1|; `expected` must not be 0."""
    expected, measured = float(expected), float(measured)
    return Entry(name, quantity, expected, measured, abs(measured / expected - 1), tolerance, unit)


def absolute(
    name: str, quantity: str, expected: float, measured: float, tolerance: float, unit: str = ""
) -> Entry:
    """An entry with the error |measured − expected|."""
    expected, measured = float(expected), float(measured)
    return Entry(name, quantity, expected, measured, abs(measured - expected), tolerance, unit)


def below(name: str, quantity: str, limit: float, measured: float, unit: str = "") -> Entry:
    """An entry that expects 0 and allows |measured| up to `limit`."""
    return absolute(name, quantity, 0.0, measured, limit, unit)


@dataclass(frozen=True)
class Report:
    """Result of a check. The figure is made on rank 0 only."""

    entries: tuple[Entry, ...]
    figure: Figure | None = None


@dataclass(frozen=True)
class Check:
    """A verification: `run(comm, full)` is collective and gives the same entries on all ranks.

    `what` says in a sentence which closed form it compares with, and where that comes from. `full` asks for
    the sweeps as well.
    """

    name: str
    what: str
    run: Callable[[MPI.Comm, bool], Report]


def failure(name: str, reason: str) -> Entry:
    """The entry of a check that did not come to its end."""
    nan = float("nan")
    return Entry(name, reason, nan, nan, nan, 0.0)


def as_json(entry: Entry) -> dict[str, Any]:
    """Content of verify.json for an entry; numbers that are not finite become null."""
    numbers = ("expected", "measured", "error", "tolerance")
    values = {key: getattr(entry, key) for key in numbers}
    finite = {key: value if abs(value) < float("inf") else None for key, value in values.items()}
    about = {"name": entry.name, "quantity": entry.quantity}
    return {**about, **finite, "unit": entry.unit, "passed": entry.passed}
