"""The ground of every map: the domain between its electrodes, its electrolytes and grains."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import Triangulation

from fem_model.plot.style import ELECTRODE, LITHIUM, OUTLINE, grain_tints, reacted
from fem_model.post.analysis import Analysis
from fem_model.post.load import Run
from fem_model.post.mesh import Mesh

STRIP = 0.18
"""Height of an electrode on paper, inches."""


REACH, NEARLY, LEAST = 1.3, 0.75, 0.3
"""Height shown over that of the lithium; as a share of the depth, the most that is cut, and the least."""


@dataclass(frozen=True)
class Frame:
    """The rectangle of the domain that is shown, µm, and its scale on paper, inches per µm."""

    left: float
    right: float
    bottom: float
    top: float
    scale: float
    upward: str = "y"
    """The axis that leads from the anode up."""
    counter: float | None = None
    """Height of the counter electrode if that is not shown."""

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
        middle, width = (self.left + self.right) / 2, self.right - self.left
        far = "counter electrode" if self.counter is None else f"counter electrode at {self.counter:g} µm"
        shade = ELECTRODE if self.counter is None else "white"
        for y, name, face in ((self.bottom - strip, "anode (Li)", ELECTRODE), (self.top, far, shade)):
            patch = Rectangle((self.left, y), width, strip, facecolor=face, edgecolor="none", zorder=5)
            axes.add_patch(patch)
            axes.text(middle, y + strip / 2, name, ha="center", va="center_baseline", fontsize=7, zorder=6)
        axes.spines[:].set_visible(False)
        ticks = MaxNLocator(steps=[1, 2, 5, 10]).tick_values(self.bottom, self.top)
        axes.set_yticks([y for y in ticks if self.bottom <= y <= self.top])


def extent(run: Run) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of the domain, µm."""
    (left, bottom), (right, top) = run.mesh.low, run.mesh.high
    return float(left), float(right), float(bottom), float(top)


def frame_of(run: Run, width: float, height: float, share: float = 1.0) -> Frame:
    """The domain of a run, the lower `share` of it, as large as it fits into this room, inches."""
    left, right, bottom, top = extent(run)
    return framed(run, min(width / (right - left), height / (share * (top - bottom))), share)


def framed(run: Run, scale: float, share: float = 1.0) -> Frame:
    """The domain of a run, the lower `share` of it, at this scale, inches per µm."""
    left, right, bottom, top = extent(run)
    shown = bottom + share * (top - bottom)
    return Frame(left, right, bottom, shown, scale, run.upward, None if share == 1 else top)


def share_shown(run: Run) -> float:
    """The share of the domain, from the anode on, that has lithium at some output, with some room; or all."""
    _, _, bottom, top = extent(run)
    highest = max(run.front_points(k)[:, -1].max(initial=bottom) for k in range(len(run.times)))
    share = max(REACH * (highest - bottom) / (top - bottom), LEAST)
    return share if share < NEARLY else 1.0


def triangles(mesh: Mesh) -> Triangulation:
    """A mesh as matplotlib wants it."""
    x, y = mesh.points.T
    return Triangulation(x, y, mesh.cells)


def draw_materials(axes: Axes, run: Run, colours: Mapping[str, str]) -> None:
    """Pale grains, darker where they have reacted, as pixels also in vector files."""
    mesh = run.mesh
    tints = np.empty((len(mesh.cells), 3))
    for k, name in enumerate(run.names):
        tints[mesh.material == k] = grain_tints(colours[name], mesh.grain[mesh.material == k])
    if run.case.reactions:
        tints = reacted(tints, run.field("conversion", -1))
    cells = PolyCollection(list(mesh.points[mesh.cells]), facecolors=tints, rasterized=True, gid="materials")
    cells.set(antialiased=False, edgecolor="none")
    axes.add_collection(cells)


def draw_grains(axes: Axes, analysis: Analysis, shade: str = OUTLINE) -> None:
    """A thin line where grains meet."""
    lines = list(analysis.run.mesh.boundaries.corners)
    axes.add_collection(LineCollection(lines, colors=shade, linewidths=0.4, zorder=1, gid="grains"))


def draw_lithium(axes: Axes, run: Run, output: int, shade: str = LITHIUM) -> None:
    """The lithium at an output, filled."""
    xi = run.field("xi", output)
    if xi.max() > 0.5:
        axes.tricontourf(triangles(run.mesh_at(output)), xi, levels=[0.5, max(1.0, xi.max())], colors=[shade])
