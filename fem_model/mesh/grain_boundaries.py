"""The boundaries between grains: their facets, and the grains on both sides, the same on every rank."""

from __future__ import annotations

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from dolfinx.mesh import entities_to_geometry

from fem_model.base.arrays import Floats, Ints
from fem_model.mesh.domain import Domain


@dataclass(frozen=True, eq=False)
class GrainBoundaries:
    """Facets between two grains, in an order that does not depend on the ranks."""

    corners: Floats
    """(m, d, d), m."""
    grains: Ints
    """(m, 2), the grains on both sides, the smaller number first."""
    pair: Ints
    """(m,), tag of the pair of materials, a value of `Domain.pairs`."""

    @cached_property
    def boundary(self) -> Ints:
        """(m,), number of the boundary: all facets between the same two grains."""
        return np.unique(self.grains, axis=0, return_inverse=True)[1].reshape(-1)

    def sampled(self, spacing: float) -> tuple[Floats, Ints]:
        """Points on the facets, nowhere farther apart than about `spacing` (m), and the facet of each."""
        sides = self.corners - np.roll(self.corners, 1, axis=1)
        size = np.linalg.norm(sides, axis=2).max(axis=1, initial=0.0)
        counts = np.maximum(np.ceil(size / spacing).astype(int), 1)
        dim = self.corners.shape[2]
        points, facets = [np.empty((0, dim))], [np.empty(0, dtype=np.int64)]
        for count in np.unique(counts):
            chosen = np.flatnonzero(counts == count)
            weights = _lattice(int(count), self.corners.shape[1])
            points.append(np.einsum("kc,mcd->mkd", weights, self.corners[chosen]).reshape(-1, dim))
            facets.append(np.repeat(chosen, len(weights)))
        return np.concatenate(points), np.concatenate(facets)


def grain_boundaries(domain: Domain) -> GrainBoundaries:
    """All boundaries between grains of a domain (collective)."""
    corners, grains, pairs = (np.concatenate(part) for part in zip(*_gathered(domain), strict=True))
    by_corner = np.lexsort(np.moveaxis(corners, 2, 0)[::-1], axis=1)
    rows = np.take_along_axis(corners, by_corner[:, :, None], axis=1)
    flat = rows.reshape(len(rows), rows.shape[1] * rows.shape[2])
    order = np.lexsort((grains, *flat.T[::-1]))  # every facet twice in a row, once from each side
    sides = grains[order].reshape(-1, 2)
    return GrainBoundaries(rows[order][::2], sides.astype(np.int64), pairs[order][::2].astype(np.int64))


def _gathered(domain: Domain) -> list[tuple[Floats, Ints, Ints]]:
    """Corners, grain and pair of each facet as the cells beside it see it, from each rank."""
    mesh, tags, dim = domain.mesh, domain.facet_tags, domain.mesh.topology.dim - 1
    mesh.topology.create_connectivity(dim, dim + 1)
    between = np.isin(tags.values, list(domain.pairs.values()))
    facets, pairs = tags.indices[between], tags.values[between]
    links = mesh.topology.connectivity(dim, dim + 1)
    count = np.diff(links.offsets)[facets]
    first = np.repeat(links.offsets[facets], count)
    within = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
    cells = links.array[first + within]
    owned = cells < mesh.topology.index_map(dim + 1).size_local
    nodes = entities_to_geometry(mesh, dim, np.repeat(facets, count)[owned])
    corners = mesh.geometry.x[nodes.reshape(-1, dim + 1)][:, :, : dim + 1]
    return list(mesh.comm.allgather((corners, domain.grain[cells[owned]], np.repeat(pairs, count)[owned])))


def _lattice(count: int, corners: int) -> Floats:
    """Barycentric weights of the middles of `count` parts of a segment, or of `count`² of a triangle."""
    middles = (np.arange(count) + 0.5) / count
    if corners == 2:
        return np.stack([1 - middles, middles], axis=1)
    along, across = (grid.ravel() for grid in np.meshgrid(middles, middles))
    root = np.sqrt(along)
    return np.stack([1 - root, root * (1 - across), root * across], axis=1)
