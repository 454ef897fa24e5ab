"""Figure of a quantity over a sweep: members, means and spreads, and comparisons on the same grains."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_model.plot.style import GREY, STYLE, TITLE_SIZE, time_unit, typeset
from fem_model.post.front_picture import ROW, columns
from fem_model.sweep.coordinates import Coordinate, as_words, coordinates, label, name_numbers
from fem_model.sweep.curves import Curves
from fem_model.sweep.pairs import Comparison, Labels, Spread, groups, spread
from fem_model.sweep.plan import Plan, Quantity
from fem_model.sweep.results import Result
from fem_model.sweep.spacing import number_and_unit

PANEL = 3.0, 2.9
"""Width and height of a panel, inches."""
NAMES = 0.6
"""Further height for long names below a panel."""
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
    def curves(self) -> Curves:
        """Panels and curves."""
        return Curves(self.plan)

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
        there, keys = coordinates(self.plan), self.curves.keys
        has_pairs = not self.curves.axis and any(one.difference.count for one in self.compared)
        count = len(there) * len(self.curves.panels)
        width = PANEL[0] * (count + has_pairs) + 0.4
        in_a_row = columns(keys, width)
        rows = ceil(len(keys) / in_a_row) + bool(keys)
        height = PANEL[1] + NAMES * there[0].has_long_names + ROW * rows
        figure = Figure(figsize=(width, height), layout="constrained")
        share = bool(self.curves.axis)
        panels = figure.subplots(1, count + has_pairs, squeeze=False, sharey=share)[0]
        for axes, (panel, coordinate) in zip(panels, product(self.curves.panels, there), strict=False):
            self._draw_values(axes, coordinate, panel)
        self._finish_values(panels[:count])
        if has_pairs:
            self._draw_differences(panels[-1], there[0])
        figure.suptitle(typeset(self.plan.file.title), size=TITLE_SIZE)
        if keys:
            figure.legend(handles=keys, title=self.curves.title, loc="outside lower center", ncols=in_a_row)
        return figure

    def _shift(self, coordinate: Coordinate, curve: int) -> float:
        """Distance of a curve from the place of its point: curves stand side by side at names."""
        return 0.0 if coordinate.is_number else WIDTH * ((curve + 0.5) / len(self.curves.names) - 0.5)

    def _draw_values(self, axes: Axes, coordinate: Coordinate, panel: str) -> None:
        counts: dict[float, list[Spread]] = {}
        for k, curve in enumerate(self.curves.names):
            means, shade = dict[float, float](), self.curves.shade(k)
            for labels, values in self.found.items():
                if self.curves.split(labels) != (panel, curve):
                    continue
                place = coordinate.places[labels[0]] if labels else 0.0
                own = self.scale[1] * np.array(list(values.values()))
                counts.setdefault(place, []).append(spread(own))
                known, x = own[np.isfinite(own)], place + self._shift(coordinate, k)
                means[x] = counts[place][-1].mean
                axes.plot(np.full(len(known), x), known, "o", ms=3, mfc="none", mec=shade, mew=0.6)
                if self.plan.seeds and len(known):
                    _draw_mean(axes, x, counts[place][-1], counts[place][-1].deviation, shade)
            if coordinate.is_number and self.plan.varied[0] in self.plan.compared:
                _join(axes, means, shade, self.curves.width(k))
        axes.set_ylabel(label(self.quantity.words, self.scale[0]))
        first = "mean and standard deviation" if self.plan.seeds else ""
        _finish(axes, coordinate, [panel, first, _of_how_many(counts, "members have it")], counts)

    def _finish_values(self, panels: Sequence[Axes]) -> None:
        """Give the panels of the values their common vertical axis, logarithmic for ratios, and the marks."""
        for axes in panels:
            if self.quantity.over and all(value > 0 for one in self.results for value in self._own(one)):
                axes.set_yscale("log")
                low, high = axes.get_ylim()
                name_numbers(axes.yaxis, high / low)
            for name, mark in self.plan.file.figure.marks.items():
                _draw_mark(axes, name, mark)
            if self.curves.axis:
                axes.label_outer()

    def _draw_differences(self, axes: Axes, coordinate: Coordinate) -> None:
        in_percent = all(one.percent.count == one.difference.count for one in self.compared)
        factor, counts = 1.0 if in_percent else self.scale[1], dict[float, list[Spread]]()
        for one in self.compared:
            k = self.curves.names.index(tuple(one.others.values()))
            change = one.percent if in_percent else one.difference
            place = coordinate.places[one.point]
            counts.setdefault(place, []).append(one.difference)
            if change.count:
                x = place + self._shift(coordinate, k)
                _draw_mean(axes, x, change, change.error, self.curves.shade(k), factor)
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


def _join(axes: Axes, means: Mapping[float, float], shade: str, width: float) -> None:
    """Join means along numbers; those that are not known interrupt the line."""
    x = sorted(means)
    axes.plot(x, [means[one] for one in x], "-", color=shade, lw=width, zorder=1 + width)


def _draw_mark(axes: Axes, name: str, mark: str) -> None:
    """Draw a vertical line at a value of the first axis, with its name."""
    place, _ = number_and_unit(mark) or (np.nan, "")
    axes.axvline(place, color=GREY, lw=0.8, ls=":", zorder=0)
    text = axes.text(place, 0.98, typeset(name), transform=axes.get_xaxis_transform(), size=SMALL)
    text.set(rotation=90, ha="right", va="top", color=GREY)


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
