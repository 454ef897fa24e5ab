"""Cell sizes that Gmsh asks for at each place, where its own fields would be too slow."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from fem_model.mesh.sizes import MICROMETRES
from fem_model.microstructure import Surfaces

if TYPE_CHECKING:
    from fem_model.case.sections import Mesh as MeshSection

MOST_NODES = 100  # along each axis, of the lattice that holds the cell sizes


def grow_from(gmsh: ModuleType, surfaces: Surfaces, sizes: MeshSection) -> None:
    """Let cells grow from the surfaces where `cell_size_boundary` is given, as far as Gmsh's field lets them.

    The sizes are kept on a lattice: Gmsh's own field of distances is far too slow for so many triangles.
    """
    start = sizes.cell_size_boundary
    if start is None:
        return
    nodes = np.clip(np.rint(np.array(surfaces.extent) / start), 1, MOST_NODES).astype(int)
    per_metre = nodes / surfaces.extent
    distance, _ = cKDTree(surfaces.points).query(
        (np.indices(tuple(nodes)).reshape(3, -1).T + 0.5) / per_metre
    )
    size = (start + sizes.GROWTH * distance) / sizes.refinement * MICROMETRES
    table = size.reshape(nodes).tolist()
    i_per_x, j_per_y, k_per_z = (per_metre / MICROMETRES).tolist()
    i_end, j_end, k_end = (nodes - 1).tolist()

    def size_at(_dim: int, _tag: int, x: float, y: float, z: float, size: float) -> float:
        i, j, k = int(x * i_per_x), int(y * j_per_y), int(z * k_per_z)  # never below 0: it cuts towards it
        here: float = table[min(i, i_end)][min(j, j_end)][min(k, k_end)]
        return min(size, here)

    gmsh.model.mesh.setSizeCallback(size_at)
