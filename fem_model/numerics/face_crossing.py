"""Fields on an outer face that go onto another mesh of the same body.

A face is small: every rank sees all of it.
"""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from dolfinx.mesh import compute_midpoints
from scipy.spatial import cKDTree

from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import AssembledVector

Array = npt.NDArray[np.float64]


class FaceSide:
    """The cells at a face: their places among the cells, the areas and the middles of their facets."""

    def __init__(self, domain: Domain, cells: fem.FunctionSpace, face: str) -> None:
        mesh, tag = domain.mesh, domain.faces[face]
        dim = mesh.topology.dim
        facets = domain.facet_tags.find(tag)
        mesh.topology.create_connectivity(dim - 1, dim)
        of_facet = mesh.topology.connectivity(dim - 1, dim)
        cell = np.array([of_facet.links(facet)[0] for facet in facets], dtype=np.int64)
        self.comm, self.places = mesh.comm, cells.dofmap.list[cell, 0]
        areas = AssembledVector(ufl.TestFunction(cells) * domain.ds(tag)).assemble()
        self.areas: Array = areas[self.places]
        self.middles: Array = compute_midpoints(mesh, dim - 1, facets)

    def everywhere(self, rows: Array) -> Array:
        """Rows of the facets of all ranks."""
        return np.concatenate(self.comm.allgather(rows))


class FaceCrossing:
    """The way of fields on a face to another mesh: means of what falls on a facet, or the nearest."""

    def __init__(self, source: FaceSide, target: FaceSide) -> None:
        self.source, self.target = source, target
        self.here = source.everywhere(source.areas)
        self.there = target.everywhere(target.areas)
        from_middles, to_middles = (side.everywhere(side.middles) for side in (source, target))
        self.nearest = cKDTree(from_middles).query(to_middles)[1]
        self.falls_on = cKDTree(to_middles).query(from_middles)[1]
        before = sum(source.comm.allgather(len(target.areas))[: target.comm.rank])
        self.own = slice(before, before + len(target.areas))

    def __call__(self, values: Array, size: int) -> Array:
        """Values of the cells at the face, with the same integral over it; `size` is that of the result."""
        given = self.source.everywhere(values[self.source.places])
        covered = np.bincount(self.falls_on, self.here, len(self.there))
        sums = np.bincount(self.falls_on, self.here * given, len(self.there))
        crossed = np.where(covered > 0, sums / np.where(covered > 0, covered, 1.0), given[self.nearest])
        held, goal = float(self.there @ crossed), float(self.here @ given)
        result = np.zeros(size)
        result[self.target.places] = (crossed * (goal / held if held else 1.0))[self.own]
        return result
