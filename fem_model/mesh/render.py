"""Renders a 3D mesh file with a corner cut out: python -m fem_model.mesh.render FILE.msh FILE.png

It runs as a process of its own, since a graphics library that is missing may end the process.
"""

import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_model.base.simplices import distinct_rows
from fem_model.mesh.msh import Ints, NamedMesh, read_msh
from fem_model.microstructure.facets import sums_by
from fem_model.plot.drawing import drawn_aside

MATERIAL_COLOURS = ("#9ad0f0", "#f5cf7a", "#7fcfb4", "#e3b3cf", "#f6ef9c", "#c9c9c9", "#e8a27c", "#8fb3d9")
"""Tints of Okabe and Ito's colour-blind-safe palette, light so that lines stand out."""
ELECTRODE_COLOURS = {"anode": "#000000", "counter": "#d55e00"}
PIXELS = (1600, 1600)
TIMEOUT = 300.0
VIEW = np.array([1.0, -1.4, 0.8])
"""From where the box is seen."""


def rendered(path: Path) -> Any:
    """The picture as an array (pixels, pixels, 3), or None where it cannot be rendered."""
    return drawn_aside("fem_model.mesh.render", path, TIMEOUT)


def render(mesh: NamedMesh, png: Path) -> None:
    """Draw materials, cells and the edges of grains as `png`, without the grains in the near upper corner."""
    import pyvista

    plotter = pyvista.Plotter(off_screen=True, window_size=list(PIXELS))
    plotter.set_background("white")
    triangles, cell = _outside(mesh, _shown(mesh))
    style = {"ambient": 0.6, "diffuse": 0.5, "show_edges": True, "edge_opacity": 0.3}
    for index, colour in enumerate(colours(mesh)):
        some = triangles[mesh.material[cell] == index]
        if len(some):
            plotter.add_mesh(pyvista.PolyData.from_regular_faces(mesh.points, some), color=colour, **style)
    towards = VIEW / np.linalg.norm(VIEW) * 2e-3 * np.ptp(mesh.points)
    lines = _with_count(_edges_of_grains(triangles, mesh.grain[cell]))
    plotter.add_mesh(pyvista.PolyData(mesh.points + towards, lines=lines), color="black", line_width=4)
    plotter.enable_parallel_projection()
    plotter.view_vector(VIEW, viewup=(0.0, 0.0, 1.0))
    plotter.screenshot(png)


def _shown(mesh: NamedMesh) -> npt.NDArray[np.bool_]:
    """Whether the grain of a cell has its centre outside the corner of large x and z and small y."""
    _, grain = np.unique(mesh.grain, return_inverse=True)
    volume = mesh.cell_sizes()
    moment = mesh.points[mesh.cells].mean(axis=1) * volume[:, None]
    centre = sums_by(grain, moment, int(grain.max()) + 1) / np.bincount(grain, volume)[:, None]
    place = (centre - mesh.points.min(axis=0)) / np.ptp(mesh.points, axis=0)
    return np.asarray(~((place[:, 0] > 0.5) & (place[:, 1] < 0.5) & (place[:, 2] > 0.5))[grain])


def _outside(mesh: NamedMesh, shown: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Triangles that one of the shown cells has to itself, and these cells."""
    corners = list(combinations(range(4), 3))
    triangles = np.sort(mesh.cells[shown][:, corners].reshape(-1, 3), axis=1)
    found, first, count = np.unique(triangles, axis=0, return_index=True, return_counts=True)
    return found[count == 1], np.flatnonzero(shown)[first[count == 1] // len(corners)]


def _edges_of_grains(triangles: Ints, grain: Ints) -> Ints:
    """Edges of the triangles at which two grains meet."""
    edges = triangles[:, list(combinations(range(3), 2))].reshape(-1, 2)
    found, edge = distinct_rows(edges)
    low, high = np.full(len(found), np.iinfo(np.int64).max), np.full(len(found), -1)
    np.minimum.at(low, edge, np.repeat(grain, 3))
    np.maximum.at(high, edge, np.repeat(grain, 3))
    return found[low != high]


def _with_count(edges: Ints) -> Ints:
    """Edges as VTK wants lines: each after its number of points."""
    return np.insert(edges, 0, 2, axis=1).ravel()


def colours(mesh: NamedMesh) -> list[str]:
    """A colour for every material."""
    return [MATERIAL_COLOURS[index % len(MATERIAL_COLOURS)] for index in range(len(mesh.materials))]


if __name__ == "__main__":
    render(read_msh(Path(sys.argv[1])), Path(sys.argv[2]))
