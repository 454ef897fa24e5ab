"""Panels and curves of the figures of a sweep, by the axes beside the first."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
from dataclasses import dataclass
from functools import cached_property

from matplotlib.lines import Line2D

from fem_model.plot.palette import colour
from fem_model.plot.style import typeset
from fem_model.sweep.coordinates import as_words
from fem_model.sweep.pairs import Labels
from fem_model.sweep.plan import Plan

MOST_NAMED = 12
"""Curves that have a place in the legend."""
STANDS_OUT = "#d50032"
"""Colour of the curves of `figure.curve`."""
THIN, THICK = 0.8, 2.2
"""Widths of lines, points."""


@dataclass(frozen=True)
class Curves:
    """Curves of a sweep, each along the first axis that varies."""

    plan: Plan

    @property
    def axis(self) -> str:
        """Axis whose points have a panel each; empty if all curves are in one panel."""
        return self.plan.file.figure.panels

    @cached_property
    def panels(self) -> list[str]:
        """Names of the panels; a single empty one if all curves are in one."""
        return [point.label for point in self.plan.file.axes[self.axis].points()] if self.axis else [""]

    @cached_property
    def names(self) -> list[Labels]:
        """Names of the curves in the order of the members."""
        rows = [tuple(one.labels[axis] for axis in self.plan.varied) for one in self.plan.members]
        return list(dict.fromkeys(self.split(labels)[1] for labels in rows))

    def split(self, labels: Labels) -> tuple[str, Labels]:
        """Panel and name of the curve of a member with these labels of the axes that vary."""
        others = dict(zip(self.plan.varied[1:], labels[1:], strict=True))
        return others.pop(self.axis, ""), tuple(others.values())

    def shade(self, curve: int) -> str:
        """Colour of a curve."""
        return STANDS_OUT if self._stands_out(curve) else colour(curve)

    def width(self, curve: int) -> float:
        """Width of the line of a curve, points."""
        return THICK if self._stands_out(curve) else THIN

    def _stands_out(self, curve: int) -> bool:
        return self.plan.file.figure.curve in self.names[curve]

    @property
    def title(self) -> str:
        """Title of the legend: the axes that tell curves apart."""
        return typeset(", ".join(as_words(axis) for axis in self.plan.varied[1:] if axis != self.axis))

    @cached_property
    def keys(self) -> list[Line2D]:
        """Entries of the legend; none for a single curve."""
        return [
            Line2D([], [], marker="s", ms=4, ls="none", color=self.shade(k), label=typeset(", ".join(name)))
            for k, name in enumerate(self.names[:MOST_NAMED])
            if len(self.names) > 1
        ]
