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
    "quantity", "axis", "point", "against", "others", "pairs", "mean_difference", "standard_error",
    "mean_difference_percent", "standard_error_percent",
)  # fmt: skip
"""Columns of pairs.csv; differences are in SI units."""


@dataclass(frozen=True)
class Spread:
    """Mean of some numbers, its standard error, and their standard deviation; NaN of a single one."""

    count: int
    mean: float
    deviation: float

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return self.deviation / sqrt(self.count)


def spread(numbers: Floats) -> Spread:
    """Mean and spread of one number or more."""
    deviation = float(numbers.std(ddof=1)) if len(numbers) > 1 else float("nan")
    return Spread(len(numbers), float(numbers.mean()), deviation)


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
    """Values by pair, SI."""
    reference: Floats
    """Values of the first point by pair."""

    @property
    def difference(self) -> Spread:
        """Differences of the pairs."""
        return spread(self.values - self.reference)

    @property
    def percent(self) -> Spread:
        """Differences of the pairs in percent of the first point; NaN where that is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            change = 100 * (self.values - self.reference) / np.abs(self.reference)
        return spread(np.where(np.isfinite(change), change, np.nan))

    @property
    def row(self) -> list[object]:
        """A row under COLUMNS."""
        others = ", ".join(f"{axis} {label}" for axis, label in self.others.items())
        numbers = [self.difference.mean, self.difference.error, self.percent.mean, self.percent.error]
        told = [None if np.isnan(number) else number for number in numbers]
        count = self.difference.count
        return [self.quantity, self.axis, self.point, self.against, others, count, *told]


def groups(plan: Plan, results: Sequence[Result], quantity: str) -> dict[Labels, dict[Labels, float]]:
    """Values by the labels of the axes that vary, then by those of the axes that repeat."""
    found: dict[Labels, dict[Labels, float]] = {}
    for one in results:
        if (value := one.values.get(quantity)) is not None:
            labels = one.member.labels
            group = found.setdefault(tuple(labels[axis] for axis in plan.varied), {})
            group[tuple(labels[axis] for axis in plan.seeds)] = value
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
        reference = found.get((*labels[:place], first, *labels[place + 1 :]), {})
        common = [seed for seed in values if seed in reference]
        if labels[place] == first or not common:
            continue
        others = {a: label for a, label in zip(plan.varied, labels, strict=True) if a != axis}
        own, theirs = (np.array([table[seed] for seed in common]) for table in (values, reference))
        yield Comparison(quantity, axis, labels[place], first, others, own, theirs)
