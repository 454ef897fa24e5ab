"""Linear solvers: presets of PETSc options, and a wrapper that never hides a failure."""

import fem_model._dolfinx_first  # noqa: F401

import re
from collections.abc import Mapping
from itertools import count

from petsc4py import PETSc

from fem_model.base.errors import InputError, SolverError

Options = Mapping[str, str | float | int | bool | None]

SMALLEST_PIVOT = 1e-60
"""Least pivot of an incomplete factorisation: entries are volumes of cells in m³, far below PETSc's 2e-14."""

DIRECT: Options = {
    # A factorisation, kept while conjugate gradients with it converge in a few iterations.
    "ksp_type": "cg",
    "ksp_norm_type": "natural",
    "pc_type": "cholesky",
    "pc_factor_mat_solver_type": "mumps",
}
MULTIGRID: Options = {
    # Smoothed aggregation; prolongators are kept, operators rebuilt for each new matrix. The smoother takes
    # its largest eigenvalue from twenty steps of conjugate gradients: what GAMG hands on instead fell from
    # step to step of a run until it was 9 % too small, and the preconditioner was indefinite.
    "ksp_type": "cg",
    "ksp_norm_type": "natural",
    "pc_type": "gamg",
    "pc_gamg_agg_nsmooths": 1,
    "pc_gamg_threshold": -1,
    "pc_gamg_aggressive_coarsening": 1,
    "pc_gamg_reuse_interpolation": True,
    "pc_gamg_use_sa_esteig": False,
    "pc_gamg_coarse_eq_limit": 1000,
    "pc_gamg_process_eq_limit": 200,
    "mg_levels_ksp_type": "chebyshev",
    "mg_levels_ksp_max_it": 2,
    "mg_levels_pc_type": "jacobi",
    "mg_levels_esteig_ksp_type": "cg",
    "mg_levels_ksp_chebyshev_esteig_steps": 20,
}
MASS_LIKE: Options = {
    # The time-step matrix of ξ: mass-dominated, not symmetric.
    "ksp_type": "gmres",
    "ksp_pc_side": "right",
    "ksp_gmres_restart": 60,
    "pc_type": "bjacobi",
    "sub_pc_type": "ilu",
    "sub_pc_factor_zeropivot": SMALLEST_PIVOT,
}
SMOOTHING: Options = {
    # 1 − λ²∇², a matrix that never changes. With a fill of this level, cheap in 2D alone, iterations grow as
    # the root of λ/h: 3 for λ = h, 15 for λ = 6 h.
    "ksp_type": "cg",
    "pc_type": "bjacobi",
    "sub_pc_type": "icc",
    "sub_pc_factor_levels": 3,
    "sub_pc_factor_zeropivot": SMALLEST_PIVOT,
}
SMOOTHING_3D: Options = {**SMOOTHING, "sub_pc_factor_levels": 0}

_numbers = count()


class LinearSolver:
    """A Krylov solver for one matrix that changes in time.

    `keep_below` > 0: the preconditioner is kept for new values of the matrix until a solve has
    needed more than that many iterations. A divergence raises `SolverError` with PETSc's reason.
    """

    def __init__(
        self, matrix: PETSc.Mat, preset: Options, rtol: float, name: str, user: Options | None = None
    ) -> None:
        self.matrix, self.name = matrix, name
        self.keep_below = 12 if preset is DIRECT else 0
        self.iterations = 0
        self._stale = True
        self.ksp = PETSc.KSP().create(matrix.comm)
        self.ksp.setOptionsPrefix(f"fem_model_{name}_{next(_numbers)}_")
        self.ksp.setOperators(matrix)
        self.ksp.setInitialGuessNonzero(True)
        self.ksp.setTolerances(rtol=rtol, atol=0.0, max_it=500)
        try:
            self._apply(preset, user or {})
        except PETSc.Error as error:
            if not user:
                raise
            raise InputError(f"[solver.petsc] PETSc refuses these options: {told(error)}") from None

    def _apply(self, preset: Options, user: Options) -> None:
        """Take options from a mapping, leave none in PETSc's global database, refuse unused ones."""
        database, prefix = PETSc.Options(), self.ksp.getOptionsPrefix()
        options = {**preset, **user}
        for key, value in options.items():
            database[prefix + key] = value
        try:
            self.ksp.setFromOptions()
            if self.matrix.assembled:  # solvers within a preconditioner read their options at set-up
                self.ksp.setUp()
                self.ksp.setUpOnBlocks()
            unused = [key for key in user if not database.used(prefix + key)]
        finally:
            for key in options:
                database.delValue(prefix + key)
        if unused:
            raise InputError(
                f"[solver.petsc] {', '.join(unused)}: PETSc's potential solver does not use this option"
            )

    def new_values(self) -> None:
        """Tell the solver that the entries of its matrix have changed."""
        if self._stale or not self.keep_below:
            self.ksp.pc.setReusePreconditioner(False)
            self.ksp.setOperators(self.matrix)
            self.ksp.setUp()
            self._stale = False

    def solve(self, b: PETSc.Vec, x: PETSc.Vec) -> None:
        """Solve A x = b from the guess in x, or from 0 where that guess is far larger than b."""
        b.stateIncrease()  # NumPy wrote into b: PETSc must not take the norm it remembers
        n, reason = self._iterate(b, x)
        if reason == PETSc.KSP.ConvergedReason.DIVERGED_DTOL and n == 0:
            x.zeroEntries()
            n, reason = self._iterate(b, x)
        self.iterations += n
        if self.keep_below:
            self.ksp.pc.setReusePreconditioner(True)
            self._stale |= n > self.keep_below
        if reason < 0:
            self._stale = True
            raise SolverError(
                f"the linear solve of {self.name} failed: {reason_name(reason)} after {n} iterations"
            )

    def _iterate(self, b: PETSc.Vec, x: PETSc.Vec) -> tuple[int, int]:
        """Number of iterations, and PETSc's reason to end them."""
        try:
            self.ksp.solve(b, x)
        except PETSc.Error as error:
            raise SolverError(f"the linear solve of {self.name} failed: {told(error)}") from None
        return self.ksp.getIterationNumber(), self.ksp.getConvergedReason()


def told(error: PETSc.Error) -> str:
    """Error of PETSc in one line."""
    return re.sub(r"^\[\d+\] ", "", str(error).splitlines()[-1])


def reason_name(reason: int) -> str:
    """PETSc's name of a converged reason."""
    names: dict[int, str] = {v: k for k, v in vars(PETSc.KSP.ConvergedReason).items() if isinstance(v, int)}
    return names.get(reason, str(reason))
