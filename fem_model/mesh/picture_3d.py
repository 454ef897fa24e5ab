"""A picture of a 3D mesh file: the box with a corner cut out, and a section of it."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fem_model.mesh.boundaries import find_boundaries
from fem_model.mesh.msh import Floats, Ints, NamedMesh
from fem_model.mesh.render import ELECTRODE_COLOURS, colours, rendered

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_solid(path: Path, mesh: NamedMesh, png: str | Path) -> None:
    """Draw a 3D mesh, that of the file `path`, as `png`; the section alone where nothing can be rendered."""
    from fem_model.mesh.figure import Figure, save_png

    picture = rendered(path)
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
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    save_png(figure, png, bbox_inches="tight")


def _draw_section(axes: Axes, mesh: NamedMesh, level: float) -> None:
    from matplotlib.collections import LineCollection, PolyCollection

    polygons, cell = _section(mesh, mesh.cells, level)
    for index, (material, colour) in enumerate(zip(mesh.materials, colours(mesh), strict=True)):
        own = mesh.material[cell] == index
        cells = PolyCollection(
            list(polygons[own]), facecolors=colour, edgecolors="#00000060", linewidths=0.3, label=material
        )
        axes.add_collection(cells)
    boundaries = find_boundaries(mesh)
    inner = boundaries.facets[boundaries.name >= len(boundaries.faces)]
    lines, _ = _section(mesh, inner, level)
    axes.add_collection(LineCollection(list(lines), colors="black", linewidths=1.2))
    for name, colour in ELECTRODE_COLOURS.items():
        own = boundaries.facets[boundaries.name == boundaries.names.index(name)]
        edges, _ = _section(mesh, own, level)
        axes.add_collection(LineCollection(list(edges), colors=colour, linewidths=5.0, label=name))


def _section(mesh: NamedMesh, simplices: Ints, level: float) -> tuple[Floats, Ints]:
    """Corners (n, k, 2) of the polygons that the plane y = level cuts out of cells, of the lines that it cuts
    out of triangles, and which of the simplices these are.

    A plane cuts a tetrahedron in three or four edges: the last corner of a triangle is repeated. It cuts a
    triangle in two.
    """
    height = mesh.points[:, 1] - level
    above = height[simplices] > 0.0
    crossed = np.flatnonzero(above.any(axis=1) & ~above.all(axis=1))
    sides = list(combinations(range(simplices.shape[1]), 2))
    start, end = np.moveaxis(simplices[crossed][:, sides], 2, 0)  # of every edge
    cut = (height[start] > 0.0) != (height[end] > 0.0)
    share = np.where(cut, height[start], 0.0) / np.where(cut, height[start] - height[end], 1.0)
    plane = mesh.points[:, [0, 2]]
    corners = plane[start] + share[:, :, None] * (plane[end] - plane[start])
    ray = corners - (corners * cut[:, :, None]).sum(axis=1, keepdims=True) / cut.sum(axis=1)[:, None, None]
    angle = np.where(cut, np.arctan2(ray[:, :, 1], ray[:, :, 0]), np.inf)
    order = np.argsort(angle, axis=1)[:, : 2 * (simplices.shape[1] - 2)]
    order[:, -1] = np.where(cut.sum(axis=1) == order.shape[1], order[:, -1], order[:, -2])
    return np.take_along_axis(corners, order[:, :, None], axis=1), crossed
