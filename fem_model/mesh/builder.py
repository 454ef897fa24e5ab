"""Gmsh turns a microstructure into a file of triangles or tetrahedra that conform to its boundaries."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.base.errors import FemModelError
from fem_model.mesh.gmsh_session import gmsh_session
from fem_model.mesh.size_callback import grow_from
from fem_model.mesh.sizes import MICROMETRES, set_size_field
from fem_model.mesh.solids import add_solids, repair_solids
from fem_model.mesh.surfaces import add_surfaces
from fem_model.microstructure import Microstructure, Polyhedra, Surfaces

if TYPE_CHECKING:
    from fem_model.case.sections import Mesh as MeshSection

type AnyMicrostructure = Microstructure | Polyhedra | Surfaces

BUILDER_VERSION = 5  # part of a mesh's name in the cache: raise it when the same input gives another mesh
DECIMALS = 9  # of coordinates in micrometres: takes the rounding of unit conversions away
ADVICE = "Other cell sizes in [mesh], or another seed or smoothing of the microstructure, may help."

OPTIONS = {
    "Mesh.Algorithm": 6,  # Frontal-Delaunay
    "Mesh.Algorithm3D": 10,  # HXT
    "Mesh.RandomSeed": 1,
    "Mesh.MeshSizeFromPoints": 0,
    "Mesh.MeshSizeFromCurvature": 0,
    "Mesh.MeshSizeExtendFromBoundary": 0,
    "Mesh.MshFileVersion": 4.1,
    "Mesh.Binary": 1,
}


def write_mesh(microstructure: AnyMicrostructure, sizes: MeshSection, path: Path) -> float:
    """Mesh a microstructure into the .msh file `path`, in micrometres; return its worst cell quality (SICN).

    Cell groups are named like the materials; facet groups "anode", "counter", "left", "right", in 3D "front"
    and "back", and "A|B" for the boundaries between two grains. The number of a surface, in 3D of a volume,
    is its grain. Cells have the size `cell_size_front` up to `front_height`, and `cell_size_boundary`, if
    given, at the boundaries; they grow from there to `cell_size_bulk`. The same input gives the same file,
    byte for byte.
    Errors: FemModelError if Gmsh fails or a cell is degenerate.
    """
    dim = len(microstructure.extent)
    with gmsh_session() as gmsh:
        for option, value in OPTIONS.items():
            gmsh.option.setNumber(option, value)
        try:
            boundary = _geometry(gmsh, microstructure)
            set_size_field(gmsh, microstructure, sizes, boundary)
            if isinstance(microstructure, Surfaces):
                grow_from(gmsh, microstructure, sizes)
            gmsh.model.mesh.generate(dim)
            if not isinstance(microstructure, Microstructure):
                repair_solids(gmsh, microstructure.beside_surfaces)
            worst = _worst_quality(gmsh, dim)
            gmsh.write(str(path))
        except Exception as error:
            raise FemModelError(f"Gmsh could not build the mesh {path}: {error}. {ADVICE}") from error
    if worst <= 0.0:
        raise FemModelError(f"the mesh {path} has a degenerate cell (worst quality {worst:.3g}). {ADVICE}")
    return worst


def _geometry(gmsh: ModuleType, microstructure: AnyMicrostructure) -> list[int]:
    """Points, lines, surfaces and volumes, each once and shared, and their named groups.

    It returns the boundaries inside: lines, in 3D surfaces.
    """
    if isinstance(microstructure, Polyhedra):
        add_solids(gmsh, microstructure, _add_points(gmsh, microstructure.points))
        sides = dict(enumerate(microstructure.face_names, start=1))
        regions = dict(enumerate(microstructure.materials, start=1))
    elif isinstance(microstructure, Surfaces):
        sides, regions = add_surfaces(gmsh, microstructure)
    else:
        sides = _add_polygons(gmsh, microstructure, _add_points(gmsh, microstructure.points))
        regions = {region.grain: region.material for region in microstructure.regions}
    gmsh.model.geo.synchronize()
    dim = len(microstructure.extent)
    _name_groups(gmsh, dim - 1, sides)
    _name_groups(gmsh, dim, regions)
    return [side for side, name in sides.items() if "|" in name]


def _add_points(gmsh: ModuleType, points: Floats) -> list[int]:
    corners = np.zeros((len(points), 3))
    corners[:, : points.shape[1]] = np.round(points * MICROMETRES, DECIMALS)
    return [gmsh.model.geo.addPoint(*corner) for corner in corners]


def _add_polygons(gmsh: ModuleType, microstructure: Microstructure, points: list[int]) -> dict[int, str]:
    """Lines and, numbered as the grains, surfaces; the names of the lines."""
    geo = gmsh.model.geo
    names = microstructure.edge_names
    lines = {edge: geo.addLine(points[edge[0]], points[edge[1]]) for edge in names}
    for region in microstructure.regions:
        loops = []
        for loop in region.loops:
            ends = zip(loop, loop[1:] + loop[:1], strict=True)  # anticlockwise, as the cells will be
            loops.append(geo.addCurveLoop([lines[a, b] if a < b else -lines[b, a] for a, b in ends]))
        geo.addPlaneSurface(loops, region.grain)
    return {lines[edge]: name for edge, name in names.items()}


def _name_groups(gmsh: ModuleType, dim: int, names: dict[int, str]) -> None:
    for name in sorted(set(names.values())):
        gmsh.model.addPhysicalGroup(dim, [entity for entity in names if names[entity] == name], name=name)


def _worst_quality(gmsh: ModuleType, dim: int) -> float:
    _, tags, _ = gmsh.model.mesh.getElements(dim)
    return float(np.min(gmsh.model.mesh.getElementQualities(np.concatenate(tags), "minSICN")))
