"""DOLFINx vectors and matrices as the solvers use them: made once, filled many times."""

import fem_model._dolfinx_first  # noqa: F401

from typing import Any

import numpy as np
from dolfinx import fem
from dolfinx.fem import petsc
from dolfinx.la import InsertMode
from mpi4py import MPI
from petsc4py import PETSc

from fem_model.base.arrays import Floats


class AssembledVector:
    """The vector of a linear form; `array` holds the owned entries."""

    def __init__(self, form: Any) -> None:
        self.form = fem.form(form)
        self.vector = fem.create_vector(self.form.function_spaces[0])
        self._map = self.vector.index_map
        self.comm = self._map.comm

    def assemble(self) -> Floats:
        """Fill from the form and return the owned part (a view)."""
        self.vector.array[:] = 0.0
        fem.assemble_vector(self.vector.array, self.form)
        self.vector.scatter_reverse(InsertMode.add)
        return self.array

    @property
    def array(self) -> Floats:
        owned: Floats = self.vector.array[: self._map.size_local]
        return owned


def total(comm: MPI.Comm, owned: Floats) -> float:
    """Sum of a distributed vector's entries."""
    return float(comm.allreduce(float(owned.sum()), op=MPI.SUM))


def dot(comm: MPI.Comm, a: Floats, b: Floats) -> float:
    """Inner product of two distributed vectors."""
    return float(comm.allreduce(float(a @ b), op=MPI.SUM))


def combine(comm: MPI.Comm, local: Floats, op: MPI.Op = MPI.SUM) -> Floats:
    """An array of every rank combined element by element, the same on all."""
    result = np.empty_like(local)
    comm.Allreduce(local, result, op)
    return result


def assemble_matrix(matrix: PETSc.Mat, form: fem.Form, bcs: list[fem.DirichletBC]) -> None:
    """Fill a matrix anew; rows and columns of Dirichlet conditions become the identity."""
    matrix.zeroEntries()
    petsc.assemble_matrix(matrix, form, bcs=bcs)
    matrix.assemble()
