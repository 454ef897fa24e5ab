"""DOLFINx vectors and matrices as the solvers use them: made once, filled many times."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Iterator, Sequence

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from dolfinx.fem.forms import form_cpp_creator
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
        compiled = fem.compile_form(self.mesh.comm, part)
        self.compiled, ffi = compiled, compiled.module.ffi
        self.create = form_cpp_creator(compiled.dtype)
        self.address = ffi.cast("uintptr_t", ffi.addressof(compiled.ufcx_form))
        used = compiled.ufcx_form.original_coefficient_positions
        coefficients = [form.coefficients()[used[k]] for k in range(compiled.ufcx_form.num_coefficients)]
        self.coefficients = {f"w{k}": c._cpp_object for k, c in enumerate(coefficients)}
        self.constants = {f"c{k}": c._cpp_object for k, c in enumerate(form.constants())}

    def over(self, cells: Ints) -> list[fem.Form]:
        """Forms over blocks of some cells, which together cover them."""
        return [self._over(cells[block]) for block in blocks(len(cells))]

    def over_none(self, count: int) -> list[fem.Form]:
        """Forms over no cells."""
        return [self._over(np.zeros(0, dtype=np.int32)) for _ in range(count)]

    def _over(self, cells: Ints) -> fem.Form:
        """A form, as by `fem.create_form`, which looks for the coefficients of the whole form each time."""
        spaces = [space._cpp_object for space in self.spaces]
        domains = {fem.IntegralType.cell: [(PART, cells)]}
        mesh, coefficients = self.mesh._cpp_object, self.coefficients
        form = self.create(self.address, spaces, coefficients, self.constants, domains, [], mesh)
        return fem.Form(form, self.compiled.ufcx_form, self.compiled.code)


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
