"""Estimates the number of cells of a case before there is a mesh."""

import math

from fem_model.case.image import Image
from fem_model.case.imported_mesh import ImportedMesh
from fem_model.case.layouts import Layers, Microstructure, Particles
from fem_model.case.sections import Mesh

CELLS_PER_CUBE = {2: 4 / math.sqrt(3), 3: 6.0}
"""Cells of size h in a square or cube of side h: equilateral triangles; tetrahedra as Gmsh makes them."""
CELLS_PER_CUBE_OF_IMAGE = 4.1
"""Cells per cube in 3D: 6/1.14³, as halved squares of a lattice of step h have edges of 1.14 h."""


def estimated_cells(box: Microstructure, mesh: Mesh) -> int:
    """Number of triangles or tetrahedra, about: volume over that of a cell, fine and coarse part.

    In 3D cells nearly as large as the grains are up to twice as many. Of a mesh in a file they are known.
    """
    if isinstance(box, ImportedMesh):
        return box.found.cells
    fine = min(mesh.front_height, box.depth)
    per_depth = fine / mesh.cell_size_front**box.dim + (box.depth - fine) * _mean_inverse_power(mesh, box)
    cubes = math.prod(box.extent[:-1]) * per_depth * mesh.refinement**box.dim
    of_lattice = isinstance(box, Image) and box.dim == 3
    return math.ceil(cubes * (CELLS_PER_CUBE_OF_IMAGE if of_lattice else CELLS_PER_CUBE[box.dim]))


def _mean_inverse_power(mesh: Mesh, box: Layers | Particles | Image) -> float:
    """Mean of 1/h^dim above the refined region, up to half the spacing from boundaries, off which h grows."""
    order, reach, bulk = box.dim - 1, box.spacing / 2, mesh.cell_size_bulk
    start = mesh.cell_size_boundary or bulk
    growing = min(reach, (bulk - start) / mesh.GROWTH)
    end = start + mesh.GROWTH * growing
    rising = (start**-order - end**-order) / (order * mesh.GROWTH)
    return (rising + (reach - growing) / bulk**box.dim) / reach
