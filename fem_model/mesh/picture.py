"""A picture of a 2D mesh file: materials, cells, boundaries and electrodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fem_model.errors import InputError
from fem_model.mesh.boundaries import Boundaries, find_boundaries
from fem_model.mesh.msh import NamedMesh, read_msh

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Tints of Okabe and Ito's colour-blind-safe palette, light so that lines stand out.
MATERIAL_COLOURS = ("#9ad0f0", "#f5cf7a", "#7fcfb4", "#e3b3cf", "#f6ef9c", "#c9c9c9", "#e8a27c", "#8fb3d9")
LINES = {  # colour, width in points, style
    "anode": ("#000000", 5.0, "solid"),
    "counter": ("#d55e00", 5.0, "solid"),
    "material boundary": ("#000000", 1.5, "solid"),
    "grain boundary": ("#000000", 0.7, "solid"),
}


def plot_mesh(path: str | Path, png: str | Path) -> None:
    """Draw the 2D mesh file `path` as `png`. Errors: InputError as `read_msh`, or if it is 3D."""
    from matplotlib.figure import Figure

    mesh = read_msh(Path(path))
    if mesh.dim != 2:
        raise InputError(f"{path}: only 2D meshes can be drawn; open a 3D mesh in Gmsh or ParaView")
    width, depth = np.ptp(mesh.points, axis=0)
    figure = Figure(figsize=(7.0, 1.6 + 6.0 * min(float(depth / width), 2.0)), layout="constrained")
    axes = figure.add_subplot()
    _draw_cells(axes, mesh)
    _draw_lines(axes, mesh, find_boundaries(mesh))
    axes.set(aspect="equal", xlabel="x / µm", ylabel="y / µm")
    axes.set_title(f"{len(mesh.cells)} cells, worst quality {mesh.quality.min():.2f}", fontsize=10)
    axes.margins(0.02)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(png, dpi=150, bbox_inches="tight")


def _draw_cells(axes: Axes, mesh: NamedMesh) -> None:
    from matplotlib.collections import PolyCollection

    corners = mesh.points[mesh.cells]
    typical = float(np.sqrt(np.median(mesh.cell_sizes()) / np.ptp(mesh.points, axis=0).max() ** 2))
    for index, material in enumerate(mesh.materials):
        cells = PolyCollection(
            list(corners[mesh.material == index]),
            facecolors=MATERIAL_COLOURS[index % len(MATERIAL_COLOURS)],
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
