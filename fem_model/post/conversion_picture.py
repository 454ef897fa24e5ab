"""The picture of the conversion: where how much of the electrolyte has reacted with lithium."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fem_model.plot.style import INERT, conversion_colours
from fem_model.post.alloy import reacting
from fem_model.post.analysis import Analysis
from fem_model.post.domain_picture import draw_grains, frame_of, triangles
from fem_model.post.front_picture import BOX, Key, MapPage, collection, draw_bar


@dataclass(frozen=True)
class ConversionPicture:
    """The conversion z at the last output; grey is what does not react."""

    analysis: Analysis

    @cached_property
    def page(self) -> MapPage:
        """Layout on the page."""
        keys: list[Key] = [
            Patch(facecolor=INERT, label="does not react"),
            Line2D([], [], color="black", linewidth=1.1, label="front of the lithium"),
        ]
        return MapPage(frame_of(self.analysis.run, *BOX), keys)

    def draw(self, figure: Figure, foot: float) -> None:
        """Draw onto a figure, `foot` inches above its lower edge."""
        run = self.analysis.run
        axes = self.page.axes(figure, foot)
        shades = _draw_conversion(axes, self.analysis)
        draw_grains(axes, self.analysis)
        axes.add_collection(collection(run.fronts[-1], "black", f"front {len(run.times) - 1}"))
        draw_bar(axes, shades, "Converted share")


def _draw_conversion(axes: Axes, analysis: Analysis) -> ScalarMappable:
    """Colours by cell, as pixels also in vector files."""
    run = analysis.run
    values = np.ma.array(run.field("conversion", -1), mask=~reacting(run.mesh, run.case))
    colours = conversion_colours().with_extremes(bad=INERT)
    norm = Normalize(0.0, max(float(values.max()) if values.count() else 0.0, 1e-6))
    axes.tripcolor(
        triangles(run.mesh), facecolors=values, cmap=colours, norm=norm, antialiased=False, rasterized=True
    )
    return ScalarMappable(norm, colours)
