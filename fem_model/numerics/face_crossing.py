"""Fields on an outer face that go onto another mesh of the same body.

A face is small: every rank sees all of it.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.mesh import compute_midpoints
from mpi4py import MPI
from scipy.spatial import cKDTree

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import AssembledVector
from fem_model.numerics.crossing import keep_rate, keep_share

ALONE = MPI.COMM_SELF
"""Sums need no other rank, as each sees all of the face."""


class FaceSide:
    """The cells at a face: their places among the cells, their materials, the areas and middles of facets."""

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
        self.tags: Ints = domain.cell_tags.values[cell]
        self.materials = domain.materials
        self.middles: Floats = compute_midpoints(mesh, dim - 1, facets[first])

    def everywhere[Rows: (Floats, Ints)](self, rows: Rows) -> Rows:
        """Rows of the cells at the face of all ranks."""
        return np.concatenate(self.comm.allgather(rows))


class FaceCrossing:
    """The way of fields on a face to another mesh: the nearest value there, or the mean of several.

    Each material has its own. On the same mesh nothing changes. Arrays are over the local cells; results are
    0 away from the face.
    """

    def __init__(self, source: FaceSide, target: FaceSide) -> None:
        self.source, self.target = source, target
        from_tags, to_tags = (side.everywhere(side.tags) for side in (source, target))
        names = source.materials.items()
        inside = [(from_tags == tag, to_tags == target.materials[name]) for name, tag in names]
        self.patches = [Patch(source, target, *both) for both in inside if both[0].any() and both[1].any()]
        self.size = len(to_tags)
        before = sum(source.comm.allgather(len(target.areas))[: target.comm.rank])
        self.own = slice(before, before + len(target.areas))

    def share(self, values: Floats, size: int) -> Floats:
        """Shares in [0, 1] with the same integral over each material; the range that it has is not left.

        `size` is that of the result. SolverError if the integral cannot be kept.
        """
        return self._crossed(values, size, Patch.share)

    def rate(self, values: Floats, size: int) -> Floats:
        """Rates per area, of any sign, with the same integral over each material; see `share`."""
        return self._crossed(values, size, Patch.rate)

    def _crossed(self, values: Floats, size: int, keep: Callable[["Patch", Floats], Floats]) -> Floats:
        given, there = self.source.everywhere(values[self.source.places]), np.zeros(self.size)
        for patch in self.patches:
            there[patch.there] = keep(patch, given[patch.here])
        result = np.zeros(size)
        result[self.target.places] = there[self.own]
        return result


class Patch:
    """The part of a face that one material has: `here` in the source, `there` in the target."""

    def __init__(self, source: FaceSide, target: FaceSide, here: Bools, there: Bools) -> None:
        self.here, self.there = here, there
        self.before = source.everywhere(source.areas)[here]
        self.after = target.everywhere(target.areas)[there]
        from_middles = source.everywhere(source.middles)[here]
        to_middles = target.everywhere(target.middles)[there]
        self.nearest = cKDTree(from_middles).query(to_middles)[1]
        self.falls_on = cKDTree(to_middles).query(from_middles)[1]

    def share(self, given: Floats) -> Floats:
        """See `FaceCrossing.share`."""
        low, high = float(given.min()), float(given.max())
        return keep_share(ALONE, self._averaged(given), self.after, float(self.before @ given), low, high)

    def rate(self, given: Floats) -> Floats:
        """See `FaceCrossing.rate`."""
        return keep_rate(ALONE, self._averaged(given), self.after, float(self.before @ given))

    def _averaged(self, given: Floats) -> Floats:
        crossed: Floats = given[self.nearest]
        many = np.bincount(self.falls_on, minlength=len(self.after)) > 1
        covered, sums = (
            np.bincount(self.falls_on, w, len(self.after)) for w in (self.before, self.before * given)
        )
        crossed[many] = sums[many] / covered[many]
        return crossed
