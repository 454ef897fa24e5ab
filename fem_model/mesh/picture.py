"""A picture of a mesh file: materials, cells, boundaries and electrodes."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from fem_model.mesh.boundaries import Boundaries, find_boundaries
from fem_model.mesh.msh import NamedMesh, read_msh
from fem_model.mesh.picture_3d import plot_solid
from fem_model.plot.palette import ELECTRODES, material_colours
from fem_model.plot.saving import save_picture
from fem_model.plot.style import pale

LINES = {  # colour, width in points
    **{name: (colour, 5.0) for name, colour in ELECTRODES.items()},
    "material boundary": ("#000000", 1.5),
    "grain boundary": ("#000000", 0.7),
}
DPI = 150


def plot_mesh(path: str | Path, png: str | Path) -> None:
    """Draw the mesh file `path` as `png`. Errors: InputError as `read_msh`."""
    mesh = read_msh(Path(path))
    figure = plot_solid(mesh) if mesh.dim == 3 else _plot_plane(mesh)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    save_picture(figure, Path(png), dpi=DPI, bbox_inches="tight")


def _plot_plane(mesh: NamedMesh) -> Figure:
    width, depth = np.ptp(mesh.points, axis=0)
    figure = Figure(figsize=(7.0, 1.6 + 6.0 * min(float(depth / width), 2.0)), layout="constrained")
    axes = figure.add_subplot()
    _draw_cells(axes, mesh)
    _draw_lines(axes, mesh, find_boundaries(mesh))
    axes.set(aspect="equal", xlabel="x / µm", ylabel="y / µm")
    axes.set_title(f"{len(mesh.cells)} cells, worst quality {mesh.quality.min():.2f}", fontsize=10)
    axes.margins(0.02)
    return figure


def _draw_cells(axes: Axes, mesh: NamedMesh) -> None:
    corners, colours = mesh.points[mesh.cells], material_colours(mesh.materials)
    typical = float(np.sqrt(np.median(mesh.cell_sizes()) / np.ptp(mesh.points, axis=0).max() ** 2))
    for index, material in enumerate(mesh.materials):
        cells = PolyCollection(
            list(corners[mesh.material == index]),
            facecolors=pale(colours[material]),
            edgecolors="#00000060",
            linewidths=min(0.4, 40.0 * typical),
            label=material,
        )
        axes.add_collection(cells)


def _draw_lines(axes: Axes, mesh: NamedMesh, boundaries: Boundaries) -> None:
    kinds = np.array([_kind(name) for name in boundaries.names])[boundaries.name]
    for kind, (colour, width) in LINES.items():
        segments = mesh.points[boundaries.facets[kinds == kind]]
        if len(segments):
            axes.add_collection(LineCollection(list(segments), colors=colour, linewidths=width, label=kind))


def _kind(name: str) -> str:
    materials = name.split("|")
    if len(materials) == 1:
        return name
    return "grain boundary" if materials[0] == materials[1] else "material boundary"
