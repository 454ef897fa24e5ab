"""The ground of every map: the domain between its electrodes, its electrolytes and grains."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.tri import Triangulation

from fem_model.post.analysis import Analysis
from fem_model.post.load import Run
from fem_model.post.style import ELECTRODE, LITHIUM, OUTLINE, pale

STRIP = 0.18
"""Height of an electrode on paper, inches."""


@dataclass(frozen=True)
class Frame:
    """The rectangle of the domain, µm, and its scale on paper, inches per µm."""

    left: float
    right: float
    bottom: float
    top: float
    scale: float
    upward: str = "y"
    """The axis that leads from the anode up."""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of domain and electrodes on paper, inches."""
        return self.scale * (self.right - self.left), self.scale * (self.top - self.bottom) + 2 * STRIP

    def axes(self, figure: Figure, left: float, bottom: float) -> Axes:
        """Axes of this size at this place on a page (inches), with the electrodes drawn."""
        page = figure.get_size_inches()
        corner, size = np.array([left, bottom]) / page, np.array(self.size) / page
        axes = figure.add_axes((*corner, *size))
        self._draw_electrodes(axes)
        axes.set(xlabel="x (µm)", ylabel=f"{self.upward} (µm)")
        return axes

    def _draw_electrodes(self, axes: Axes) -> None:
        """Strips below and above the domain, with their names."""
        strip = STRIP / self.scale
        axes.set(xlim=(self.left, self.right), ylim=(self.bottom - strip, self.top + strip))
        middle = (self.left + self.right) / 2
        for y, name in ((self.bottom - strip, "anode (Li)"), (self.top, "counter electrode")):
            width = self.right - self.left
            axes.add_patch(Rectangle((self.left, y), width, strip, facecolor=ELECTRODE, edgecolor="none"))
            axes.text(middle, y + strip / 2, name, ha="center", va="center_baseline", fontsize=7)
        axes.spines[:].set_visible(False)
        axes.set_yticks([y for y in axes.get_yticks() if self.bottom <= y <= self.top])


def extent(run: Run) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of the domain, µm."""
    (left, bottom), (right, top) = run.points.min(axis=0), run.points.max(axis=0)
    return float(left), float(right), float(bottom), float(top)


def frame_of(run: Run, width: float, height: float) -> Frame:
    """The domain of a run as large as it fits into this width and height, inches."""
    left, right, bottom, top = extent(run)
    scale = min(width / (right - left), height / (top - bottom))
    return Frame(left, right, bottom, top, scale, run.upward)


def triangles(run: Run) -> Triangulation:
    """The mesh as matplotlib wants it."""
    x, y = run.points.T
    return Triangulation(x, y, run.cells)


def draw_materials(axes: Axes, run: Run, colours: Mapping[str, int]) -> None:
    """Pale areas, as pixels also in vector files; `colours` numbers the electrolytes."""
    shades = [pale(colours[name]) for name in run.names]
    axes.tripcolor(
        triangles(run),
        facecolors=run.material,
        cmap=ListedColormap(shades),
        norm=Normalize(-0.5, len(shades) - 0.5),
        antialiased=False,
        rasterized=True,
    )


def draw_grains(axes: Axes, analysis: Analysis, shade: str = OUTLINE) -> None:
    """A thin line where grains meet."""
    lines = list(analysis.boundaries.corners)
    axes.add_collection(LineCollection(lines, colors=shade, linewidths=0.4, zorder=1, gid="grains"))


def draw_lithium(axes: Axes, run: Run, output: int) -> None:
    """The lithium at an output, filled."""
    xi = run.field("xi", output)
    if xi.max() > 0.5:
        axes.tricontourf(triangles(run), xi, levels=[0.5, max(1.0, xi.max())], colors=[LITHIUM])
