"""The picture of the toughness: what the boundaries between grains resist to lithium, and where it went."""

from dataclasses import dataclass
from functools import cached_property

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fem_model.plot.style import FIRST_LITHIUM, toughness_colours
from fem_model.post.analysis import Analysis
from fem_model.post.domain_picture import draw_lithium, draw_materials, frame_of
from fem_model.post.front_picture import BOX, MapPage, collection, draw_bar, material_keys

PASCAL = 1e-6
"""MPa for each Pa."""
LINE = 1.6
"""Width of a boundary, points."""


@dataclass(frozen=True)
class ToughnessPicture:
    """The boundaries of a run with [intrusion] by their fracture toughness, the first and the last front."""

    analysis: Analysis

    @cached_property
    def page(self) -> MapPage:
        """Layout on the page."""
        keys = material_keys(self.analysis.run.colours)
        keys.append(Patch(facecolor=FIRST_LITHIUM, label="lithium at the start"))
        keys.append(Line2D([], [], color="black", linewidth=1.1, label="front at the end"))
        return MapPage(frame_of(self.analysis.run, *BOX), keys)

    def draw(self, figure: Figure, foot: float) -> None:
        """Draw onto a figure, `foot` inches above its lower edge."""
        run = self.analysis.run
        axes = self.page.axes(figure, foot)
        draw_materials(axes, run, run.colours)
        draw_lithium(axes, run, 0, FIRST_LITHIUM)
        shades = _draw_toughness(axes, self.analysis)
        axes.add_collection(collection(run.fronts[-1], "black", f"front {len(run.times) - 1}"))
        draw_bar(axes, shades, "Toughness of the boundary (MPa m$^{1/2}$)")


def _draw_toughness(axes: Axes, analysis: Analysis) -> ScalarMappable:
    """The boundaries in colours that go from the weakest to the toughest."""
    toughness, edges = PASCAL * analysis.toughness_at(-1), list(analysis.run.mesh.boundaries.corners)
    norm = Normalize(float(toughness.min(initial=0.0)), float(toughness.max(initial=0.0)) or 1.0)
    shades = ScalarMappable(norm, toughness_colours())
    lines = LineCollection(edges, array=toughness, norm=norm, cmap=shades.cmap)
    lines.set(linewidth=LINE, gid="toughness", zorder=1, capstyle="round")
    axes.add_collection(lines)
    return shades
