"""DOLFINx vectors and matrices as the solvers use them: made once, filled many times."""

import fem_model._dolfinx_first  # noqa: F401

from typing import Any

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from dolfinx.fem import petsc
from dolfinx.la import InsertMode
from mpi4py import MPI
from petsc4py import PETSc


class AssembledVector:
    """The vector of a linear form; `array` holds the owned entries."""

    def __init__(self, form: Any) -> None:
        self.form = fem.form(form)
        self.vector = fem.create_vector(self.form.function_spaces[0])
        self._map = self.vector.index_map
        self.comm = self._map.comm

    def assemble(self) -> npt.NDArray[np.float64]:
        """Fill from the form and return the owned part (a view)."""
        self.vector.array[:] = 0.0
        fem.assemble_vector(self.vector.array, self.form)
        self.vector.scatter_reverse(InsertMode.add)
        return self.array

    @property
    def array(self) -> npt.NDArray[np.float64]:
        owned: npt.NDArray[np.float64] = self.vector.array[: self._map.size_local]
        return owned


def total(comm: MPI.Comm, owned: npt.NDArray[np.float64]) -> float:
    """Sum of a distributed vector's entries."""
    return float(comm.allreduce(float(owned.sum()), op=MPI.SUM))


def dot(comm: MPI.Comm, a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Inner product of two distributed vectors."""
    return float(comm.allreduce(float(a @ b), op=MPI.SUM))


def combine(comm: MPI.Comm, local: npt.NDArray[np.float64], op: MPI.Op = MPI.SUM) -> npt.NDArray[np.float64]:
    """An array of every rank combined element by element, the same on all."""
    result = np.empty_like(local)
    comm.Allreduce(local, result, op)
    return result


def assemble_matrix(matrix: PETSc.Mat, form: fem.Form, bcs: list[fem.DirichletBC]) -> None:
    """Fill a matrix anew; rows and columns of Dirichlet conditions become the identity."""
    matrix.zeroEntries()
    petsc.assemble_matrix(matrix, form, bcs=bcs)
    matrix.assemble()
