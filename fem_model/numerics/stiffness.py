"""∫ σ ∇u·∇w dx of linear elements as a product.

The gradients of linear elements are constant, so that what a cell conducts between two of its nodes is
−∇w_i·∇w_j times ∫ σ dx over it: the entries of the matrix are a sparse matrix times these integrals. On the
diagonal stands minus the sum of the rest of the row. The currents of a potential are found from its
differences along the edges: a product with the matrix would leave round-off of the level of φ.
"""

import fem_model._dolfinx_first  # noqa: F401

from itertools import combinations

import numpy as np
import scipy.sparse as sp
from dolfinx.mesh import Mesh

from fem_model.base.arrays import Floats, Ints
from fem_model.numerics.algebra import blocks
from fem_model.numerics.sparsity import Sparsity


def gradients(mesh: Mesh, cells: slice | Ints) -> Floats:
    """Gradients of the linear functions of the corners of straight cells, 1/m: by cell, corner and axis."""
    dim = mesh.topology.dim
    corners = mesh.geometry.x[mesh.geometry.dofmaps[0][cells]][:, :, :dim]
    of_others = np.linalg.inv(corners[:, 1:] - corners[:, :1]).transpose(0, 2, 1)
    return np.concatenate([-of_others.sum(axis=1, keepdims=True), of_others], axis=1)


class Stiffness:
    """Entries of a sparsity of linear elements from ∫ σ dx of the cells of this rank."""

    def __init__(self, mesh: Mesh, sparsity: Sparsity) -> None:
        self.sparsity = sparsity
        numbers, shape = np.arange(len(sparsity.indices), dtype=np.int32), (sparsity.nodes, sparsity.nodes)
        mirror = sp.csr_matrix((numbers, sparsity.indices, sparsity.indptr), shape).T.tocsr().data
        upper = sparsity.indices > sparsity.rows
        number = np.cumsum(upper, dtype=np.int32) - 1
        self.edge = np.where(upper, number, number[mirror])
        """The edge of each entry, of which there is another one with the nodes exchanged."""
        self.ends = sparsity.rows[upper], sparsity.indices[upper]
        """Nodes at both ends of each edge."""
        self.diagonal = np.flatnonzero(sparsity.indices == sparsity.rows)
        self.by_edges = self._by_edges(mesh, int(upper.sum()))

    def _by_edges(self, mesh: Mesh, edges: int) -> sp.csr_matrix:
        """∇w_i·∇w_j of each cell and edge of it."""
        cells, corners = self.sparsity.dofs.shape
        pairs = np.array(list(combinations(range(corners), 2)))
        products, edge = np.empty((cells, len(pairs))), np.empty((cells, len(pairs)), dtype=np.int32)
        for block in blocks(cells):
            slopes = gradients(mesh, block)
            products[block] = np.einsum("cpk,cpk->cp", slopes[:, pairs[:, 0]], slopes[:, pairs[:, 1]])
            edge[block] = self.edge[self.sparsity.places[block][:, pairs @ [corners, 1]]]
        starts = np.arange(0, edge.size + 1, len(pairs), dtype=np.int32)
        return sp.csr_matrix((products.ravel(), edge.ravel(), starts), (cells, edges))

    def along_edges(self, integrals: Floats) -> Floats:
        """∫ σ ∇w_i·∇w_j dx of each edge, for ∫ σ dx of the cells in their order."""
        along: Floats = self.by_edges.T @ integrals
        return along

    def currents(self, along: Floats, nodal: Floats) -> Floats:
        """∫ σ ∇u·∇w dx for u at the nodes, ghosts included: the part of this rank, of all its nodes."""
        (a, b), count = self.ends, self.sparsity.nodes
        flow = along * (nodal[b] - nodal[a])
        currents: Floats = np.bincount(a, flow, count) - np.bincount(b, flow, count)
        return currents

    def entries(self, along: Floats) -> Floats:
        """Entries of the matrix, from those of the edges."""
        entries = along[self.edge]
        entries[self.diagonal] = 0.0
        entries[self.diagonal] = -np.add.reduceat(entries, self.sparsity.indptr[:-1])
        return entries
