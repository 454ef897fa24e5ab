"""The picture of the front: contours by time over the electrolytes, between the electrodes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.tri import Triangulation

from fem_model.post.contour import FrontLine, find_front
from fem_model.post.load import Integers, Run
from fem_model.post.style import ELECTRODE, GREY, LITHIUM, pale, plain, time_colours, time_unit

BOX = (5.0, 4.2)
"""Largest width and height of the domain on paper, inches."""
LEAST_WIDTH = 4.4
"""Width that a caption needs, inches."""
STRIP = 0.18
"""Height of an electrode on paper, inches."""
LEFT, RIGHT, BELOW = 0.6, 0.95, 0.45
"""Margins around domain and electrodes, inches; the bar of times stands in the right one."""
KEY, LETTER, ROW = 0.5, 0.062, 0.18
"""Legend: width of a sample with its gaps, of a letter, and height of a row, inches."""
CUT_OFF: Final = (0, (1, 1))
"""Dots, for lithium that is cut off from the anode."""


@dataclass(frozen=True)
class FrontPicture:
    """The fronts of a run, found once, and their place on paper."""

    run: Run

    @cached_property
    def fronts(self) -> list[tuple[FrontLine, ...]]:
        """The front at each output."""
        run = self.run
        return [find_front(run.points, run.cells, run.field("xi", k)) for k in range(len(run.times))]

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom and top of the domain, µm."""
        (left, bottom), (right, top) = self.run.points.min(axis=0), self.run.points.max(axis=0)
        return float(left), float(right), float(bottom), float(top)

    @cached_property
    def scale(self) -> float:
        """Inches on paper per µm."""
        left, right, bottom, top = self.extent
        return min(BOX[0] / (right - left), BOX[1] / (top - bottom))

    @cached_property
    def box(self) -> tuple[float, float]:
        """Width and height of domain and electrodes on paper, inches."""
        left, right, bottom, top = self.extent
        return self.scale * (right - left), self.scale * (top - bottom) + 2 * STRIP

    @cached_property
    def keys(self) -> list[Patch | Line2D]:
        """The entries of the legend."""
        keys: list[Patch | Line2D] = [
            Patch(facecolor=pale(k), label=plain(name)) for k, name in enumerate(self.run.names)
        ]
        keys.append(Patch(facecolor=LITHIUM, label="lithium at the start"))
        if not all(line.attached for front in self.fronts for line in front):
            keys.append(Line2D([], [], color=GREY, linestyle=CUT_OFF, label="cut off from the anode"))
        return keys

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that the picture takes, inches."""
        width = max(LEFT + self.box[0] + RIGHT, LEAST_WIDTH)
        rows = -(-len(self.keys) // self._columns(width))
        return width, BELOW + self.box[1] + ROW * rows + 0.05

    def draw(self, figure: Figure, foot: float) -> None:
        """Draw onto a figure, `foot` inches above its lower edge."""
        page = figure.get_size_inches()
        left = LEFT + (page[0] - LEFT - self.box[0] - RIGHT) / 2
        corner, size = np.array([left, foot + BELOW]) / page, np.array(self.box) / page
        axes = figure.add_axes((*corner, *size))
        self._draw_materials(axes)
        self._draw_start(axes)
        times = self._draw_fronts(axes)
        self._draw_electrodes(axes)
        strip, gap, thick = STRIP / page[1], 0.12 / page[0], 0.11 / page[0]
        place = (corner[0] + size[0] + gap, corner[1] + strip, thick, size[1] - 2 * strip)
        unit = time_unit(float(self.run.times[-1]))[0]
        bar = figure.colorbar(times, cax=figure.add_axes(place), label=f"Time ({unit})")
        bar.outline.set_visible(False)
        above = (LEFT / page[0], corner[1] + size[1])
        columns = self._columns(page[0])
        figure.legend(handles=self.keys, loc="lower left", bbox_to_anchor=above, ncols=columns, borderpad=0.3)
        axes.set(xlabel="x (µm)", ylabel="y (µm)")

    def _columns(self, width: float) -> int:
        longest = max(len(str(key.get_label())) for key in self.keys)
        return max(1, int((width - LEFT) / (KEY + LETTER * longest)))

    @cached_property
    def _triangles(self) -> Triangulation:
        x, y = self.run.points.T
        return Triangulation(x, y, self.run.cells)

    def _draw_materials(self, axes: Axes) -> None:
        """Pale areas, as pixels also in vector files, with thin lines where electrolytes meet."""
        count = len(self.run.names)
        axes.tripcolor(
            self._triangles,
            facecolors=self.run.material,
            cmap=ListedColormap([pale(k) for k in range(count)]),
            norm=Normalize(-0.5, count - 0.5),
            antialiased=False,
            rasterized=True,
        )
        axes.add_collection(
            LineCollection(list(self.run.points[_seams(self.run)]), colors="white", linewidths=0.8)
        )

    def _draw_start(self, axes: Axes) -> None:
        xi = self.run.field("xi", 0)
        if xi.max() > 0.5:
            axes.tricontourf(self._triangles, xi, levels=[0.5, max(1.0, xi.max())], colors=[LITHIUM])

    def _draw_fronts(self, axes: Axes) -> ScalarMappable:
        """One collection of lines for each output; the colours of the times."""
        seconds = time_unit(float(self.run.times[-1]))[1]
        times = self.run.times / seconds
        shades = ScalarMappable(Normalize(0.0, times[-1] or 1.0), time_colours())
        for k, front in enumerate(self.fronts):
            axes.add_collection(_collection(front, shades.to_rgba(times[k]), f"front {k}"))
        return shades

    def _draw_electrodes(self, axes: Axes) -> None:
        """Strips below and above the domain, with their names."""
        left, right, bottom, top = self.extent
        strip = STRIP / self.scale
        axes.set(xlim=(left, right), ylim=(bottom - strip, top + strip))
        for y, name in ((bottom - strip, "anode (Li)"), (top, "counter electrode")):
            axes.add_patch(Rectangle((left, y), right - left, strip, facecolor=ELECTRODE, edgecolor="none"))
            middle = (left + right) / 2, y + strip / 2
            axes.text(*middle, name, ha="center", va="center_baseline", fontsize=7)
        axes.spines[:].set_visible(False)
        axes.set_yticks([y for y in axes.get_yticks() if bottom <= y <= top])


def _collection(front: tuple[FrontLine, ...], shade: Any, name: str) -> LineCollection:
    styles: list[Any] = ["solid" if line.attached else CUT_OFF for line in front]
    return LineCollection(
        [line.points for line in front],
        colors=[shade],
        linewidths=1.1,
        linestyles=styles or "solid",
        gid=name,
    )


def _seams(run: Run) -> Integers:
    """Edges (n, 2) between cells of different electrolytes."""
    edges = np.sort(run.cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    material = np.repeat(run.material, 3)
    order = np.lexsort(edges.T)
    first, second = order[:-1], order[1:]
    seam = (edges[first] == edges[second]).all(axis=1) & (material[first] != material[second])
    return edges[first[seam]]
