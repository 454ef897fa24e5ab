"""Comparisons of members on the same grains: pairs that differ along one axis alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.sweep.plan import Plan
from fem_model.sweep.results import Result

Labels = tuple[str, ...]

COLUMNS = (
    "quantity", "axis", "point", "against", "others", "pairs", "all_pairs",
    "mean_difference", "standard_error", "mean_difference_percent", "standard_error_percent",
)  # fmt: skip
"""Columns of pairs.csv; differences are in SI units."""


@dataclass(frozen=True)
class Spread:
    """Mean of those of some numbers that are known, its standard error, and their standard deviation.

    The mean is NaN of none, the others are NaN of a single one.
    """

    count: int
    """Numbers that are known."""
    of: int
    """Numbers that there would be."""
    mean: float
    deviation: float

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return self.deviation / sqrt(self.count) if self.count else float("nan")


def spread(numbers: Floats) -> Spread:
    """Mean and spread of numbers; those that are not known are NaN."""
    known = numbers[np.isfinite(numbers)]
    mean = float(known.mean()) if len(known) else float("nan")
    deviation = float(known.std(ddof=1)) if len(known) > 1 else float("nan")
    return Spread(len(known), len(numbers), mean, deviation)


@dataclass(frozen=True)
class Comparison:
    """Values at a point of an axis against those at its first point, everything else being the same."""

    quantity: str
    axis: str
    point: str
    against: str
    others: Mapping[str, str]
    """Labels of the other axes that do not only repeat."""
    values: Floats
    """Values by pair, SI; NaN where a member does not have it."""
    reference: Floats
    """Values of the first point by pair."""

    @property
    def difference(self) -> Spread:
        """Differences of the pairs."""
        return spread(self.values - self.reference)

    @property
    def percent(self) -> Spread:
        """Differences of the pairs in percent of the first point; none if that is 0 for one of them."""
        scale = np.nan if (self.reference == 0).any() else np.abs(self.reference)
        return spread(100 * (self.values - self.reference) / scale)

    @property
    def row(self) -> list[object]:
        """A row under COLUMNS."""
        others = ", ".join(f"{axis} {label}" for axis, label in self.others.items())
        numbers = [self.difference.mean, self.difference.error, self.percent.mean, self.percent.error]
        told = [None if np.isnan(number) else number for number in numbers]
        counts = self.difference.count, self.difference.of
        return [self.quantity, self.axis, self.point, self.against, others, *counts, *told]


def groups(plan: Plan, results: Sequence[Result], quantity: str) -> dict[Labels, dict[Labels, float]]:
    """Values by the labels of the axes that vary, then by those of the axes that repeat; NaN if unknown."""
    found: dict[Labels, dict[Labels, float]] = {}
    for one in results:
        labels = one.member.labels
        group = found.setdefault(tuple(labels[axis] for axis in plan.varied), {})
        group[tuple(labels[axis] for axis in plan.seeds)] = one.values.get(quantity, float("nan"))
    return found


def comparisons(plan: Plan, results: Sequence[Result]) -> list[Comparison]:
    """All that can be compared: each quantity, along each axis that varies, from its first point."""
    return [
        comparison
        for one in plan.quantities
        for axis in plan.compared
        for comparison in _along(plan, groups(plan, results, one.label), one.label, axis)
    ]


def _along(
    plan: Plan, found: Mapping[Labels, Mapping[Labels, float]], quantity: str, axis: str
) -> Iterator[Comparison]:
    place = plan.varied.index(axis)
    first = plan.file.axes[axis].points()[0].label
    for labels, values in found.items():
        if labels[place] == first:
            continue
        reference = found[(*labels[:place], first, *labels[place + 1 :])]
        others = {a: label for a, label in zip(plan.varied, labels, strict=True) if a != axis}
        own, theirs = (np.array([table[seed] for seed in values]) for table in (values, reference))
        yield Comparison(quantity, axis, labels[place], first, others, own, theirs)
