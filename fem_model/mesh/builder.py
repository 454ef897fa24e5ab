"""Gmsh turns a microstructure into a file of triangles that conform to its boundaries."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from fem_model.errors import FemModelError
from fem_model.mesh.gmsh_session import gmsh_session
from fem_model.mesh.sizes import MICROMETRES, set_size_field
from fem_model.microstructure import Microstructure

if TYPE_CHECKING:
    from fem_model.case.sections import Mesh as MeshSection

BUILDER_VERSION = 2  # part of a mesh's name in the cache: raise it when the same input gives another mesh
DECIMALS = 9  # of coordinates in micrometres: takes the rounding of unit conversions away

OPTIONS = {
    "Mesh.Algorithm": 6,  # Frontal-Delaunay
    "Mesh.RandomSeed": 1,
    "Mesh.MeshSizeFromPoints": 0,
    "Mesh.MeshSizeFromCurvature": 0,
    "Mesh.MeshSizeExtendFromBoundary": 0,
    "Mesh.MshFileVersion": 4.1,
    "Mesh.Binary": 1,
}


def write_mesh(microstructure: Microstructure, sizes: MeshSection, path: Path) -> float:
    """Mesh a microstructure into the .msh file `path`, in micrometres; return its worst cell quality (SICN).

    Cell groups are named like the materials; facet groups "anode", "counter", "left", "right", and "A|B"
    for the edges between two regions. The number of a surface is its grain. Cells have the size
    `cell_size_front` up to `front_height`, and `cell_size_boundary`, if given, at the edges between regions;
    they grow from there to `cell_size_bulk`. The same input gives the same file, byte for byte.
    Errors: FemModelError if Gmsh fails or a cell is degenerate.
    """
    with gmsh_session() as gmsh:
        for option, value in OPTIONS.items():
            gmsh.option.setNumber(option, value)
        try:
            boundary = _geometry(gmsh, microstructure)
            set_size_field(gmsh, microstructure, sizes, boundary)
            gmsh.model.mesh.generate(2)
            worst = _worst_quality(gmsh)
            gmsh.write(str(path))
        except Exception as error:
            raise FemModelError(f"Gmsh could not build the mesh {path}: {error}") from error
    if worst <= 0.0:
        raise FemModelError(f"the mesh {path} has a degenerate cell (worst quality {worst:.3g})")
    return worst


def _geometry(gmsh: ModuleType, microstructure: Microstructure) -> list[int]:
    """Points, lines and surfaces, each once and shared, and their named groups; the lines inside."""
    geo = gmsh.model.geo
    names = microstructure.edge_names
    points = [geo.addPoint(x, y, 0.0) for x, y in np.round(microstructure.points * MICROMETRES, DECIMALS)]
    lines = {edge: geo.addLine(points[edge[0]], points[edge[1]]) for edge in names}
    for region in microstructure.regions:
        ends = zip(region.polygon, region.polygon[1:] + region.polygon[:1], strict=True)
        anticlockwise = [lines[a, b] if a < b else -lines[b, a] for a, b in ends]  # as the cells will be
        geo.addPlaneSurface([geo.addCurveLoop(anticlockwise)], region.grain)
    geo.synchronize()
    _name_groups(gmsh, 1, {lines[edge]: name for edge, name in names.items()})
    _name_groups(gmsh, 2, {region.grain: region.material for region in microstructure.regions})
    return [lines[edge] for edge, name in names.items() if "|" in name]


def _name_groups(gmsh: ModuleType, dim: int, names: dict[int, str]) -> None:
    for name in sorted(set(names.values())):
        gmsh.model.addPhysicalGroup(dim, [entity for entity in names if names[entity] == name], name=name)


def _worst_quality(gmsh: ModuleType) -> float:
    _, tags, _ = gmsh.model.mesh.getElements(2)
    return float(np.min(gmsh.model.mesh.getElementQualities(np.concatenate(tags), "minSICN")))
