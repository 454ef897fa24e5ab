"""Several runs side by side: their fronts on the same scales."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from fem_model.base.atomic import make_folder
from fem_model.base.units import readable
from fem_model.plot.palette import material_colours
from fem_model.plot.saving import save_figure
from fem_model.plot.style import STYLE, time_unit, typeset
from fem_model.post.analysis import Analysis
from fem_model.post.domain_picture import STRIP, Frame, extent, frame_of, framed, share_shown
from fem_model.post.front_picture import ROW, columns, draw_fronts, front_keys, time_shades
from fem_model.post.fronts import highest
from fem_model.record.observables.lithium import LI_SHARE

WIDTH = 7.2
"""Width of the page, inches: that of a page with two columns of text."""
PAGE, TALLEST, LARGEST = 8.4, 4.2, 3.0
"""Largest height of all rows of domains together, and height and width of a domain on paper, inches."""
IN_A_ROW = 3
"""Panels side by side, at most."""
LEFT, RIGHT, GAP, BELOW = 0.5, 0.75, 0.2, 0.45
"""Margins, and the gap between panels, inches."""
TITLE, TITLE_LINE, LETTER = 7.5, 0.145, 0.056
"""Size of the titles in points; height of a line and width of a letter, inches."""


@rc_context(STYLE)
def draw_comparison(analyses: Sequence[Analysis]) -> Figure:
    """The fronts of several runs, one panel each, with one scale of lengths and one of times."""
    return Comparison(analyses).draw()


def save_comparison(analyses: Sequence[Analysis], folder: Path, *, pdf: bool = False) -> list[Path]:
    """Write the picture `compare` into a folder, which is made if need be, and return its paths."""
    make_folder(folder)
    return save_figure(draw_comparison(analyses), folder / "compare", pdf=pdf)


def numbers(analysis: Analysis) -> list[str]:
    """Tip and share of the grown lithium in each electrolyte at the end, and the time of a short circuit."""
    run, lines = analysis.run, []
    tips = highest(analysis.attached[-1], run.mesh.material, len(run.names))
    for name, tip in zip(run.names, tips, strict=True):
        share = analysis.series(LI_SHARE.of(name).name)
        of = "" if share is None or len(run.names) == 1 else f", {100 * share[-1]:.0f} % of the Li"
        lines.append(f"{name}: {f'tip at {tip:.1f} µm' if tip > 0 else 'not reached'}{of}")
    short = (run.summary or {}).get("time_to_short_s")
    return lines if short is None else [*lines, f"short circuit after {readable(short, 's', 3)}"]


@dataclass(frozen=True)
class Comparison:
    """Layout of the panels on the page."""

    analyses: Sequence[Analysis]

    @cached_property
    def rows(self) -> int:
        """Rows of panels."""
        return -(-len(self.analyses) // IN_A_ROW)

    @cached_property
    def across(self) -> int:
        """Panels in a full row."""
        return -(-len(self.analyses) // self.rows)

    @cached_property
    def shares(self) -> list[float]:
        """The share of each domain that is shown: of all the same height, as far as there is lithium."""
        runs = [analysis.run for analysis in self.analyses]
        depths = [top - bottom for _, _, bottom, top in map(extent, runs)]
        shown = max(share_shown(run) * depth for run, depth in zip(runs, depths, strict=True))
        return [min(shown / depth, 1.0) for depth in depths]

    @cached_property
    def frames(self) -> list[Frame]:
        """Parts of the domains that are shown, at a scale such that the largest fits."""
        room = min(LARGEST, (WIDTH - LEFT - RIGHT - GAP * (self.across - 1)) / self.across)
        height = min(TALLEST, PAGE / self.rows)
        pairs = [(analysis.run, share) for analysis, share in zip(self.analyses, self.shares, strict=True)]
        scale = min(frame_of(run, room, height, share).scale for run, share in pairs)
        return [framed(run, scale, share) for run, share in pairs]

    @cached_property
    def cell(self) -> tuple[float, float]:
        """Width and height of the largest panel, inches."""
        return max(frame.size[0] for frame in self.frames), max(frame.size[1] for frame in self.frames)

    @cached_property
    def parts(self) -> list[list[str]]:
        """The titles of the cases, without what stands in all of them between commas."""
        titles = [analysis.run.case.title.split(", ") for analysis in self.analyses]
        own = [[part for part in title if part not in self.common] for title in titles]
        names = [analysis.run.folder.name for analysis in self.analyses]
        return [part or [name] for part, name in zip(own, names, strict=True)]

    @cached_property
    def common(self) -> list[str]:
        """Text common to all titles."""
        first, *others = (analysis.run.case.title.split(", ") for analysis in self.analyses)
        return [part for part in first if part and all(part in other for other in others)]

    @cached_property
    def titles(self) -> list[str]:
        """Titles of the panels: letter and title, tips and shares of lithium, a short circuit."""
        letters = int(self.cell[0] / LETTER)
        found = []
        for k, (analysis, parts) in enumerate(zip(self.analyses, self.parts, strict=True)):
            lines = [f"({chr(97 + k)}) {', '.join(parts)}", *numbers(analysis)]
            wrapped = (textwrap.fill(line, letters, subsequent_indent="   ") for line in lines)
            found.append(typeset("\n".join(wrapped)))
        return found

    @cached_property
    def colours(self) -> dict[str, str]:
        """The colours of the electrolytes of all runs."""
        return material_colours(sorted({name for one in self.analyses for name in one.run.names}))

    def draw(self) -> Figure:
        """The figure."""
        keys = front_keys(self.analyses, self.colours)
        body = self.across * self.cell[0] + (self.across - 1) * GAP
        top = 0.02 + (ROW if self.common else 0.0)
        head = ROW * -(-len(keys) // columns(keys, body)) + 0.08 + top
        pitch = BELOW + self.cell[1] + TITLE_LINE * (1 + max(t.count("\n") for t in self.titles)) + 0.06
        size = LEFT + body + RIGHT, self.rows * pitch + head
        figure = Figure(figsize=size)
        number = columns(keys, body)
        corner = LEFT / size[0], 1 - top / size[1]
        figure.text(corner[0], 1 - 0.03 / size[1], typeset(", ".join(self.common)), va="top")
        figure.legend(handles=keys, loc="upper left", bbox_to_anchor=corner, ncols=number, borderpad=0.0)
        self._draw_panels(figure, pitch)
        self._draw_bar(figure, body, pitch)
        return figure

    def _draw_panels(self, figure: Figure, pitch: float) -> None:
        seconds = self._time[1]
        for k, analysis in enumerate(self.analyses):
            row, column = divmod(k, self.across)
            bottom = (self.rows - 1 - row) * pitch + BELOW
            axes = self.frames[k].axes(figure, LEFT + column * (self.cell[0] + GAP), bottom)
            draw_fronts(axes, analysis, time_shades(self.end / seconds), seconds, self.colours)
            axes.set_title(self.titles[k], fontsize=TITLE, loc="left", pad=3, linespacing=1.3)
            if column:
                axes.set(ylabel="", yticklabels=[])

    def _draw_bar(self, figure: Figure, body: float, pitch: float) -> None:
        """The bar of times, as high as the domains of the upper row."""
        width, height = figure.get_size_inches()
        unit, seconds = self._time
        bottom = (self.rows - 1) * pitch + BELOW + STRIP
        place = (LEFT + body + 0.1) / width, bottom / height, 0.1 / width, (self.cell[1] - 2 * STRIP) / height
        bar = figure.colorbar(
            time_shades(self.end / seconds), cax=figure.add_axes(place), label=f"Time ({unit})"
        )
        bar.outline.set_visible(False)

    @cached_property
    def end(self) -> float:
        """The latest time of all runs, s."""
        return max(analysis.run.end for analysis in self.analyses)

    @property
    def _time(self) -> tuple[str, float]:
        return time_unit(self.end)
