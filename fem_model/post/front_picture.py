"""The picture of the front: contours by time over the electrolytes, between the electrodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fem_model.plot.style import (
    FIRST_LITHIUM,
    GREY,
    LITHIUM,
    pale,
    plain,
    reacted,
    time_colours,
    time_unit,
)
from fem_model.post.analysis import Analysis
from fem_model.post.contour import FrontLine
from fem_model.post.domain_picture import (
    STRIP,
    Frame,
    draw_grains,
    draw_lithium,
    draw_materials,
    frame_of,
    share_shown,
)

BOX = (5.0, 4.8)
"""Largest width and height of the domain on paper, inches."""
LEAST_WIDTH = 4.4
"""Width that a caption needs, inches."""
LEFT, RIGHT, BELOW = 0.6, 0.95, 0.45
"""Margins around domain and electrodes, inches; the bar of colours stands in the right one."""
KEY, LETTER, ROW = 0.5, 0.062, 0.18
"""Legend: width of a sample with its gaps, of a letter, and height of a row, inches."""
THIN = 0.7
"""Width of the lines of fronts of which there are many, points."""
CUT_OFF: Final = (0, (1, 1))
"""Dots, for lithium that is isolated from the anode."""

Key = Patch | Line2D


@dataclass(frozen=True)
class MapPage:
    """A map of the domain on a page: room for it, for a bar of colours on its right and a legend above."""

    frame: Frame
    keys: Sequence[Key]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that the map takes, inches."""
        width = max(LEFT + self.frame.size[0] + RIGHT, LEAST_WIDTH)
        rows = -(-len(self.keys) // columns(self.keys, width - LEFT))
        return width, BELOW + self.frame.size[1] + ROW * rows + 0.05

    def axes(self, figure: Figure, foot: float) -> Axes:
        """The axes of the map, `foot` inches above the lower edge of the page, with the legend above."""
        width, height = figure.get_size_inches()
        left = LEFT + (width - LEFT - self.frame.size[0] - RIGHT) / 2
        above = LEFT / width, (foot + BELOW + self.frame.size[1]) / height
        number = columns(self.keys, width - LEFT)
        figure.legend(
            handles=list(self.keys), loc="lower left", bbox_to_anchor=above, ncols=number, borderpad=0.3
        )
        return self.frame.axes(figure, left, foot + BELOW)


def columns(keys: Sequence[Key], width: float) -> int:
    """Number of columns of a legend that fit into a width, inches."""
    widths = [KEY + LETTER * len(str(key.get_label())) for key in keys]
    for number in range(len(keys), 1, -1):
        if sum(column.max() for column in np.array_split(widths, number)) <= width:
            return number
    return 1


def draw_bar(axes: Axes, shades: ScalarMappable, label: str) -> None:
    """A bar of colours beside the domain, as high as it."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches()
    box, strip = axes.get_position(), STRIP / height
    place = (box.x1 + 0.12 / width, box.y0 + strip, 0.11 / width, box.height - 2 * strip)
    bar = figure.colorbar(shades, cax=figure.add_axes(place), label=label)
    bar.outline.set_visible(False)


@dataclass(frozen=True)
class FrontPicture:
    """The fronts of a run over its electrolytes."""

    analysis: Analysis

    @cached_property
    def page(self) -> MapPage:
        """Layout on the page."""
        keys = front_keys([self.analysis], self.analysis.run.colours)
        run = self.analysis.run
        return MapPage(frame_of(run, *BOX, share_shown(run)), keys)

    def draw(self, figure: Figure, foot: float) -> None:
        """Draw onto a figure, `foot` inches above its lower edge."""
        run = self.analysis.run
        axes = self.page.axes(figure, foot)
        unit, seconds = time_unit(run.end)
        shades = time_shades(run.end / seconds)
        draw_fronts(axes, self.analysis, shades, seconds, run.colours)
        draw_bar(axes, shades, f"Time ({unit})")


def time_shades(end: float) -> ScalarMappable:
    """Colours of the times from 0 to `end`."""
    return ScalarMappable(Normalize(0.0, end or 1.0), time_colours())


def material_keys(colours: Mapping[str, str]) -> list[Key]:
    """An entry of the legend for each electrolyte."""
    return [Patch(facecolor=pale(colour), label=plain(name)) for name, colour in colours.items()]


def front_keys(analyses: Sequence[Analysis], colours: Mapping[str, str]) -> list[Key]:
    """The entries of the legend for these runs, whose electrolytes have these colours."""
    keys = material_keys(colours)
    keys += _reaction_keys(analyses, colours)
    keys.append(Patch(facecolor=FIRST_LITHIUM, label="lithium at the start"))
    keys.append(Patch(facecolor=LITHIUM, label="lithium at the end"))
    fronts = [front for analysis in analyses for front in analysis.run.fronts]
    if not all(line.attached for front in fronts for line in front):
        keys.append(Line2D([], [], color=GREY, linestyle=CUT_OFF, label="isolated from the anode"))
    return keys


def _reaction_keys(analyses: Sequence[Analysis], colours: Mapping[str, str]) -> list[Key]:
    """An entry for each electrolyte that reacts, as it looks where all of it has."""
    names = {reaction.material for analysis in analyses for reaction in analysis.run.case.reactions}
    tints = {name: reacted(np.array([pale(colours[name])]), np.ones(1))[0] for name in sorted(names)}
    return [Patch(facecolor=tuple(tint), label=f"{plain(name)} that reacted") for name, tint in tints.items()]


def draw_fronts(
    axes: Axes, analysis: Analysis, shades: ScalarMappable, seconds: float, colours: Mapping[str, str]
) -> None:
    """Electrolytes, grains, lithium at the end and at the start, one collection of lines for each output.

    `seconds` is the unit of time of `shades`.
    """
    run = analysis.run
    draw_materials(axes, run, colours)
    draw_lithium(axes, run, -1)
    draw_lithium(axes, run, 0, FIRST_LITHIUM)
    draw_grains(axes, analysis)
    for k, front in enumerate(run.fronts):
        axes.add_collection(collection(front, shades.to_rgba(run.times[k] / seconds), f"front {k}", THIN))


def collection(front: tuple[FrontLine, ...], shade: Any, name: str, width: float = 1.1) -> LineCollection:
    """The lines of a front, dotted where the lithium is isolated from the anode; `width` in points."""
    styles: list[Any] = ["solid" if line.attached else CUT_OFF for line in front]
    return LineCollection(
        [line.points for line in front],
        colors=[shade],
        linewidths=width,
        linestyles=styles or "solid",
        gid=name,
    )
