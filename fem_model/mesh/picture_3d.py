"""A picture of a 3D mesh: the box with a corner cut out, and a section of it."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.level_sets import crossings, level_lines, level_triangles
from fem_model.base.simplices import outside, seams, sides
from fem_model.mesh.boundaries import find_boundaries
from fem_model.mesh.msh import NamedMesh
from fem_model.microstructure.facets import sums_by
from fem_model.plot.drawing import Lines, Patch, Scene, rendered
from fem_model.plot.palette import ELECTRODES, material_colours
from fem_model.plot.style import pale

VIEW = (1.0, -1.4, 0.8)
"""Direction from which the box is seen."""


def plot_solid(mesh: NamedMesh) -> Figure:
    """Draw a 3D mesh; the section alone where nothing can be rendered."""
    picture = rendered(cut_box(mesh))
    figure = Figure(figsize=(6.0, 6.5) if picture is None else (12.0, 6.5), layout="constrained")
    *box, section = figure.subplots(1, 1 if picture is None else 2, squeeze=False)[0]
    if picture is not None:
        box[0].imshow(picture)
        box[0].set_axis_off()
        box[0].set_title("anode below, counter electrode above", fontsize=10)
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    level = float(low[1] + high[1]) / 2.0
    _draw_section(section, mesh, level)
    section.set(
        aspect="equal", xlabel="x / µm", ylabel="z / µm", xlim=(low[0], high[0]), ylim=(low[2], high[2])
    )
    section.set_title(f"section at y = {level:.3g} µm", fontsize=10)
    figure.suptitle(f"{len(mesh.cells)} cells, worst quality {mesh.quality.min():.2f}", fontsize=11)
    return figure


def cut_box(mesh: NamedMesh) -> Scene:
    """Materials, cells and the edges of grains, without the grains in the near upper corner."""
    shown = np.flatnonzero(_shown(mesh))
    triangles, place = outside(mesh.cells[shown])
    cell = shown[place]
    colours = material_colours(mesh.materials)
    tints = np.array([pale(colours[name]) for name in mesh.materials])[mesh.material[cell]]
    grid = Patch(mesh.points, triangles, shades=tints, style={"show_edges": True, "edge_opacity": 0.3})
    edges = Lines(mesh.points, seams(triangles, mesh.grain[cell]), style={"line_width": 4})
    return Scene(VIEW, [grid], [edges])


def _shown(mesh: NamedMesh) -> Bools:
    """True if the grain of a cell has its centre outside the corner of large x and z and small y."""
    _, grain = np.unique(mesh.grain, return_inverse=True)
    volume = mesh.cell_sizes()
    moment = mesh.points[mesh.cells].mean(axis=1) * volume[:, None]
    centre = sums_by(grain, moment, int(grain.max()) + 1) / np.bincount(grain, volume)[:, None]
    place = (centre - mesh.points.min(axis=0)) / np.ptp(mesh.points, axis=0)
    return np.asarray(~((place[:, 0] > 0.5) & (place[:, 1] < 0.5) & (place[:, 2] > 0.5))[grain])


def _draw_section(axes: Axes, mesh: NamedMesh, level: float) -> None:
    """Draw the section in the plane y = `level`."""
    edges, triangles, cell = level_triangles(mesh.cells, mesh.points[:, 1] > level)
    corners = _in_plane(mesh, edges, level)[triangles]
    for index, (material, colour) in enumerate(material_colours(mesh.materials).items()):
        own = list(corners[mesh.material[cell] == index])
        axes.add_collection(PolyCollection(own, facecolors=pale(colour), antialiased=False, label=material))
    boundaries = find_boundaries(mesh)
    inner = boundaries.facets[boundaries.name >= len(boundaries.faces)]
    for facets, shade, width in ((sides(mesh.cells).facets, "#0000009c", 0.3), (inner, "black", 1.2)):
        axes.add_collection(LineCollection(_lines(mesh, facets, level), colors=shade, linewidths=width))
    for name, colour in ELECTRODES.items():
        own = _lines(mesh, boundaries.facets[boundaries.name == boundaries.names.index(name)], level)
        axes.add_collection(LineCollection(own, colors=colour, linewidths=5.0, label=name))


def _lines(mesh: NamedMesh, facets: Ints, level: float) -> list[Floats]:
    """The lines (2, 2) in which the plane cuts triangles."""
    edges, lines, _ = level_lines(facets, mesh.points[:, 1] > level)
    return list(_in_plane(mesh, edges, level)[lines])


def _in_plane(mesh: NamedMesh, edges: Ints, level: float) -> Floats:
    """Points where edges cross the plane, as x and z."""
    return crossings(mesh.points, mesh.points[:, 1], edges, level)[:, [0, 2]]
