"""Coordinates of the figures of a sweep: places along its first axis, by number or by name."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from fem_model.case.base import Key
from fem_model.plot.style import typeset
from fem_model.sweep.axes import Point, Range, Samples
from fem_model.sweep.plan import Plan
from fem_model.sweep.spacing import number_and_unit

LONGEST = 36
"""Letters of all names below a panel up to which they stand upright."""
LINE = 20
"""Letters of a line of a name."""
MARGIN = 0.06
"""Share of an axis beyond its places, at each end."""
DECADE_TICKS = 1, 2, 5
WIDE = 5.0
"""Ratio of the ends of a logarithmic axis from which on its ticks are DECADE_TICKS."""
CROWDED = 1e3
"""Ratio from which on only decades have ticks."""


@dataclass(frozen=True)
class Coordinate:
    """Places along an axis of a sweep: by number, or by name, one after the other."""

    label: str
    places: Mapping[str, float]
    """Place by the label of a point."""
    is_number: bool
    is_log: bool = False

    def scale(self, axes: Axes) -> None:
        """Give a panel its horizontal axis: all places are on it, also those at which nothing is drawn."""
        axes.set_xlabel(self.label)
        if not self.is_number:
            self._name(axes)
            return
        low, high = min(self.places.values()), max(self.places.values())
        if self.is_log:
            axes.set_xscale("log")
            name_numbers(axes.xaxis, high / low)
            edge = (high / low) ** MARGIN
            axes.set_xlim(low / edge, high * edge)
        else:
            is_whole = all(place.is_integer() for place in self.places.values())
            axes.xaxis.set_major_locator(MaxNLocator("auto", integer=is_whole))
            edge = MARGIN * (high - low) or 0.5
            axes.set_xlim(low - edge, high + edge)

    @property
    def has_long_names(self) -> bool:
        """True if names have no room beside each other below a panel."""
        return not self.is_number and sum(map(len, self.places)) > LONGEST

    def _name(self, axes: Axes) -> None:
        names = [textwrap.fill(typeset(name), LINE, break_long_words=False) for name in self.places]
        axes.set_xticks(list(self.places.values()), names, size=7)
        for text in axes.get_xticklabels() if self.has_long_names else ():
            text.set(rotation=30, ha="right", rotation_mode="anchor")
        axes.set_xlim(-0.5, max(len(names), 1) - 0.5)


def name_numbers(axis: Axis, width: float) -> None:
    """Give a logarithmic axis its ticks; `width` is the ratio of its ends."""
    subs = DECADE_TICKS if width < CROWDED else (1,)
    axis.set_major_locator(LogLocator(subs=subs) if width > WIDE else MaxNLocator(5))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def coordinates(plan: Plan) -> list[Coordinate]:
    """Coordinates of the first axis that varies: one for each key that takes numbers, else one by name."""
    if not plan.varied:
        return [Coordinate(f"{len(plan.members)} members", {}, is_number=False)]
    name = plan.varied[0]
    axis, points = plan.file.axes[name], plan.file.axes[name].points()
    is_log = isinstance(axis, Range | Samples) and axis.spacing == "log"
    keys = [change.key for change in points[0].changes] if plan.keys(name) else []
    found = []
    for k, key in enumerate(keys):
        words = as_words(name if len(keys) == 1 else _end(key))
        if numbers := _numbers(points, k):
            places, unit = numbers
            found.append(Coordinate(label(words, unit), places, True, is_log))
    by_name = {point.label: float(k) for k, point in enumerate(points)}
    return found or [Coordinate(label(as_words(name), ""), by_name, is_number=False)]


def _numbers(points: Sequence[Point], k: int) -> tuple[dict[str, float], str] | None:
    """Values of the k-th key by point, and their unit; None if they are no numbers of one unit."""
    parts = [number_and_unit(point.changes[k].value) for point in points]
    numbers = [part[0] for part in parts if part is not None]
    units = {part[1] for part in parts if part is not None}
    if len(numbers) < len(points) or len(units) > 1:
        return None
    return dict(zip([point.label for point in points], numbers, strict=True)), units.pop()


def _end(key: Key) -> str:
    """The last two names of a key: a section has its own R_ct or size."""
    names: list[str] = []
    for part in key:
        if isinstance(part, int):
            names[-1] += f"[{part}]"
        else:
            names.append(part)
    return " ".join(names[-2:])


def as_words(name: str) -> str:
    """A name without the signs between its words, but with those of subscripts: "front height", "R_ct"."""
    return re.sub(r"(?<=[^\W_]{2})_", " ", name)


def label(words: str, unit: str) -> str:
    """Label of an axis."""
    return typeset(words[:1].upper() + words[1:] + (f" ({unit})" if unit else ""))
