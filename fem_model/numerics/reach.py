"""Nodes to which the means over a front reach: beyond, they are round-off and need not be solved for."""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
from dolfinx import common, fem
from petsc4py import PETSc
from scipy.spatial import cKDTree

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.numerics.algebra import combine
from fem_model.numerics.band import Band
from fem_model.numerics.linear import LinearSolver, Options

REACH = 9.0
"""Distance from the band over λ: 25 λ from the front a mean over λ has fallen by exp(−25)."""
SLACK = 4.0
"""Way of the band over λ after which the nodes are found again."""
MOST = 0.5
"""Share of the nodes in the band from which all are taken."""


class Reach:
    """Owned nodes (`nodes`) within REACH λ of a band, wherever it is; `version` counts the changes."""

    def __init__(self, V: fem.FunctionSpace, band: Band, lam: float) -> None:
        self.band, self.lam, self.map = band, lam, V.dofmap.index_map
        self.points: Floats = V.tabulate_dof_coordinates()[:, : V.mesh.geometry.dim]
        self.owned, self.version = self.map.size_local, 0
        self.inner: Bools = np.zeros(len(self.points), dtype=bool)
        """Nodes that the band may have without a change."""
        self.nodes: Ints = np.zeros(0, dtype=np.int32)
        self.is_whole = False
        """True if the nodes are all there are, on all ranks."""

    def update(self) -> None:
        """Follow the band. Collective."""
        taken = np.zeros(len(self.points), dtype=bool)
        taken[self.band.dofs[self.band.cells]] = True
        out, count = combine(
            self.map.comm, np.array([(taken & ~self.inner).sum(), taken[: self.owned].sum()])
        )
        if out == 0 and self.version:
            return
        self.version += 1
        self.is_whole = bool(count >= MOST * self.map.size_global)
        distance = np.zeros(len(self.points))
        if not self.is_whole:
            found = np.concatenate(self.map.comm.allgather(self.points[: self.owned][taken[: self.owned]]))
            limit = (REACH + SLACK) * self.lam
            distance = cKDTree(found).query(self.points, distance_upper_bound=limit)[0]
        self.inner = distance <= SLACK * self.lam
        self.nodes = np.flatnonzero(np.isfinite(distance[: self.owned])).astype(np.int32)


class PartSolver:
    """Solves with a matrix for the nodes of a reach, all of them if there is none; others are 0."""

    def __init__(
        self,
        matrix: PETSc.Mat,
        index_map: common.IndexMap,
        reach: Reach | None,
        preset: Options,
        rtol: float,
        name: str,
    ) -> None:
        self.matrix, self.map, self.reach = matrix, index_map, reach
        self.preset, self.rtol, self.name = preset, rtol, name
        self.nodes: Ints = np.arange(index_map.size_local, dtype=np.int32)
        self.version, self.iterations = 0, 0
        self.linear: LinearSolver | None = None

    def new_values(self) -> None:
        """Take the entries of the matrix as they are now. Collective."""
        if self.linear is None or self._is_behind():
            return
        if self.linear.matrix is not self.matrix:
            self.matrix.createSubMatrix(self.chosen, self.chosen, self.linear.matrix)
        self.linear.new_values()

    def solve(self, load: Floats, result: fem.Function) -> None:
        """Solve for a load on the owned nodes, from the guess in `result`. Errors: SolverError."""
        linear, values = self._of_now(), result.x.array
        self.b.array[:], self.x.array[:] = load[self.nodes], values[self.nodes]
        if self.b.size:
            before = linear.iterations
            linear.solve(self.b, self.x)
            self.iterations += linear.iterations - before
        values[:] = 0.0
        values[self.nodes] = self.x.array
        result.x.scatter_forward()

    def _drop(self) -> None:
        """Give back what PETSc holds for the nodes reached before: several ranks keep it otherwise."""
        if self.linear is None:
            return
        self.linear.destroy()
        if self.linear.matrix is not self.matrix:
            self.linear.matrix.destroy()
        for held in (self.x, self.b, self.chosen):
            held.destroy()
        self.linear = None

    def _is_behind(self) -> bool:
        return self.reach is not None and self.version != self.reach.version

    def _of_now(self) -> LinearSolver:
        """The solver for the nodes reached now."""
        if self.linear and not self._is_behind():
            return self.linear
        self._drop()
        matrix = self.matrix
        if self.reach:
            self.version, self.nodes = self.reach.version, self.reach.nodes
            numbers = self.map.local_to_global(self.nodes).astype(PETSc.IntType)
            self.chosen = PETSc.IS().createGeneral(numbers, comm=matrix.comm)
            if not self.reach.is_whole:
                matrix = matrix.createSubMatrix(self.chosen, self.chosen)
        self.linear = LinearSolver(matrix, self.preset, self.rtol, self.name)
        self.linear.new_values()
        self.x, self.b = matrix.createVecs()
        return self.linear
