"""Matrices over the nodes of cells, whose entries are found once and filled again and again."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
import ufl
from dolfinx import fem
from petsc4py import PETSc

from fem_model.base.arrays import Floats, Ints
from fem_model.numerics.algebra import add_forms, blocks


class Sparsity:
    """Entries of this rank, row by row; those of nodes shared with other ranks are parts of a sum.

    `places` has the numbers of the entries of each cell.
    """

    def __init__(self, V: fem.FunctionSpace) -> None:
        self.comm, self.dofs, self.map = V.mesh.comm, V.dofmap.list, V.dofmap.index_map
        self.nodes = self.map.size_local + self.map.num_ghosts
        cells, per_cell = self.dofs.shape
        row_starts = np.arange(0, self.dofs.size + 1, per_cell)
        touched = sp.csr_matrix(
            (np.ones(self.dofs.size, np.int32), self.dofs.ravel(), row_starts), (cells, self.nodes)
        )
        pattern = (touched.T @ touched).tocsr()
        pattern.sort_indices()
        self.indptr, self.indices = pattern.indptr, pattern.indices
        self.rows: Ints = np.repeat(np.arange(self.nodes, dtype=np.int32), np.diff(self.indptr))
        self.places = self._places()

    def _places(self) -> Ints:
        keys = self.rows * np.int64(self.nodes) + self.indices
        cells, per_cell = self.dofs.shape
        places = np.empty((cells, per_cell**2), dtype=np.int32)
        for block in blocks(cells):
            rows = self.dofs[block].astype(np.int64)
            wanted = rows[:, :, None] * self.nodes + rows[:, None, :]
            places[block] = np.searchsorted(keys, wanted.reshape(-1, per_cell**2))
        return places

    def empty(self) -> Floats:
        """Entries of zero."""
        return np.zeros(len(self.indices))

    def add(self, entries: Floats, cells: Ints, numbers: Floats, matrices: Floats) -> None:
        """Add to the entries, for each of some cells, the sum of its numbers times these matrices."""
        for block in blocks(len(cells)):
            local = numbers[block] @ matrices
            np.add.at(entries, self.places[cells[block]].ravel(), local.ravel())

    def matrix(self) -> PETSc.Mat:
        """A new matrix of all ranks. Collective."""
        size = self.map.size_local, self.map.size_global
        numbers = self.map.local_to_global(np.arange(self.nodes, dtype=np.int32))
        matrix = PETSc.Mat().create(self.comm)
        matrix.setSizes((size, size))
        matrix.setType(PETSc.Mat.Type.AIJ)
        local = PETSc.LGMap().create(numbers.astype(PETSc.IntType), comm=self.comm)
        matrix.setLGMap(local, local)
        matrix.setPreallocationCOOLocal(self.rows.copy(), self.indices.copy())
        return matrix


def fill(matrix: PETSc.Mat, entries: Floats, *forms: Any) -> None:
    """Fill a matrix of a sparsity from the entries of all ranks, and add bilinear forms. Collective."""
    matrix.setValuesCOO(entries, PETSc.InsertMode.INSERT_VALUES)
    add_forms(matrix, forms)


def derivative(forms: Sequence[Any], by: fem.Function) -> list[fem.Form]:
    """The derivative of a sum of linear forms; none if it is zero."""
    if not forms:
        return []
    direction = ufl.TrialFunction(by.function_space)
    slope = ufl.algorithms.expand_derivatives(ufl.derivative(sum(forms), by, direction))
    return [] if slope.empty() else [fem.form(slope)]
