"""Numbers that tell what a mesh is worth, and what its microstructure is like."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fem_model.base.arrays import Bools, Ints
from fem_model.base.errors import InputError
from fem_model.base.simplices import sizes_of
from fem_model.mesh.boundaries import Boundaries, Facets, all_facets, at_level, name_boundaries, parts
from fem_model.mesh.msh import NamedMesh, read_msh
from fem_model.microstructure.statistics import ELECTRODES, Ends, GrainGraph

AXES = "xyz"


@dataclass(frozen=True)
class MeshStatistics:
    """Counts, shares, quality, and sizes in the file's unit of length (micrometres)."""

    dim: int
    cells: int
    nodes: int
    extent: tuple[float, ...]
    volume: float  # area in 2D
    area_fractions: dict[str, float]  # by material; of the volume in 3D
    min_quality: float  # signed inverse condition number, 1 = equilateral
    mean_quality: float
    boundary_sizes: dict[str, float]  # length (2D) or area (3D) of every face and pair "A|B"
    grains: GrainGraph
    notes: tuple[str, ...] = ()  # repairs of an imported file

    @property
    def interface_areas(self) -> dict[str, float]:
        """Area (2D: length) per volume of each pair "A|B"; "A|A" are the boundaries between grains of A."""
        sizes = self.boundary_sizes.items()
        return {name: size / self.volume for name, size in sizes if "|" in name}

    def interface_area(self, material: str | None = None) -> float:
        """Area per volume of all interfaces of unlike materials, or of those of one material."""
        pairs = {tuple(name.split("|")): area for name, area in self.interface_areas.items()}
        return sum(area for (a, b), area in pairs.items() if a != b and material in (None, a, b))


def mesh_statistics(path: str | Path) -> MeshStatistics:
    """Statistics of a Gmsh file. Errors: InputError as `read_msh` and `find_boundaries`."""
    mesh = read_msh(Path(path))
    try:
        return statistics_of(mesh)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def statistics_of(mesh: NamedMesh) -> MeshStatistics:
    """Statistics of a mesh. Errors: InputError as `find_boundaries`."""
    facets = all_facets(mesh)
    boundaries = name_boundaries(mesh, facets)
    sizes = np.bincount(boundaries.name, sizes_of(mesh.points, boundaries.facets), len(boundaries.names))
    areas = np.bincount(mesh.material, mesh.cell_sizes(), len(mesh.materials))
    return MeshStatistics(
        dim=mesh.dim,
        cells=len(mesh.cells),
        nodes=len(mesh.points),
        extent=tuple(np.ptp(mesh.points, axis=0).tolist()),
        volume=float(areas.sum()),
        area_fractions=dict(zip(mesh.materials, (areas / areas.sum()).tolist(), strict=True)),
        min_quality=float(mesh.quality.min()),
        mean_quality=float(mesh.quality.mean()),
        boundary_sizes=dict(zip(boundaries.names, sizes.tolist(), strict=True)),
        grains=_grain_graph(mesh, parts_of_grains(mesh, facets), facets, boundaries),
        notes=mesh.notes,
    )


def ends_of(axis: int) -> Ends:
    """Names of the lower and the upper flat end of an axis in `GrainGraph.touches`."""
    return f"{AXES[axis]} low", f"{AXES[axis]} high"


def spanning_cells(mesh: NamedMesh) -> Bools:
    """Flags (d, cells) of cells in a cluster of their material that spans the mesh along each axis."""
    facets = all_facets(mesh)
    part = parts_of_grains(mesh, facets)
    grains = _grain_graph(mesh, part, facets, name_boundaries(mesh, facets))
    along = [[grains.spanning(name, ends_of(k)) for name in grains.materials] for k in range(mesh.dim)]
    return np.array([np.any(flags, axis=0)[part] for flags in along])


def parts_of_grains(mesh: NamedMesh, facets: Facets) -> Ints:
    """Number, from 0, of the grain of each cell, where unconnected parts count as several."""
    return parts(mesh.grain, facets.cells[~facets.outer])


def _grain_graph(mesh: NamedMesh, grain: Ints, facets: Facets, boundaries: Boundaries) -> GrainGraph:
    """The grains of a mesh, by their number for each cell, and their contacts."""
    first = np.unique(grain, return_index=True)[1]
    inner = boundaries.name >= len(boundaries.faces)
    return GrainGraph(
        dim=mesh.dim,
        materials=mesh.materials,
        material=mesh.material[first],
        volume=np.bincount(grain, mesh.cell_sizes()),
        contacts=np.unique(np.sort(grain[boundaries.cells[inner]], axis=1), axis=0),
        touches={
            end: np.bincount(grain[cells], minlength=len(first)) > 0
            for end, cells in _cells_at_ends(mesh, facets, boundaries).items()
        },
    )


def _cells_at_ends(mesh: NamedMesh, facets: Facets, boundaries: Boundaries) -> dict[str, Ints]:
    """The cells at the electrodes, and at the flat ends of all axes."""
    found = {
        name: boundaries.cells[boundaries.name == boundaries.faces.index(name), 0] for name in ELECTRODES
    }
    outer, cells = facets.points[facets.outer], facets.cells[facets.outer, 0]
    for axis, height in enumerate(mesh.points.T):
        for end, level in zip(ends_of(axis), (height.min(), height.max()), strict=True):
            found[end] = cells[at_level(height, outer, level)]
    return found
