"""Function spaces and measures on a domain, and what all processes ask of them."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable
from functools import cached_property
from typing import Any

import ufl
from dolfinx import default_scalar_type, fem
from dolfinx.fem.petsc import assemble_matrix
from mpi4py import MPI
from petsc4py import PETSc

from fem_model.base.arrays import Floats
from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import AssembledVector
from fem_model.numerics.sparsity import Sparsity
from fem_model.numerics.stiffness import Stiffness


class Spaces:
    """Lagrange elements of a `degree` on the nodes, constants on the cells, and the measures dx and ds.

    `axis` is that from anode to counter electrode, `area` (m², in 2D m times 1 m of depth) the anode's face.
    """

    def __init__(self, domain: Domain, degree: int) -> None:
        mesh = domain.mesh
        self.domain, self.comm, self.axis = domain, mesh.comm, mesh.geometry.dim - 1
        self.V = fem.functionspace(mesh, ("Lagrange", degree))
        self.vectors = fem.functionspace(mesh, ("Lagrange", degree, (mesh.geometry.dim,)))
        self.cells = fem.functionspace(mesh, ("DG", 0))
        self.cell_numbers = self.cells.dofmap.list[:, 0]
        """Places of the local cells in an array of constants on the cells."""
        self.is_linear, self.quadrature_degree = degree == 1, 2 * degree
        quadrature = {"quadrature_degree": self.quadrature_degree}
        self.dx, self.ds = domain.dx(metadata=quadrature), domain.ds(metadata=quadrature)
        self.owned = self.V.dofmap.index_map.size_local
        self.area = self.integrate(self.constant(1.0) * self.on_face("anode"))

    @cached_property
    def sparsity(self) -> Sparsity:
        """Entries of the matrices over the nodes."""
        return Sparsity(self.V)

    @cached_property
    def stiffness(self) -> Stiffness:
        """Entries of ∫ σ ∇u·∇w dx, of linear elements."""
        return Stiffness(self.domain.mesh, self.sparsity)

    def nodal(self, name: str) -> fem.Function:
        """A function of the nodes, zero."""
        return fem.Function(self.V, name=name)

    def constant(self, value: float) -> fem.Constant:
        """A number that may change in time without recompiling a form."""
        return fem.Constant(self.domain.mesh, default_scalar_type(value))

    def integral(self, form: Any) -> Callable[[], float]:
        """A function that evaluates a scalar form, again and again, over all ranks."""
        compiled = fem.form(form)
        return lambda: float(self.comm.allreduce(fem.assemble_scalar(compiled), op=MPI.SUM))

    def integrate(self, form: Any) -> float:
        """A scalar form over all ranks, evaluated once."""
        return self.integral(form)()

    def on_face(self, name: str) -> ufl.Measure:
        """The measure on the outer face of this name."""
        return self.ds(self.domain.faces[name])

    def only_in(self, material: str) -> fem.Function:
        """1 in a material, 0 elsewhere."""
        return self.domain.material_values({name: float(name == material) for name in self.domain.materials})

    def volumes(self) -> Floats:
        """∫ q dx of the owned cells, m³."""
        return AssembledVector(ufl.TestFunction(self.cells) * self.dx).assemble().copy()

    def zero_on(self, *faces: str) -> list[fem.DirichletBC]:
        """Conditions of zero at the nodes of those of these outer faces that the domain has."""
        tags = [self.domain.faces[name] for name in faces if name in self.domain.faces]
        dim = self.domain.mesh.topology.dim - 1
        facets = [self.domain.facet_tags.find(tag) for tag in tags]
        dofs = [fem.locate_dofs_topological(self.V, dim, found) for found in facets]
        return [fem.dirichletbc(default_scalar_type(0), found, self.V) for found in dofs]

    @cached_property
    def mass(self) -> PETSc.Mat:
        """The matrix of ∫ u w dx, m³."""
        return self.mass_matrix(1.0)

    def mass_matrix(self, weight: Any) -> PETSc.Mat:
        """A new matrix of ∫ f u w dx for a weight f."""
        w, u = ufl.TestFunction(self.V), ufl.TrialFunction(self.V)
        matrix = assemble_matrix(fem.form(weight * u * w * self.dx))
        matrix.assemble()
        return matrix

    def mass_diagonal(self) -> Floats:
        """∫ w² dx of the owned nodes, m³."""
        diagonal: Floats = self.mass.getDiagonal().array.copy()
        return diagonal
