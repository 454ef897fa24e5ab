"""The potentials of the metal that are unknown beside φ: that of the anode, and those of lithium islands.

Each unknown a_k raises the metal's potential along a direction d_k: d = 1 for the anode under a given
current, d = χ_k (1 on the nodes nearest to island k, else 0) for an island, which floats where no net
current passes its surface. With c_k = ∂r/∂φ of the metal's reactions along d_k Newton's method is bordered:

    [ J   −C       ] [δφ]   [ −r      ]
    [ Cᵀ  −(S + P) ] [δa] = [ I* − I  ],   S_jk = d_jᵀ c_k,   P = per_volt of the drive, for the anode only

solved by block elimination: J x = −r and J y_k = c_k with one preconditioner,
(S + P − CᵀY) δa = I − I* + Cᵀx, δφ = x + Y δa.
"""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
from dolfinx import fem

from fem_model.base.arrays import Floats, Ints
from fem_model.base.errors import SolverError
from fem_model.numerics.algebra import combine
from fem_model.numerics.linear import LinearSolver
from fem_model.processes.currents import Currents
from fem_model.processes.metal import Metal

RTOL = 1e-7
"""Relative tolerance of Y: it multiplies δa, which is as small as the residual."""


class UnknownPotentials:
    """Rows and columns for the unknown potentials of the metal."""

    def __init__(self, currents: Currents, metal: Metal) -> None:
        self.currents, self.metal = currents, metal
        self.comm, self.owned = currents.comm, currents.spaces.owned
        self.islands: list[Floats] = []
        self.columns: list[Floats] = []
        self.column = currents.spaces.nodal("column")
        self.solutions: list[fem.Function] = []
        self.anode = False

    def set_islands(self, labels: Ints, count: int) -> None:
        """Take the islands as they are now; each starts from the mean of what its nodes had."""
        offset = self.metal.offset.x.array
        self.islands = [(labels == k).astype(float) for k in range(count)]
        sums = [
            (float(offset[: self.owned] @ d[: self.owned]), float(d[: self.owned].sum()))
            for d in self.islands
        ]
        totals = combine(self.comm, np.array(sums).reshape(-1, 2))
        offset[:] = 0.0
        for d, (above, below) in zip(self.islands, totals, strict=True):
            offset[:] += d * above / max(below, 1.0)

    @property
    def directions(self) -> list[Floats]:
        """d_k on the owned nodes."""
        ones = [np.ones(self.owned)] if self.anode else []
        return ones + [d[: self.owned] for d in self.islands]

    def renew(self, solver: LinearSolver, anode: bool) -> None:
        """C and Y for a new Jacobian; `anode` is whether the anode's potential is unknown."""
        self.anode = anode
        self.columns = [self.currents.by_metal()] if anode else []
        self.columns += [self.currents.by_island(d) for d in self.islands]
        while len(self.solutions) < len(self.columns):
            self.solutions.append(self.currents.spaces.nodal("column"))
        for column, y in zip(self.columns, self.solutions, strict=False):
            column[self.currents.fixed] = 0.0
            self.column.x.array[: self.owned] = column
            solver.solve(self.column.x.petsc_vec, y.x.petsc_vec, RTOL)

    def solve(self, surplus: Floats, x: Floats, per_volt: float) -> Floats:
        """δa for the surplus I − I* of each unknown; Y δa is added to x, the owned part of δφ."""
        if not self.columns:
            return np.zeros(0)
        C, Y = np.array(self.columns), np.array([y.x.array[: self.owned] for y in self._solutions()])
        sums = combine(self.comm, np.column_stack([np.array(self.directions) @ C.T - C @ Y.T, C @ x]))
        matrix, right = sums[:, :-1], sums[:, -1] + surplus
        if self.anode:
            matrix[0, 0] += per_volt
        if not (np.diag(matrix) > 0).all():
            raise SolverError("no electrode reaction can carry the current: the whole anode is blocked")
        change: Floats = np.linalg.solve(matrix, right)
        x += Y.T @ change
        return change

    def island_currents(self, reacted: Floats) -> Floats:
        """Net current into each island, A, from the reactions on the owned nodes."""
        local = np.array([d[: self.owned] @ reacted for d in self.islands])
        return combine(self.comm, local) if self.islands else np.zeros(0)

    def move(self, start: tuple[float, Floats], change: Floats) -> None:
        """Put the metal's potentials to those of `start` plus a change δa."""
        metal, offset = start
        self.metal.phi.value = metal + (change[0] if self.anode else 0.0)
        of_islands = change[1:] if self.anode else change
        self.metal.offset.x.array[:] = offset
        for d, amount in zip(self.islands, of_islands, strict=True):
            self.metal.offset.x.array[:] += amount * d

    def _solutions(self) -> list[fem.Function]:
        return self.solutions[: len(self.columns)]
