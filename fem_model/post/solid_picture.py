"""Figures of a run in 3D: the lithium among the grains that are cut open, and its skeleton."""

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch as Swatch
from mpl_toolkits.mplot3d import Axes3D
from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection

from fem_model.base.arrays import Floats
from fem_model.plot.drawing import Patch, Scene, rendered
from fem_model.plot.style import height_colours
from fem_model.post.analysis import Analysis
from fem_model.post.caption import at_last_output
from fem_model.post.front_picture import Key, columns, material_keys
from fem_model.post.load import Run
from fem_model.post.page import new_page
from fem_model.post.solid_scene import CUT_OFF, cut_scene, heights, shown, skeleton_scene

SIDE = 4.4
"""Width and height of the picture on paper, at most, inches."""
MARGIN, BAR, ROW = 0.1, 0.75, 0.18
"""Left of the picture; on its right for the bar of colours; height of a row of the legend, inches."""


def lithium_figure(analysis: Analysis) -> Figure:
    """The lithium, coloured by height, among the grains that are cut open at the section."""
    run = analysis.run
    keys: list[Key] = list(material_keys(run.colours))
    if not run.surfaces[-1].attached.all():
        keys.append(Swatch(facecolor=CUT_OFF, label="isolated from the anode"))
    notes = at_last_output(run), *(f"grains cut open: {cut}" for cut in analysis.cut), "anode below"
    return _page(run, cut_scene(analysis, analysis.section), keys, notes)


def skeleton_figure(analysis: Analysis) -> Figure:
    """The centre lines of the lithium from the anode to its tips."""
    run, skeleton = analysis.run, analysis.skeletons[-1]
    notes = [at_last_output(run), "anode below"]
    if len(skeleton.tips):
        notes.append(f"tortuosity of the path to the highest tip {skeleton.tortuosities()[0]:.3g}")
    keys: list[Key] = [Line2D([], [], color="black", linewidth=2, label="skeleton of the lithium")]
    return _page(run, skeleton_scene(analysis), keys, notes)


def _page(run: Run, scene: Scene, keys: Sequence[Key], notes: Sequence[str]) -> Figure:
    """A page with the scene, the legend above it and the bar of heights beside it."""
    picture = rendered(scene)
    tall, wide = (1, 1) if picture is None else picture.shape[:2]
    scale = SIDE / max(tall, wide)
    size = scale * wide, scale * tall
    width, number = MARGIN + max(size[0], SIDE) + BAR, columns(keys, SIDE)
    legend = ROW * -(-len(keys) // number) + 0.1
    figure, foot = new_page(run, width, size[1] + legend + 0.1, *notes)
    height = figure.get_size_inches()[1]
    left = MARGIN + (SIDE - size[0]) / 2 if size[0] < SIDE else MARGIN
    place = (left / width, foot / height, size[0] / width, size[1] / height)
    if picture is None:
        axes = figure.add_axes(place, projection="3d")
        assert isinstance(axes, Axes3D)
        _draw_plainly(axes, scene)
    else:
        flat = figure.add_axes(place)
        flat.imshow(picture, aspect="auto", gid="rendered")
        flat.set_axis_off()
    above = MARGIN / width, (foot + size[1] + 0.05) / height
    figure.legend(handles=list(keys), loc="lower left", bbox_to_anchor=above, ncols=number, borderpad=0.3)
    box = ((width - BAR + 0.1) / width, (foot + 0.2 * size[1]) / height, 0.11 / width, 0.6 * size[1] / height)
    shades = ScalarMappable(heights(run), height_colours())
    bar = figure.colorbar(shades, cax=figure.add_axes(box), label="Height (µm)")
    bar.outline.set_visible(False)
    return figure


def _draw_plainly(axes: Axes3D, scene: Scene) -> None:
    """The scene without hidden surfaces, only roughly in order of depth, where nothing can be rendered."""
    corners = np.concatenate([patch.points[patch.triangles][shown(scene, patch)] for patch in scene.patches])
    shades = np.concatenate([_shades(patch)[shown(scene, patch)] for patch in scene.patches])
    axes.add_collection3d(Poly3DCollection(list(corners), facecolors=shades, rasterized=True))
    for lines in scene.lines:
        if not lines.clipped:
            axes.add_collection3d(
                Line3DCollection(list(lines.points[lines.edges]), colors=lines.colour, lw=0.6)
            )
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), zlim=(low[2], high[2]))
    axes.set_box_aspect(high - low)
    x, y, z = scene.view
    axes.view_init(
        elev=float(np.degrees(np.arctan2(z, np.hypot(x, y)))), azim=float(np.degrees(np.arctan2(y, x)))
    )
    axes.set_proj_type("ortho")
    axes.set_axis_off()


def _shades(patch: Patch) -> Floats:
    """Red, green, blue and opacity of each triangle."""
    count, opacity = len(patch.triangles), patch.style.get("opacity", 1.0)
    if patch.colour is not None:
        shades = np.broadcast_to(to_rgb(patch.colour), (count, 3))
    elif len(patch.shades) == len(patch.points):
        shades = patch.shades[patch.triangles].mean(axis=1)
    else:
        shades = patch.shades
    return np.column_stack([shades, np.full(count, opacity)])
