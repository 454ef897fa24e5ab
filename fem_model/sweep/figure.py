"""Figure of a quantity over a sweep: members, means and spreads, and comparisons on the same grains."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE, time_unit, typeset
from fem_model.post.front_picture import ROW, columns
from fem_model.sweep.coordinates import Coordinate, as_words, coordinates, label
from fem_model.sweep.pairs import Comparison, Labels, Spread, groups, spread
from fem_model.sweep.plan import Plan, Quantity
from fem_model.sweep.results import Result

PANEL = 3.0, 2.9
"""Width and height of a panel, inches."""
NAMES = 0.6
"""Further height for long names below a panel."""
MOST_NAMED = 12
"""Curves that have a place in the legend."""
SMALL, LETTERS = 7.5, 46
"""Size of the lines above a panel, points, and their letters."""
WIDTH = 0.5
"""Share of the distance between two names within which the members of both are spread."""

Counts = Mapping[float, Sequence[Spread]]
"""Numbers that are known at each place, by curve."""


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
        """Values by the labels of the axes that vary, then of those that repeat; NaN where there is none."""
        return groups(self.plan, self.results, self.quantity.label)

    @cached_property
    def all(self) -> Spread:
        """All members together."""
        return spread(np.array([value for values in self.found.values() for value in values.values()]))

    @cached_property
    def curves(self) -> list[Labels]:
        """Labels of the axes that vary beside the first, in the order of the members."""
        return list(dict.fromkeys(labels[1:] for labels in self.found))

    @cached_property
    def keys(self) -> list[Line2D]:
        """Entries of the legend; none for a single curve."""
        return [
            Line2D([], [], marker="s", ms=4, ls="none", color=colour(k), label=typeset(", ".join(curve)))
            for k, curve in enumerate(self.curves[:MOST_NAMED])
            if len(self.curves) > 1
        ]

    @cached_property
    def scale(self) -> tuple[str, float]:
        """Unit of the figure, and what values are multiplied by: times are in hours if they are long."""
        if self.quantity.unit != "s":
            return self.quantity.unit, self.quantity.factor
        unit, seconds = time_unit(max(abs(value) for one in self.results for value in self._own(one)))
        return unit, 1 / seconds

    def _own(self, result: Result) -> Iterator[float]:
        """The value of a member, if it has one."""
        if self.quantity.label in result.values:
            yield result.values[self.quantity.label]

    @rc_context(STYLE)
    def draw(self) -> Figure:
        """The figure; at least one member must have the quantity."""
        there = coordinates(self.plan)
        has_pairs = any(one.difference.count for one in self.compared)
        count = len(there) + has_pairs
        width = PANEL[0] * count + 0.4
        in_a_row = columns(self.keys, width)
        rows = ceil(len(self.keys) / in_a_row)
        height = PANEL[1] + NAMES * there[0].has_long_names + ROW * rows
        figure = Figure(figsize=(width, height), layout="constrained")
        panels = figure.subplots(1, count, squeeze=False)[0]
        for axes, coordinate in zip(panels, there, strict=False):
            self._draw_values(axes, coordinate)
        if has_pairs:
            self._draw_differences(panels[-1], there[0])
        figure.suptitle(typeset(self.plan.file.title), size=TITLE_SIZE)
        if self.keys:
            figure.legend(handles=self.keys, loc="outside lower center", ncols=in_a_row)
        return figure

    def _shift(self, coordinate: Coordinate, curve: int) -> float:
        """Distance of a curve from the place of its point: curves stand side by side at names."""
        return 0.0 if coordinate.is_number else WIDTH * ((curve + 0.5) / len(self.curves) - 0.5)

    def _draw_values(self, axes: Axes, coordinate: Coordinate) -> None:
        counts: dict[float, list[Spread]] = {}
        for k, curve in enumerate(self.curves):
            for labels, values in self.found.items():
                if labels[1:] != curve:
                    continue
                place = coordinate.places[labels[0]] if labels else 0.0
                own = self.scale[1] * np.array(list(values.values()))
                counts.setdefault(place, []).append(spread(own))
                known, x = own[np.isfinite(own)], place + self._shift(coordinate, k)
                axes.plot(np.full(len(known), x), known, "o", ms=3, mfc="none", mec=colour(k), mew=0.6)
                if self.plan.seeds and len(known):
                    _draw_mean(axes, x, counts[place][-1], counts[place][-1].deviation, colour(k))
        axes.set_ylabel(label(self.quantity.words, self.scale[0]))
        first = "mean and standard deviation" if self.plan.seeds else ""
        _finish(axes, coordinate, [first, _of_how_many(counts, "members have it")], counts)

    def _draw_differences(self, axes: Axes, coordinate: Coordinate) -> None:
        in_percent = all(one.percent.count == one.difference.count for one in self.compared)
        factor, counts = 1.0 if in_percent else self.scale[1], dict[float, list[Spread]]()
        for one in self.compared:
            k = self.curves.index(tuple(one.others.values()))
            change = one.percent if in_percent else one.difference
            place = coordinate.places[one.point]
            counts.setdefault(place, []).append(one.difference)
            if change.count:
                x = place + self._shift(coordinate, k)
                _draw_mean(axes, x, change, change.error, colour(k), factor)
        against = self.compared[0].against
        axes.axhline(0, color=GREY, lw=0.8, zorder=0)
        axes.plot(coordinate.places[against], 0, "D", ms=4, color=GREY)
        axes.set_ylabel(label("change", "%" if in_percent else self.scale[0]))
        first = f"against {as_words(self.compared[0].axis)} {against} (diamond)"
        error = "same grains, standard error" if self.plan.seeds else ""
        notes = [note for note in (error, _of_how_many(counts, "pairs")) if note]
        _finish(axes, coordinate, [first, "; ".join(notes)], counts)


def _draw_mean(axes: Axes, x: float, one: Spread, error: float, shade: str, factor: float = 1.0) -> None:
    mean, bar = factor * one.mean, factor * np.nan_to_num(error)
    axes.errorbar(x, mean, yerr=bar, fmt="_", ms=9, mew=1.5, elinewidth=0.8, capsize=2, color=shade)


def _sums(counts: Counts) -> dict[float, tuple[int, int]]:
    """Numbers that are known at a place, and that there would be."""
    return {x: (sum(one.count for one in found), sum(one.of for one in found)) for x, found in counts.items()}


def _of_how_many(counts: Counts, what: str) -> str:
    """Number of those that are known, of how many; empty if all are."""
    known, there = (sum(numbers) for numbers in zip(*_sums(counts).values(), strict=True))
    none = "" if all(count for count, _ in _sums(counts).values()) else " (× none)"
    return f"{known} of {there} {what}{none}" if known < there else ""


def _finish(axes: Axes, coordinate: Coordinate, lines: Sequence[str], counts: Counts) -> None:
    """Give a panel its title and its axis, and say above each place how many of its numbers are known."""
    coordinate.scale(axes)
    few = {place: both for place, both in _sums(counts).items() if both[0] < both[1]}
    for place, (count, of) in few.items():
        text, above = f"{count}/{of}" if count else "×", axes.get_xaxis_transform()
        axes.text(place, 1.0, text, transform=above, ha="center", va="bottom", size=SMALL, color=GREY)
    wrapped = [textwrap.fill(typeset(line), LETTERS, break_long_words=False) for line in lines if line]
    axes.set_title("\n".join(wrapped), size=SMALL, pad=10 if few else 6)
