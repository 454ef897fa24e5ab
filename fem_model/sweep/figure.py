"""Figure of a quantity over a sweep: members, means and spreads, and comparisons on the same grains."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fem_model.base.arrays import Floats
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE, plain, typeset
from fem_model.sweep.pairs import Comparison, Labels, groups, spread
from fem_model.sweep.plan import Plan, Quantity
from fem_model.sweep.results import Result
from fem_model.sweep.spacing import number_and_unit

PANEL = 3.0, 2.8
"""Width and height of a panel, inches."""
MOST_NAMED = 12
"""Curves that have a place in the legend."""
LONGEST = 36
"""Letters of all names below a panel up to which they stand upright."""
WIDTH = 0.5
"""Share of the distance between two names within which the members of both are spread."""


@dataclass(frozen=True)
class Coordinate:
    """Places along an axis of a sweep: by number, or by name, one after the other."""

    label: str
    places: Mapping[str, float]
    """Place by the label of a point."""
    is_number: bool


def coordinates(plan: Plan) -> list[Coordinate]:
    """Coordinates of the first axis that varies: one for each key that takes numbers, else one by name."""
    if not plan.varied:
        return [Coordinate("", {}, is_number=False)]
    axis, points = plan.varied[0], plan.file.axes[plan.varied[0]].points()
    found = []
    for key in plan.keys(axis):
        parts = [number_and_unit(point.values[key]) for point in points]
        numbers = [part[0] for part in parts if part is not None]
        units = {part[1] for part in parts if part is not None}
        if len(numbers) == len(points) and len(units) == 1:
            unit = units.pop()
            places = dict(zip([point.label for point in points], numbers, strict=True))
            found.append(Coordinate(f"{key} ({unit})" if unit else key, places, is_number=True))
    by_name = {point.label: float(k) for k, point in enumerate(points)}
    return found or [Coordinate(axis, by_name, is_number=False)]


@dataclass(frozen=True)
class Picture:
    """Drawing of one quantity."""

    plan: Plan
    quantity: Quantity
    results: Sequence[Result]
    compared: Sequence[Comparison]
    """Comparisons of this quantity along the first axis that varies."""

    @cached_property
    def found(self) -> dict[Labels, dict[Labels, float]]:
        """Values by the labels of the axes that vary, then of those that repeat."""
        return groups(self.plan, self.results, self.quantity.label)

    @cached_property
    def curves(self) -> list[Labels]:
        """Labels of the axes that vary beside the first, in the order of the members."""
        return list(dict.fromkeys(labels[1:] for labels in self.found))

    @rc_context(STYLE)
    def draw(self) -> Figure:
        """The figure."""
        there = coordinates(self.plan)
        count = len(there) + bool(self.compared)
        figure = Figure(figsize=(PANEL[0] * count + 0.4, PANEL[1]), layout="constrained")
        panels = figure.subplots(1, count, squeeze=False)[0]
        for axes, coordinate in zip(panels, there, strict=False):
            self._draw_values(axes, coordinate)
        if self.compared:
            self._draw_differences(panels[-1], there[0])
        figure.suptitle(typeset(self.plan.file.title), size=TITLE_SIZE)
        self._add_legend(figure)
        return figure

    def _shift(self, coordinate: Coordinate, curve: int) -> float:
        """Distance of a curve from the place of its point: curves stand side by side at names."""
        return 0.0 if coordinate.is_number else WIDTH * ((curve + 0.5) / len(self.curves) - 0.5)

    def _draw_values(self, axes: Axes, coordinate: Coordinate) -> None:
        for k, curve in enumerate(self.curves):
            rows = [(labels[:1], v) for labels, v in self.found.items() if labels[1:] == curve]
            x = np.array([coordinate.places[first[0]] if first else 0.0 for first, _ in rows])
            x += self._shift(coordinate, k)
            numbers = [self.quantity.factor * np.array(list(values.values())) for _, values in rows]
            for place, own in zip(x, numbers, strict=True):
                axes.plot(np.full(len(own), place), own, "o", ms=3, mfc="none", mec=colour(k), mew=0.6)
            if self.plan.seeds:
                spreads = [spread(own) for own in numbers]
                error = np.nan_to_num([one.deviation for one in spreads])
                _draw_means(axes, x, [one.mean for one in spreads], error, colour(k))
        axes.set_ylabel(self.quantity.words[:1].upper() + self.quantity.words[1:])
        axes.set_title("mean and standard deviation" if self.plan.seeds else "", size=TITLE_SIZE)
        _label(axes, coordinate)

    def _draw_differences(self, axes: Axes, coordinate: Coordinate) -> None:
        in_percent = all(np.isfinite(one.percent.mean) for one in self.compared)
        for k, curve in enumerate(self.curves):
            own = [one for one in self.compared if tuple(one.others.values()) == curve]
            x = np.array([coordinate.places[one.point] for one in own]) + self._shift(coordinate, k)
            factor = 1.0 if in_percent else self.quantity.factor
            spreads = [one.percent if in_percent else one.difference for one in own]
            error = factor * np.nan_to_num([one.error for one in spreads])
            _draw_means(axes, x, [factor * one.mean for one in spreads], error, colour(k))
        axes.axhline(0, color=GREY, lw=0.8, zorder=0)
        axes.set_ylabel("Change (%)" if in_percent else f"Change of {self.quantity.words}")
        title = f"against {typeset(self.compared[0].against)}; standard error"
        axes.set_title(title, size=TITLE_SIZE)
        _label(axes, coordinate)

    def _add_legend(self, figure: Figure) -> None:
        if len(self.curves) < 2:
            return
        named = [
            Line2D([], [], marker="s", ms=4, ls="none", color=colour(k), label=typeset(", ".join(curve)))
            for k, curve in enumerate(self.curves[:MOST_NAMED])
        ]
        figure.legend(handles=named, loc="outside lower center", ncols=min(len(named), 4))


def _draw_means(axes: Axes, x: Floats, means: Sequence[float], error: Floats, shade: str) -> None:
    axes.errorbar(x, means, yerr=error, fmt="_", ms=9, mew=1.5, elinewidth=0.8, capsize=2, color=shade)


def _label(axes: Axes, coordinate: Coordinate) -> None:
    axes.set_xlabel(plain(coordinate.label))
    if not coordinate.is_number:
        names = [typeset(name) for name in coordinate.places]
        is_long = sum(map(len, names)) > LONGEST
        axes.set_xticks(list(coordinate.places.values()), names, size=7, rotation=30 if is_long else 0)
        axes.set_xlim(-0.5, max(len(names), 1) - 0.5)
