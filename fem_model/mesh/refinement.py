"""The same body with smaller cells: names, materials, grains and boundaries stay where they are."""

from __future__ import annotations

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from dolfinx.mesh import RefinementOption, entities_to_geometry, refine, transfer_meshtag
from mpi4py import MPI

from fem_model.base.arrays import Ints
from fem_model.mesh.domain import Domain, MeshArrays, distribute
from fem_model.mesh.parallel import on_root


def refined(domain: Domain) -> Domain:
    """The domain with every edge halved: 4 triangles for each, or 8 tetrahedra (collective).

    Like a mesh that is read, it is made as a whole on rank 0 and distributed anew, without ghost cells. So it
    does not depend on the number of ranks, and nor does `mesh.topology.original_cell_index`, the number of a
    cell in this order: the children of cell k are the cells mk … mk + m − 1, m = 4 or 8, on any ranks.
    Checkpoints of a refined mesh can so be taken up by any number of ranks that refine the same file; what
    `per_cell` is to distribute over it has one value for each child, `np.repeat(values, m)`. The
    fingerprints remain those of the file.
    """
    comm, dim = domain.mesh.comm, domain.mesh.topology.dim
    whole = _gather(domain)
    parts = distribute(comm, on_root(comm, lambda: _halved(whole)), dim)
    return replace(domain, **parts._asdict())


def _gather(domain: Domain) -> MeshArrays:
    """The whole mesh on rank 0, in the order in which it was distributed; nothing elsewhere (collective)."""
    mesh, tags = domain.mesh, domain.facet_tags
    dim, node = mesh.topology.dim, mesh.geometry.input_global_indices
    cells = mesh.topology.index_map(dim).size_local
    number = mesh.topology.original_cell_index[:cells]
    corners = node[mesh.geometry.dofmaps[0][:cells]]
    facets = node[entities_to_geometry(mesh, dim - 1, tags.indices)]
    return MeshArrays(
        _ordered(mesh.comm, node, mesh.geometry.x[:, :dim]),
        _ordered(mesh.comm, number, corners),
        _ordered(mesh.comm, number, domain.cell_tags.values[:cells]),
        _ordered(mesh.comm, number, domain.grain[:cells]),
        *_joined(mesh.comm, facets, tags.values),
    )


def _ordered[Rows: np.generic](comm: MPI.Comm, number: Ints, rows: npt.NDArray[Rows]) -> npt.NDArray[Rows]:
    """Rows of all ranks by their numbers, each once, on rank 0."""
    parts = comm.gather((number, rows))
    if parts is None:
        return rows[:0]
    numbers, all_rows = map(np.concatenate, zip(*parts, strict=True))
    ordered: npt.NDArray[Rows] = all_rows[np.unique(numbers, return_index=True)[1]]
    return ordered


def _joined(
    comm: MPI.Comm, facets: Ints, values: npt.NDArray[np.int32]
) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Facets of all ranks with their tags, each once, on rank 0."""
    rows = np.concatenate(comm.gather(np.column_stack([np.sort(facets, axis=1), values])) or [facets[:0]])
    once = np.unique(rows, axis=0)
    return once[:, :-1], once[:, -1].astype(np.int32)


def _halved(whole: MeshArrays) -> MeshArrays:
    """Every cell with its edges halved, its children in its place."""
    dim = whole.points.shape[1]
    coarse = distribute(MPI.COMM_SELF, whole, dim)
    coarse.mesh.topology.create_entities(1)
    coarse.mesh.topology.create_connectivity(dim, dim - 1)
    fine, parent, facet = refine(coarse.mesh, partitioner=None, option=RefinementOption.parent_cell_and_facet)
    for first, second in (dim - 1, dim), (dim, dim - 1):
        fine.topology.create_connectivity(first, second)
    tags = transfer_meshtag(coarse.facet_tags, fine, parent, facet)
    number = coarse.mesh.topology.original_cell_index[parent[fine.topology.original_cell_index]]
    order = np.argsort(number, kind="stable")
    return MeshArrays(
        np.ascontiguousarray(fine.geometry.x[:, :dim]),
        fine.geometry.dofmaps[0][order].astype(np.int64),
        whole.material[number[order]],
        whole.grain[number[order]],
        entities_to_geometry(fine, dim - 1, tags.indices).astype(np.int64),
        tags.values,
    )
