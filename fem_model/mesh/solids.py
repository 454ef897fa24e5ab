"""Gmsh turns polyhedra into tetrahedra that conform to their faces, of sound shape."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from fem_model.base.arrays import Ints
from fem_model.mesh.msh import cell_nodes, elements
from fem_model.mesh.repair import repaired
from fem_model.microstructure import Polyhedra
from fem_model.microstructure.enclosures import Enclosures


def add_solids(gmsh: ModuleType, polyhedra: Polyhedra, points: list[int]) -> None:
    """Lines, surfaces and volumes, each once and shared: face f is surface f + 1, grain g volume g + 1."""
    geo = gmsh.model.geo
    lines = {(a, b): geo.addLine(points[a], points[b]) for a, b in polyhedra.edges.tolist()}
    around: list[list[int]] = [[] for _ in polyhedra.materials]
    for face, corners in enumerate(polyhedra.faces):
        ends = zip(corners, corners[1:] + corners[:1], strict=True)
        loop = geo.addCurveLoop([lines[a, b] if a < b else -lines[b, a] for a, b in ends])
        geo.addPlaneSurface([loop], face + 1)
        own, other = polyhedra.beside[face].tolist()
        around[own].append(face + 1)
        if other >= 0:
            around[other].append(-(face + 1))
    for grain, faces in enumerate(around):
        geo.addVolume([geo.addSurfaceLoop(faces)], grain + 1)


def repair_solids(gmsh: ModuleType, beside: Ints) -> None:
    """Move the nodes of a mesh of solids as `repaired` says; `beside` (n, 2): the solids of each surface."""
    cells, sides = elements(gmsh, 3), elements(gmsh, 2)
    points, index = cell_nodes(gmsh, 3, cells.nodes)
    grains = Enclosures(index[sides.nodes], beside[sides.entity - 1])
    moved = repaired(points, index[cells.nodes], grains)
    tags = np.unique(cells.nodes)
    for node in np.flatnonzero((moved != points).any(axis=1)).tolist():
        gmsh.model.mesh.setNode(int(tags[node]), moved[node], [])
