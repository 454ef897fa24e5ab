"""DOLFINx vectors and matrices as the solvers use them: made once, filled many times."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from dolfinx.la import InsertMode
from mpi4py import MPI
from petsc4py import PETSc

from fem_model.base.arrays import Floats, Ints

BLOCK = 20_000
"""Cells that are treated at once: what is packed for them is small."""
PART = 1
"""Subdomain id under which a form has its cells."""


def blocks(count: int) -> Iterator[slice]:
    """Slices of at most BLOCK that cover 0 … count."""
    return (slice(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK))


class CellForm:
    """A form of integrals over cells, compiled once and made for any set of them."""

    def __init__(self, form: ufl.Form) -> None:
        self.spaces = [argument.ufl_function_space() for argument in form.arguments()]
        self.mesh = self.spaces[0].mesh
        part = ufl.Form([integral.reconstruct(subdomain_id=PART) for integral in form.integrals()])
        self.coefficients = {c: c for c in form.coefficients()}
        self.constants = {c: c for c in form.constants()}
        self.compiled = replace(fem.compile_form(self.mesh.comm, part), ufl_form=self._used())

    def _used(self) -> ufl.Form:
        """The least form that has the same coefficients and constants: all that is asked for each time."""
        used = [ufl.inner(f, f) for f in [*self.coefficients, *self.constants]]
        return sum(used, ufl.as_ufl(1.0)) * ufl.dx(self.mesh)

    def over(self, cells: Ints) -> list[fem.Form]:
        """Forms over blocks of some cells, which together cover them."""
        return [self._over(cells[block]) for block in blocks(len(cells))]

    def over_none(self, count: int) -> list[fem.Form]:
        """Forms over no cells."""
        return [self._over(np.zeros(0, dtype=np.int32)) for _ in range(count)]

    def _over(self, cells: Ints) -> fem.Form:
        domains = {fem.IntegralType.cell: [(PART, cells)]}
        return fem.create_form(
            self.compiled, self.spaces, self.mesh, domains, self.coefficients, self.constants
        )


def pieces(form: ufl.Form) -> list[fem.Form]:
    """Forms whose sum is a form: over blocks of cells if it is over all cells, as many on each rank.

    Collective, as is adding each of them to a matrix.
    """
    kinds = {(integral.integral_type(), integral.subdomain_id()) for integral in form.integrals()}
    if kinds != {("cell", "everywhere")}:
        return [fem.form(form)]
    of_cells = CellForm(form)
    topology = of_cells.mesh.topology
    cells = np.arange(topology.index_map(topology.dim).size_local, dtype=np.int32)
    forms = of_cells.over(cells)
    most = of_cells.mesh.comm.allreduce(len(forms), op=MPI.MAX)
    return forms + of_cells.over_none(most - len(forms))


class AssembledVector:
    """The vector of a linear form; `array` holds the owned entries."""

    def __init__(self, form: ufl.Form) -> None:
        self.forms = self.parts(form)
        self.vector = fem.create_vector(form.arguments()[0].ufl_function_space())
        self._map = self.vector.index_map
        self.comm = self._map.comm

    def parts(self, form: ufl.Form) -> list[fem.Form]:
        """Forms of which it is the sum."""
        return pieces(form)

    def assemble(self) -> Floats:
        """Fill from the form and return the owned part (a view)."""
        self.vector.array[:] = 0.0
        for form in self.forms:
            fem.assemble_vector(self.vector.array, form)
        self.vector.scatter_reverse(InsertMode.add)
        return self.array

    @property
    def array(self) -> Floats:
        owned: Floats = self.vector.array[: self._map.size_local * self.vector.block_size]
        return owned


def if_any(form: ufl.Form | None) -> AssembledVector | None:
    """The vector of a form, if there is one."""
    return None if form is None else AssembledVector(form)


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


def assemble_matrix(matrix: PETSc.Mat, forms: Sequence[fem.Form], bcs: list[fem.DirichletBC]) -> None:
    """Fill a matrix anew by some forms; rows and columns of Dirichlet conditions become the identity."""
    matrix.zeroEntries()
    add_forms(matrix, forms, bcs)


def add_forms(matrix: PETSc.Mat, forms: Sequence[fem.Form], bcs: Sequence[fem.DirichletBC] = ()) -> None:
    """Add some forms to a matrix, as many on all ranks. Collective."""
    for form in forms:
        petsc.assemble_matrix(matrix, form, bcs=bcs)
    matrix.assemble()
