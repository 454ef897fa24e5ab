"""Fields on an outer face that go onto another mesh of the same body.

A face is small: every rank sees all of it.
"""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.mesh import compute_midpoints
from mpi4py import MPI
from scipy.spatial import cKDTree

from fem_model.base.arrays import Floats
from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import AssembledVector
from fem_model.numerics.crossing import keep_rate, keep_share

ALONE = MPI.COMM_SELF
"""Sums need no other rank, as each sees all of the face."""


class FaceSide:
    """The cells at a face: their places among the cells, the areas and the middles of their facets."""

    def __init__(self, domain: Domain, cells: fem.FunctionSpace, face: str) -> None:
        mesh, tag = domain.mesh, domain.faces[face]
        dim = mesh.topology.dim
        facets = domain.facet_tags.find(tag)
        mesh.topology.create_connectivity(dim - 1, dim)
        of_facet = mesh.topology.connectivity(dim - 1, dim)
        found = np.array([of_facet.links(facet)[0] for facet in facets], dtype=np.int64)
        cell, first = np.unique(found, return_index=True)
        self.comm, self.places = mesh.comm, cells.dofmap.list[cell, 0]
        areas = AssembledVector(ufl.TestFunction(cells) * domain.ds(tag)).assemble()
        self.areas: Floats = areas[self.places]
        self.middles: Floats = compute_midpoints(mesh, dim - 1, facets[first])

    def everywhere(self, rows: Floats) -> Floats:
        """Rows of the cells at the face of all ranks."""
        return np.concatenate(self.comm.allgather(rows))


class FaceCrossing:
    """The way of fields on a face to another mesh: the nearest value, or the mean of several.

    On the same mesh nothing changes. Arrays are over the local cells; results are 0 away from the face.
    """

    def __init__(self, source: FaceSide, target: FaceSide) -> None:
        self.source, self.target = source, target
        self.here = source.everywhere(source.areas)
        self.there = target.everywhere(target.areas)
        from_middles, to_middles = (side.everywhere(side.middles) for side in (source, target))
        self.nearest = cKDTree(from_middles).query(to_middles)[1]
        self.falls_on = cKDTree(to_middles).query(from_middles)[1]
        before = sum(source.comm.allgather(len(target.areas))[: target.comm.rank])
        self.own = slice(before, before + len(target.areas))

    def share(self, values: Floats, size: int) -> Floats:
        """Shares in [0, 1] with the same integral over the face; the range of the source is not left.

        `size` is that of the result. SolverError if the integral cannot be kept.
        """
        given = self.source.everywhere(values[self.source.places])
        low, high = float(given.min(initial=np.inf)), float(given.max(initial=-np.inf))
        goal = float(self.here @ given)
        return self._placed(keep_share(ALONE, self._averaged(given), self.there, goal, low, high), size)

    def rate(self, values: Floats, size: int) -> Floats:
        """Rates per area, of any sign, with the same integral over the face; see `share`."""
        given = self.source.everywhere(values[self.source.places])
        kept = keep_rate(ALONE, self._averaged(given), self.there, float(self.here @ given))
        return self._placed(kept, size)

    def _averaged(self, given: Floats) -> Floats:
        crossed: Floats = given[self.nearest]
        many = np.bincount(self.falls_on, minlength=len(self.there)) > 1
        covered, sums = (
            np.bincount(self.falls_on, w, len(self.there)) for w in (self.here, self.here * given)
        )
        crossed[many] = sums[many] / covered[many]
        return crossed

    def _placed(self, crossed: Floats, size: int) -> Floats:
        result = np.zeros(size)
        result[self.target.places] = crossed[self.own]
        return result
