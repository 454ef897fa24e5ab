"""Gmsh fills regions between triangles with tetrahedra that conform to them."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.mesh.sizes import MICROMETRES, size_at_boundaries
from fem_model.microstructure import Surfaces

if TYPE_CHECKING:
    from fem_model.case.sections import Mesh as MeshSection

LONGEST_EDGE = 1.6  # of a triangle, in units of the cell size wanted there
TRIANGLE = 2  # Gmsh's number for it


def fitted(surfaces: Surfaces, sizes: MeshSection) -> Surfaces:
    """The surfaces with edges halved where they are too long for the cell sizes."""

    def longest(points: Floats) -> Floats:
        return LONGEST_EDGE / sizes.refinement * size_at_boundaries(points, sizes)

    return surfaces.refined(longest)


def add_surfaces(gmsh: ModuleType, surfaces: Surfaces) -> tuple[dict[int, str], dict[int, str]]:
    """Surfaces that are meshed already: patch p is surface p + 1, region r volume r + 1; their names."""
    model = gmsh.model
    beside, names, patch = surfaces.patches
    for surface in range(len(names)):
        model.addDiscreteEntity(2, surface + 1)
    tags = np.arange(1, len(surfaces.points) + 1)
    model.mesh.addNodes(2, 1, tags, (surfaces.points * MICROMETRES).ravel())
    for surface in range(len(names)):
        triangles = surfaces.triangles[patch == surface] + 1
        model.mesh.addElementsByType(surface + 1, TRIANGLE, [], triangles.ravel())
    for region in range(len(surfaces.materials)):
        around = np.flatnonzero((beside == region).any(axis=1)) + 1
        model.geo.addVolume([model.geo.addSurfaceLoop(around.tolist())], region + 1)
    model.geo.synchronize()
    return dict(enumerate(names, start=1)), dict(enumerate(surfaces.materials, start=1))
