"""The cell size wanted at each place, for Gmsh and for the microstructure that it meshes."""

from __future__ import annotations

import math
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.base.simplices import sizes_of
from fem_model.microstructure import Microstructure, Polyhedra, Surfaces

if TYPE_CHECKING:
    from fem_model.case.sections import Mesh as MeshSection

MICROMETRES = 1e6  # per metre
SAMPLES = 20  # least number of points along a boundary from which Gmsh measures distances


def size_at_boundaries(points: Floats, sizes: MeshSection) -> Floats:
    """Cell size in m wanted on boundaries between regions, at `points` (n, d) in m, were it not refined.

    The grains depend on it, and are to be the same at every refinement.
    """
    above = sizes.cell_size_front + sizes.GROWTH * np.maximum(points[:, -1] - sizes.front_height, 0.0)
    return np.minimum(above, sizes.cell_size_boundary or sizes.cell_size_bulk)


def set_size_field(
    gmsh: ModuleType,
    microstructure: Microstructure | Polyhedra | Surfaces,
    sizes: MeshSection,
    boundary: list[int],
) -> None:
    """Make the cell sizes Gmsh's background field; `boundary` are the lines (surfaces) between regions.

    The refinement divides the whole field, so that meshes of one case are alike. For `Surfaces`, which have
    many small triangles, see `grow_from`.
    """
    fields = gmsh.model.mesh.field
    chosen = _path_of_the_front(fields, microstructure.extent, sizes)
    if boundary and sizes.cell_size_boundary is not None and not isinstance(microstructure, Surfaces):
        around = _around(fields, boundary, sizes.cell_size_boundary, microstructure, sizes)
        least = fields.add("Min")
        fields.setNumbers(least, "FieldsList", [chosen, around])
        chosen = least
    fields.setAsBackgroundMesh(chosen)


def _path_of_the_front(fields: ModuleType, extent: tuple[float, ...], sizes: MeshSection) -> int:
    front, bulk = sizes.cell_size_front * MICROMETRES, sizes.cell_size_bulk * MICROMETRES
    box = {"Thickness": (bulk - front) / sizes.GROWTH}
    box |= {"VIn": front / sizes.refinement, "VOut": bulk / sizes.refinement}
    *along, depth = (length * MICROMETRES for length in extent)
    for axis, length in zip("XYZ", [*along, depth, depth], strict=False):
        box |= {f"{axis}Min": -length, f"{axis}Max": 2.0 * length}
    box["XYZ"[len(along)] + "Max"] = min(sizes.front_height * MICROMETRES, 2.0 * depth)
    return _field(fields, "Box", box)


def _around(
    fields: ModuleType,
    boundary: list[int],
    size: float,
    microstructure: Microstructure | Polyhedra,
    sizes: MeshSection,
) -> int:
    """Cells of this size on the boundaries, growing with the distance from them."""
    samples = math.ceil(2.0 * _longest_edge(microstructure) / size * sizes.refinement)
    distance = _field(fields, "Distance", {"Sampling": max(SAMPLES, samples)})
    kind = "CurvesList" if len(microstructure.extent) == 2 else "SurfacesList"
    fields.setNumbers(distance, kind, boundary)
    threshold = {
        "InField": distance,
        "SizeMin": size / sizes.refinement * MICROMETRES,
        "SizeMax": sizes.cell_size_bulk / sizes.refinement * MICROMETRES,
        "DistMin": 0.0,
        "DistMax": (sizes.cell_size_bulk - size) / sizes.GROWTH * MICROMETRES,
    }
    return _field(fields, "Threshold", threshold)


def _longest_edge(microstructure: Microstructure | Polyhedra) -> float:
    """Length in m of the longest edge of the boundaries between regions (in 3D of any face)."""
    if isinstance(microstructure, Polyhedra):
        edges = microstructure.edges
    else:
        edges = np.array([edge for edge, name in microstructure.edge_names.items() if "|" in name])
    return float(sizes_of(microstructure.points, edges).max())


def _field(fields: ModuleType, kind: str, options: dict[str, float]) -> int:
    field = int(fields.add(kind))
    for option, value in options.items():
        fields.setNumber(field, option, value)
    return field
