"""The band of cells where a front is, and integrals over it: what lies outside costs nothing.

Expressions are evaluated once at the points of a rule of quadrature. What is made from these numbers, sums by
nodes and by cells and entries of a matrix, are products with arrays that do not change.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence
from typing import Any

import basix
import numpy as np
import ufl
from dolfinx import fem
from dolfinx.la import InsertMode
from mpi4py import MPI
from ufl.algorithms import expand_derivatives, strip_variables

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.numerics.algebra import AssembledVector, CellForm, blocks


class Band:
    """Cells of this rank (`cells`), all of them until `update`, with points of quadrature of a `degree`.

    V is the space of the nodes, `cells` that of constants in cells, `volumes` (m³) are in the order of these.
    """

    def __init__(self, V: fem.FunctionSpace, cells: fem.FunctionSpace, volumes: Floats, degree: int) -> None:
        self.mesh, self.dofs = V.mesh, V.dofmap.list
        self.numbers: Ints = cells.dofmap.list[:, 0]
        self.volumes = volumes[self.numbers]
        self.points, weights = basix.make_quadrature(V.mesh.basix_cell(), degree)
        self.shares = weights / weights.sum()
        """Weights of the points, of which the sum is 1."""
        self.basis: Floats = V.element.basix_element.tabulate(0, self.points)[0, :, :, 0]
        """Values of the functions of the nodes at the points."""
        self.sums = fem.create_vector(V)
        self.owned = V.dofmap.index_map.size_local
        self.cells: Ints = np.arange(len(self.dofs), dtype=np.int32)
        self.version = 0

    def update(self, near: Bools) -> None:
        """Take the cells that have any of the nodes that are `near`."""
        touched = np.any([near[corner] for corner in self.dofs.T], axis=0)
        self.cells = np.flatnonzero(touched).astype(np.int32)
        self.version += 1

    @property
    def weights(self) -> Floats:
        """Weights of the points of each of its cells, m³."""
        weights: Floats = np.multiply.outer(self.volumes[self.cells], self.shares)
        return weights

    def at_points(self, nodal: Floats) -> Floats:
        """Values at the points from those at the nodes, ghosts included."""
        values: Floats = nodal[self.dofs[self.cells]] @ self.basis.T
        return values

    def by_nodes(self, integrals: Floats) -> Floats:
        """∫ f w dx on the owned nodes, from the integrals of f at the points. Collective."""
        local = integrals @ self.basis
        dofs, array = self.dofs[self.cells], self.sums.array
        array[:] = np.bincount(dofs.ravel(), weights=local.ravel(), minlength=len(array))
        self.sums.scatter_reverse(InsertMode.add)
        owned: Floats = array[: self.owned].copy()
        return owned

    def by_cells(self, integrals: Floats) -> Floats:
        """∫ f dx of all cells of this rank from the integrals of f at the points."""
        result = np.zeros(len(self.numbers))
        result[self.numbers[self.cells]] = integrals.sum(axis=1)
        return result


class AtPoints:
    """Scalar expressions at the points of a band.

    Their derivatives are taken here, and the variables of these left out: UFL numbers them through all that a
    process makes, so that the same equations would be compiled again each time.
    """

    def __init__(self, band: Band, expressions: Sequence[Any]) -> None:
        self.band, self.count = band, len(expressions)
        derived = expand_derivatives(ufl.as_vector(list(expressions)))
        self.expression = fem.Expression(strip_variables(derived), band.points)

    def values(self) -> Floats:
        """Values by expression, cell of the band and point."""
        band = self.band
        result = np.empty((self.count, len(band.cells), len(band.shares)))
        for block in blocks(len(band.cells)):
            values = self.expression.eval(band.mesh, band.cells[block])
            result[:, block] = np.moveaxis(values.reshape(-1, len(band.shares), self.count), -1, 0)
        return result

    def integrals(self) -> Floats:
        """The values times the weights of the points."""
        result: Floats = self.values() * self.band.weights
        return result


class BandVector(AssembledVector):
    """The vector of a linear form over a band."""

    def __init__(self, band: Band, form: ufl.Form) -> None:
        self.band, self.version = band, band.version
        super().__init__(form)

    def parts(self, form: ufl.Form) -> list[fem.Form]:
        """Forms over the band as it is."""
        self.of_cells = CellForm(form)
        return self.of_cells.over(self.band.cells)

    def assemble(self) -> Floats:
        """Fill from the form over the band as it is and return the owned part (a view)."""
        if self.version != self.band.version:
            self.forms, self.version = self.of_cells.over(self.band.cells), self.band.version
        return super().assemble()


class BandForms:
    """The forms over blocks of a band of which a form is the sum: as many on each rank, whatever its band."""

    def __init__(self, band: Band, form: ufl.Form) -> None:
        self.band, self.of_cells = band, CellForm(form)
        self.most: int = band.mesh.comm.allreduce(len(list(blocks(len(band.dofs)))), op=MPI.MAX)

    def now(self) -> list[fem.Form]:
        """Forms over the band as it is."""
        forms = self.of_cells.over(self.band.cells)
        return forms + self.of_cells.over_none(self.most - len(forms))
