"""A picture of a mesh file: materials, cells, boundaries and electrodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fem_model.mesh.boundaries import Boundaries, find_boundaries
from fem_model.mesh.msh import NamedMesh, read_msh
from fem_model.mesh.picture_3d import plot_solid
from fem_model.mesh.render import ELECTRODE_COLOURS, colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = {  # colour, width in points, style
    **{name: (colour, 5.0, "solid") for name, colour in ELECTRODE_COLOURS.items()},
    "material boundary": ("#000000", 1.5, "solid"),
    "grain boundary": ("#000000", 0.7, "solid"),
}


def plot_mesh(path: str | Path, png: str | Path) -> None:
    """Draw the mesh file `path` as `png`. Errors: InputError as `read_msh`."""
    mesh = read_msh(Path(path))
    if mesh.dim == 3:
        plot_solid(Path(path), mesh, png)
    else:
        _plot_plane(mesh, png)


def _plot_plane(mesh: NamedMesh, png: str | Path) -> None:
    from fem_model.mesh.figure import Figure, save_png

    width, depth = np.ptp(mesh.points, axis=0)
    figure = Figure(figsize=(7.0, 1.6 + 6.0 * min(float(depth / width), 2.0)), layout="constrained")
    axes = figure.add_subplot()
    _draw_cells(axes, mesh)
    _draw_lines(axes, mesh, find_boundaries(mesh))
    axes.set(aspect="equal", xlabel="x / µm", ylabel="y / µm")
    axes.set_title(f"{len(mesh.cells)} cells, worst quality {mesh.quality.min():.2f}", fontsize=10)
    axes.margins(0.02)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    save_png(figure, png, bbox_inches="tight")


def _draw_cells(axes: Axes, mesh: NamedMesh) -> None:
    from matplotlib.collections import PolyCollection

    corners = mesh.points[mesh.cells]
    typical = float(np.sqrt(np.median(mesh.cell_sizes()) / np.ptp(mesh.points, axis=0).max() ** 2))
    for index, (material, colour) in enumerate(zip(mesh.materials, colours(mesh), strict=True)):
        cells = PolyCollection(
            list(corners[mesh.material == index]),
            facecolors=colour,
            edgecolors="#00000060",
            linewidths=min(0.4, 40.0 * typical),
            label=material,
        )
        axes.add_collection(cells)


def _draw_lines(axes: Axes, mesh: NamedMesh, boundaries: Boundaries) -> None:
    from matplotlib.collections import LineCollection

    kinds = np.array([_kind(name) for name in boundaries.names])[boundaries.name]
    for kind, (colour, width, style) in LINES.items():
        segments = mesh.points[boundaries.facets[kinds == kind]]
        if len(segments):
            axes.add_collection(
                LineCollection(list(segments), colors=colour, linewidths=width, linestyles=style, label=kind)
            )


def _kind(name: str) -> str:
    materials = name.split("|")
    if len(materials) == 1:
        return name
    return "grain boundary" if materials[0] == materials[1] else "material boundary"
