"""Means over a length: S = (1 − λ²∇²)⁻¹ on the nodes of a mesh."""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc

from fem_model.base.arrays import Floats, Ints
from fem_model.laws.interface import smoothing
from fem_model.numerics.algebra import AssembledVector, assemble_matrix
from fem_model.numerics.linear import SMOOTHING, SMOOTHING_3D
from fem_model.numerics.reach import PartSolver, Reach

RTOL = 1e-11


class Smoother:
    """S over a `length` (m), with zero on the nodes of `bcs` and beyond a `reach`, if there is one.

    It goes from the load ∫ f w dx of the owned nodes to values at the nodes.
    """

    def __init__(
        self,
        V: fem.FunctionSpace,
        dx: ufl.Measure,
        length: fem.Constant,
        name: str,
        bcs: list[fem.DirichletBC] | None = None,
        reach: Reach | None = None,
    ) -> None:
        self.w, self.dx, held = ufl.TestFunction(V), dx, bcs or []
        form = fem.form(smoothing(ufl.TrialFunction(V), self.w, length, dx))
        matrix = petsc.create_matrix(form)
        assemble_matrix(matrix, [form], held)
        fixed = [dofs[:owned] for dofs, owned in (bc.dof_indices() for bc in held)]
        self.fixed: Ints = np.concatenate(fixed or [np.zeros(0, np.int32)])
        preset = SMOOTHING if V.mesh.topology.dim == 2 else SMOOTHING_3D
        self.solver = PartSolver(matrix, V.dofmap.index_map, reach, preset, RTOL, name)

    def __call__(self, load: Floats, result: fem.Function) -> Floats:
        """S f into `result`, which is also the first guess; its values with ghosts. Collective."""
        weak = load.copy()
        weak[self.fixed] = 0.0
        self.solver.solve(weak, result)
        values: Floats = result.x.array
        return values

    def of(self, values: fem.Function, result: fem.Function) -> None:
        """S f into `result` for values that may jump between cells: by 80 % within three lengths."""
        self(AssembledVector(values * self.w * self.dx).assemble(), result)
