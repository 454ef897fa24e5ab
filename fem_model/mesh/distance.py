"""Distance of every node from the boundaries between materials."""

from __future__ import annotations

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Iterable

import numpy as np
from dolfinx import fem
from dolfinx.mesh import entities_to_geometry

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.mesh.domain import Domain
from fem_model.mesh.nearest import distance_to_facets


def boundary_distance(domain: Domain, pairs: Iterable[str] | None = None) -> fem.Function:
    """P1 function: distance in m of each node to the nearest interior boundary among `pairs` (collective).

    By default these are all boundaries between different materials. The distance to the flat facets is
    exact and the same on any number of ranks. Where there is no such boundary it is the diameter of the
    domain's bounding box.
    Errors: InputError if a pair is not in the mesh.
    """
    chosen = _between_materials(domain) if pairs is None else set(pairs)
    unknown = sorted(set(chosen) - set(domain.pairs))
    if unknown:
        raise InputError(
            f"no boundary {', '.join(unknown)} in the mesh, only {', '.join(domain.pairs) or 'none'}"
        )
    facets = _gather_facets(domain, [domain.pairs[pair] for pair in chosen])
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    distance = fem.Function(space, name="boundary_distance")
    distance.x.array[:] = distance_to_facets(_nodes(space), facets) if len(facets) else domain.diameter
    return distance


def _nodes(space: fem.FunctionSpace) -> Floats:
    """Coordinates of the P1 nodes as stored; tabulating them would add rounding that depends on the ranks."""
    geometry = space.mesh.geometry
    nodes = np.empty((len(geometry.x), geometry.dim))
    nodes[space.dofmap.list] = geometry.x[geometry.dofmaps[0], : geometry.dim]
    return nodes


def _between_materials(domain: Domain) -> list[str]:
    return [pair for pair in domain.pairs if len(set(pair.split("|"))) == 2]


def _gather_facets(domain: Domain, tags: list[int]) -> Floats:
    """Corners (m, d, d) of all facets with these tags, in an order that does not depend on the ranks."""
    mesh, facet_dim, dim = domain.mesh, domain.facet_tags.dim, domain.mesh.geometry.dim
    mesh.topology.create_connectivity(facet_dim, facet_dim + 1)
    owned = domain.facet_tags.indices < mesh.topology.index_map(facet_dim).size_local
    chosen = domain.facet_tags.indices[owned & np.isin(domain.facet_tags.values, tags)]
    nodes = entities_to_geometry(mesh, facet_dim, chosen)
    local = mesh.geometry.x[nodes][:, :, :dim].reshape(-1, dim, dim)
    corners = np.concatenate(mesh.comm.allgather(local))
    by_corner = np.lexsort(np.moveaxis(corners, 2, 0)[::-1], axis=1)
    rows = np.take_along_axis(corners, by_corner[:, :, None], axis=1).reshape(len(corners), dim * dim)
    return rows[np.lexsort(rows.T[::-1])].reshape(-1, dim, dim)
