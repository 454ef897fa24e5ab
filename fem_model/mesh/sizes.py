"""The cell size wanted at each place, for Gmsh and for the microstructure that it meshes."""

from __future__ import annotations

import math
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from fem_model.microstructure import Microstructure

if TYPE_CHECKING:
    from fem_model.case.sections import Mesh as MeshSection
    from fem_model.mesh.msh import Floats

MICROMETRES = 1e6  # per metre
SAMPLES = 20  # least number of points on an edge from which Gmsh measures distances


def size_at_boundaries(points: Floats, sizes: MeshSection) -> Floats:
    """Cell size in m wanted on boundaries between regions, at `points` (n, 2) in m, were it not refined.

    The grains depend on it, and are to be the same at every refinement.
    """
    above = sizes.cell_size_front + sizes.GROWTH * np.maximum(points[:, 1] - sizes.front_height, 0.0)
    return np.minimum(above, sizes.cell_size_boundary or sizes.cell_size_bulk)


def set_size_field(
    gmsh: ModuleType, microstructure: Microstructure, sizes: MeshSection, boundary: list[int]
) -> None:
    """Make the cell sizes Gmsh's background field; `boundary` are the lines between regions.

    The refinement divides the whole field, so that meshes of one case are alike.
    """
    fields = gmsh.model.mesh.field
    chosen = _path_of_the_front(fields, microstructure, sizes)
    if boundary and sizes.cell_size_boundary is not None:
        around = _around(fields, boundary, sizes.cell_size_boundary, microstructure, sizes)
        least = fields.add("Min")
        fields.setNumbers(least, "FieldsList", [chosen, around])
        chosen = least
    fields.setAsBackgroundMesh(chosen)


def _path_of_the_front(fields: ModuleType, microstructure: Microstructure, sizes: MeshSection) -> int:
    front, bulk = sizes.cell_size_front * MICROMETRES, sizes.cell_size_bulk * MICROMETRES
    width, depth = microstructure.width * MICROMETRES, microstructure.depth * MICROMETRES
    box = {
        "VIn": front / sizes.refinement,
        "VOut": bulk / sizes.refinement,
        "XMin": -width,
        "XMax": 2.0 * width,
        "YMin": -depth,
        "YMax": min(sizes.front_height * MICROMETRES, 2.0 * depth),
        "ZMin": -depth,
        "ZMax": depth,
        "Thickness": (bulk - front) / sizes.GROWTH,
    }
    return _field(fields, "Box", box)


def _around(
    fields: ModuleType, lines: list[int], size: float, microstructure: Microstructure, sizes: MeshSection
) -> int:
    """Cells of this size on the lines, growing with the distance from them."""
    edges = np.array([edge for edge, name in microstructure.edge_names.items() if "|" in name])
    longest = np.linalg.norm(np.diff(microstructure.points[edges], axis=1), axis=2).max()
    samples = math.ceil(2.0 * longest / size * sizes.refinement)
    distance = _field(fields, "Distance", {"Sampling": max(SAMPLES, samples)})
    fields.setNumbers(distance, "CurvesList", lines)
    threshold = {
        "InField": distance,
        "SizeMin": size / sizes.refinement * MICROMETRES,
        "SizeMax": sizes.cell_size_bulk / sizes.refinement * MICROMETRES,
        "DistMin": 0.0,
        "DistMax": (sizes.cell_size_bulk - size) / sizes.GROWTH * MICROMETRES,
    }
    return _field(fields, "Threshold", threshold)


def _field(fields: ModuleType, kind: str, options: dict[str, float]) -> int:
    field = int(fields.add(kind))
    for option, value in options.items():
        fields.setNumber(field, option, value)
    return field
