"""Numbers that tell what a mesh is worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fem_model.mesh.boundaries import ELECTRODES, Boundaries, find_boundaries
from fem_model.mesh.msh import Floats, NamedMesh, read_msh
from fem_model.microstructure.statistics import GrainGraph


@dataclass(frozen=True)
class MeshStatistics:
    """Counts, shares, quality, and sizes in the file's unit of length (micrometres)."""

    dim: int
    cells: int
    nodes: int
    area_fractions: dict[str, float]  # by material; of the volume in 3D
    min_quality: float  # signed inverse condition number, 1 = equilateral
    mean_quality: float
    boundary_sizes: dict[str, float]  # length (2D) or area (3D) of every face and pair "A|B"
    grains: GrainGraph


def mesh_statistics(path: str | Path) -> MeshStatistics:
    """Statistics of a Gmsh file. Errors: InputError as `read_msh`."""
    mesh = read_msh(Path(path))
    boundaries = find_boundaries(mesh)
    sizes = np.bincount(boundaries.name, _facet_sizes(mesh, boundaries), len(boundaries.names))
    areas = np.bincount(mesh.material, mesh.cell_sizes(), len(mesh.materials))
    return MeshStatistics(
        dim=mesh.dim,
        cells=len(mesh.cells),
        nodes=len(mesh.points),
        area_fractions=dict(zip(mesh.materials, (areas / areas.sum()).tolist(), strict=True)),
        min_quality=float(mesh.quality.min()),
        mean_quality=float(mesh.quality.mean()),
        boundary_sizes=dict(zip(boundaries.names, sizes.tolist(), strict=True)),
        grains=grain_graph(mesh, boundaries),
    )


def grain_graph(mesh: NamedMesh, boundaries: Boundaries) -> GrainGraph:
    """The grains of a mesh, by rising number, and their contacts."""
    numbers, first, grain = np.unique(mesh.grain, return_index=True, return_inverse=True)
    beside = grain[boundaries.cells]
    outer = boundaries.name < len(boundaries.faces)
    touches = {face: np.zeros(len(numbers), dtype=bool) for face in ELECTRODES}
    for face, touched in touches.items():
        touched[beside[boundaries.name == boundaries.faces.index(face)]] = True
    return GrainGraph(
        dim=mesh.dim,
        materials=mesh.materials,
        material=mesh.material[first],
        volume=np.bincount(grain, mesh.cell_sizes()),
        contacts=np.unique(np.sort(beside[~outer], axis=1), axis=0),
        touches=touches,
    )


def _facet_sizes(mesh: NamedMesh, boundaries: Boundaries) -> Floats:
    """Lengths of segments or areas of triangles, from the Gram determinant of their edges."""
    corners = mesh.points[boundaries.facets]
    edges = corners[:, 1:] - corners[:, :1]
    gram = edges @ edges.transpose(0, 2, 1)
    return np.sqrt(np.linalg.det(gram)) / (mesh.dim - 1)
