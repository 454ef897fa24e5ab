"""Steady conduction without reactions: ∇·(σ∇φ) = 0 between two faces at φ = 1 V and 0 V."""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import default_scalar_type, fem
from dolfinx.fem import petsc
from dolfinx.la import InsertMode

from fem_model.base.arrays import Floats
from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import assemble_matrix, combine
from fem_model.numerics.linear import DIRECT, MULTIGRID, LinearSolver

DIRECT_BELOW = 30_000
RTOL = 1e-11
FACE_TOLERANCE = 1e-6
"""Nodes within this share of the extent of a face belong to it."""


class Conduction:
    """Solves for one conductivity after another between the ends of any axis, all other sides insulating."""

    def __init__(self, domain: Domain) -> None:
        self.domain, self.comm = domain, domain.mesh.comm
        self.V = fem.functionspace(domain.mesh, ("Lagrange", 1))
        self.cells = fem.functionspace(domain.mesh, ("DG", 0))
        self.phi, self.sigma = fem.Function(self.V), fem.Function(self.cells)
        v, u, dx = ufl.TestFunction(self.V), ufl.TrialFunction(self.V), domain.dx
        self.form = fem.form(self.sigma * ufl.inner(ufl.grad(u), ufl.grad(v)) * dx)
        self.power_form = fem.form(self.sigma * ufl.inner(ufl.grad(self.phi), ufl.grad(self.phi)) * dx)
        self.matrix = petsc.create_matrix(self.form)
        self.matrix.setOption(self.matrix.Option.SPD, True)
        self.rhs = fem.Function(self.V)

    def solve(self, sigma: Floats, axis: int) -> float:
        """φ for a conductivity per local cell (S/m); returns the power ∫ σ|∇φ|² dx, W per V².

        Cells may insulate (σ = 0) if those that conduct are connected to one of the faces; φ is 0 at nodes
        within insulators.
        """
        self.sigma.x.array[self.cells.dofmap.list[:, 0]] = sigma
        low, high = self._faces(axis)
        held = ((0.0, self._idle(sigma)), (0.0, low), (1.0, high))
        bcs = [fem.dirichletbc(default_scalar_type(v), dofs, self.V) for v, dofs in held]
        assemble_matrix(self.matrix, [self.form], bcs)
        b = self.rhs.x
        b.array[:] = 0.0
        fem.apply_lifting(b.array, [self.form], bcs=[bcs])
        b.scatter_reverse(InsertMode.add)
        self.phi.x.array[:] = 0.0
        for bc in bcs:
            bc.set(b.array)
            bc.set(self.phi.x.array)
        preset = DIRECT if self.V.dofmap.index_map.size_global < DIRECT_BELOW else MULTIGRID
        solver = LinearSolver(self.matrix, preset, RTOL, "conduction")
        solver.new_values()
        solver.solve(b.petsc_vec, self.phi.x.petsc_vec)
        self.phi.x.scatter_forward()
        return float(combine(self.comm, np.array([fem.assemble_scalar(self.power_form)]))[0])

    def _idle(self, sigma: Floats) -> npt.NDArray[np.int32]:
        """The nodes whose cells, on all ranks, insulate."""
        conducts = fem.Function(self.V).x
        conducts.array[self.V.dofmap.list[sigma > 0.0].ravel()] = 1.0
        conducts.scatter_reverse(InsertMode.add)
        conducts.scatter_forward()
        return np.flatnonzero(conducts.array == 0.0).astype(np.int32)

    def _faces(self, axis: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        x, extent = self.V.tabulate_dof_coordinates()[:, axis], self.domain.extent[axis]
        near = FACE_TOLERANCE * extent
        low, high = np.flatnonzero(x < near), np.flatnonzero(x > extent - near)
        return low.astype(np.int32), high.astype(np.int32)

    def flux(self) -> Floats:
        """Current density −σ∇φ of the owned cells, A/m² for 1 V between the faces; shape (cells, dim)."""
        dim = self.domain.mesh.geometry.dim
        space = fem.functionspace(self.domain.mesh, ("DG", 0, (dim,)))
        j = fem.Function(space)
        expression = fem.Expression(-self.sigma * ufl.grad(self.phi), space.element.interpolation_points)
        j.interpolate(expression)
        owned = self.domain.mesh.topology.index_map(self.domain.mesh.topology.dim).size_local
        values: Floats = j.x.array.reshape(-1, dim)[space.dofmap.list[:owned, 0]]
        return values
