"""The picture of the potential: colours and equipotentials, the paths of the current, and the front."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import LinearTriInterpolator, Triangulation

from fem_model.base.arrays import Floats
from fem_model.plot.style import LITHIUM, map_colours
from fem_model.post.analysis import Analysis
from fem_model.post.caption import at_last_output
from fem_model.post.domain_picture import draw_grains, draw_lithium, extent, frame_of, triangles
from fem_model.post.front_picture import BOX, Key, MapPage, collection, draw_bar
from fem_model.post.load import Run

GRID = 150
"""Points of the grid of current along the shorter side."""
STREAM, DIM = "#1a1a1a", "#00000050"
"""Colours of paths and of grains."""
INSIDE = 0.9
"""ξ at which paths end; from ½ on the lithium covers them."""
LEVELS = 12
"""Equipotentials, about."""
TUBES = 24
"""Paths of the current."""
EQUIPOTENTIALS: Final[Any] = {"colors": "white", "linewidths": 0.5, "linestyles": "solid", "zorder": 1}
PATHS: Final[Any] = {"color": STREAM, "linewidth": 0.5, "arrowsize": 0.6, "zorder": 1}


@dataclass(frozen=True)
class PotentialPicture:
    """Potential of the electrolyte and current density at the last output."""

    analysis: Analysis

    @cached_property
    def page(self) -> MapPage:
        """Layout on the page."""
        keys: list[Key] = [
            Line2D([], [], color=STREAM, linewidth=0.6, marker=4, markersize=3, label="ionic current"),
            Line2D([], [], color="black", linewidth=1.1, label="front"),
            Patch(facecolor=LITHIUM, label="lithium"),
        ]
        return MapPage(frame_of(self.analysis.run, *BOX), keys)

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the caption."""
        reference = "potential of the electrolyte against the metal of the counter electrode"
        return at_last_output(self.analysis.run), reference, "equal current between neighbouring paths"

    def draw(self, figure: Figure, foot: float) -> None:
        """Draw onto a figure, `foot` inches above its lower edge."""
        run, last = self.analysis.run, len(self.analysis.run.times) - 1
        axes = self.page.axes(figure, foot)
        mesh = triangles(run.mesh)
        shades = _draw_potential(axes, run, mesh, last)
        draw_grains(axes, self.analysis, DIM)
        _draw_current(axes, run, mesh, last)
        draw_lithium(axes, run, last)
        axes.add_collection(collection(run.fronts[last], "black", f"front {last}"))
        draw_bar(axes, shades, "Potential (mV)")


def _draw_potential(axes: Axes, run: Run, mesh: Triangulation, output: int) -> ScalarMappable:
    """Colours as pixels, equipotentials as lines; the range is that outside the lithium."""
    phi, xi = 1e3 * run.field("phi", output), run.field("xi", output)
    outside = phi[xi < 0.5] if (xi < 0.5).any() else phi
    low, high = float(outside.min()), float(outside.max())
    norm = Normalize(low, high)
    axes.tripcolor(mesh, phi, norm=norm, cmap=map_colours(), shading="gouraud", rasterized=True)
    if high > low:
        axes.tricontour(mesh, phi, levels=MaxNLocator(LEVELS).tick_values(low, high), **EQUIPOTENTIALS)
    return ScalarMappable(norm, map_colours())


def _draw_current(axes: Axes, run: Run, mesh: Triangulation, output: int) -> None:
    """Paths of the current from the counter electrode on; the same current flows between any neighbours."""
    left, right, bottom, top = extent(run)
    step = min(right - left, top - bottom) / GRID
    x, y = (np.linspace(a, b, max(2, round((b - a) / step))) for a, b in ((left, right), (bottom, top)))
    j = nodal_current(run, output)
    u, v, xi = (_on_grid(mesh, values, x, y) for values in (*j.T, run.field("xi", output)))
    metal = xi.filled(1.0) >= INSIDE
    u, v = (np.ma.array(along.filled(0.0), mask=metal) for along in (u, v))
    starts = _equal_parts(x, abs(np.ma.filled(v[-1], 0.0)))
    if len(starts):
        points = np.column_stack([starts, np.full(len(starts), top - step)])
        paths = axes.streamplot(
            x, y, u, v, start_points=points, broken_streamlines=False, maxlength=10.0, **PATHS
        )
        paths.lines.set_gid("current")


def _equal_parts(x: Floats, density: Floats) -> Floats:
    """The middles along x of `TUBES` intervals through which equal current flows."""
    flow = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(x))])
    if flow[-1] == 0:
        return np.empty(0)
    middles: Floats = np.interp((np.arange(TUBES) + 0.5) / TUBES * flow[-1], flow, x)
    return middles


def nodal_current(run: Run, output: int) -> Floats:
    """Current density (N, 2) at the nodes, the mean of the cells around weighted with their areas, A/m²."""
    mesh = run.mesh_at(output)
    areas, nodes = np.repeat(mesh.sizes, 3), mesh.cells.ravel()
    j = np.repeat(run.field("current_density", output)[:, :2], 3, axis=0)
    total = np.bincount(nodes, areas, len(mesh.points))
    sums = [np.bincount(nodes, areas * along, len(mesh.points)) for along in j.T]
    return np.stack(sums, axis=1) / total[:, None]


def _on_grid(mesh: Triangulation, values: Floats, x: Floats, y: Floats) -> np.ma.MaskedArray:
    """A field at the points of a grid (y, x), masked outside the mesh."""
    return LinearTriInterpolator(mesh, values)(*np.meshgrid(x, y))
