"""Linear solvers: presets of PETSc options, and a wrapper that never hides a failure."""

import fem_model._dolfinx_first  # noqa: F401

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from petsc4py import PETSc

from fem_model.base.errors import InputError, SolverError
from fem_model.base.log import logger
from fem_model.mesh.parallel import require_everywhere

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
    # 1 − λ²∇², a matrix that never changes. This fill is cheap in 2D alone; there it takes 3 iterations for
    # λ = h and 15 for λ = 6 h.
    "ksp_type": "cg",
    "pc_type": "bjacobi",
    "sub_pc_type": "icc",
    "sub_pc_factor_levels": 3,
    "sub_pc_factor_zeropivot": SMALLEST_PIVOT,
}
SMOOTHING_3D: Options = {**SMOOTHING, "sub_pc_factor_levels": 0}

FACTORISED: Options = {
    # For any matrix that has an inverse; SuperLU_DIST would end the process at one that has none.
    "ksp_type": "gmres",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
}

_numbers = count()


class Krylov:
    """PETSc's solver with these options for a matrix; it sees them whenever it is set up, and no others do.

    `unused` are the options that it does not use, known if the matrix has values from the start.
    """

    def __init__(self, matrix: PETSc.Mat, options: Options, rtol: float, name: str) -> None:
        self.matrix, self.options = matrix, options
        self.ksp = PETSc.KSP().create(matrix.comm)
        self.ksp.setOptionsPrefix(f"fem_model_{name}_{next(_numbers)}_")
        self.ksp.setOperators(matrix)
        self.ksp.setInitialGuessNonzero(True)
        self.ksp.setTolerances(rtol=rtol, atol=0.0, max_it=500)
        self.unused: set[str] = set()
        with self._in_database() as prefix:
            self.ksp.setFromOptions()
            if matrix.assembled:
                self.ksp.setUp()
                self.ksp.setUpOnBlocks()
                self.unused = {key for key in options if not PETSc.Options().used(prefix + key)}

    @contextmanager
    def _in_database(self) -> Iterator[str]:
        database, prefix = PETSc.Options(), self.ksp.getOptionsPrefix()
        for key, value in self.options.items():
            database[prefix + key] = value
        try:
            yield prefix
        finally:
            for key in self.options:
                database.delValue(prefix + key)

    def set_up(self) -> str:
        """Make the preconditioner for the values of the matrix now. Returns why not, else ""."""
        self.ksp.pc.setReusePreconditioner(False)
        self.ksp.setOperators(self.matrix)
        try:
            with self._in_database():
                self.ksp.setUp()
                self.ksp.setUpOnBlocks()
        except PETSc.Error as error:
            return self._of_all(error)
        return ""

    def iterate(self, b: PETSc.Vec, x: PETSc.Vec) -> str:
        """Solve from the guess in x, or from 0 where that is far larger than b. Returns why not, else ""."""
        try:
            with self._in_database():  # where a set-up has failed the solve tries it again
                self.ksp.solve(b, x)
                if self.reason == PETSc.KSP.ConvergedReason.DIVERGED_DTOL and self.ksp.its == 0:
                    x.zeroEntries()
                    self.ksp.solve(b, x)
        except PETSc.Error as error:
            return self._of_all(error)
        return "" if self.reason > 0 else f"{reason_name(self.reason)} after {self.ksp.its} iterations"

    def _of_all(self, error: PETSc.Error) -> str:
        """Text of an error that all ranks have; if only some have it none of them can go on. Collective."""
        text = told(error)
        require_everywhere(self.matrix.comm.tompi4py(), SolverError(text), "linear solve")
        return text

    @property
    def reason(self) -> int:
        """PETSc's reason to end the last solve, below 0 if it failed."""
        return int(self.ksp.getConvergedReason())


class LinearSolver:
    """Solves with one matrix that changes in time, and goes down a ladder where that fails.

    `keep_below` > 0: the preconditioner is kept for new values of the matrix until a solve has needed more
    than that many iterations. A solve that fails is tried again with a preconditioner made from nothing, then
    by a factorisation. If that fails, too, it raises `SolverError`: a run then takes a smaller step.
    """

    def __init__(
        self, matrix: PETSc.Mat, preset: Options, rtol: float, name: str, user: Options | None = None
    ) -> None:
        self.matrix, self.name, self.rtol = matrix, name, rtol
        self.keep_below = 12 if preset is DIRECT else 0
        self.iterations, self._stale = 0, True
        self.factors: Krylov | None = None
        try:
            self.krylov = Krylov(matrix, {**preset, **(user or {})}, rtol, name)
        except PETSc.Error as error:
            if not user:
                raise SolverError(f"PETSc cannot set up the linear solve of {name}: {told(error)}") from None
            raise InputError(f"[solver.petsc] PETSc refuses these options: {told(error)}") from None
        if unused := ", ".join(sorted(self.krylov.unused & set(user or {}))):
            raise InputError(f"[solver.petsc] {unused}: PETSc's potential solver does not use this option")

    def new_values(self) -> None:
        """Tell the solver that the entries of its matrix have changed."""
        self._drop_factors()
        if self._stale or not self.keep_below:
            self._stale = False
            self.krylov.set_up()  # where it fails, the solve does

    def solve(self, b: PETSc.Vec, x: PETSc.Vec, rtol: float | None = None) -> None:
        """Solve A x = b from the guess in x, to its own tolerance or another one. Errors: SolverError."""
        self.krylov.ksp.setTolerances(rtol=rtol or self.rtol)
        b.stateIncrease()  # NumPy wrote into b: PETSc must not take the norm it remembers
        failures: list[str] = []
        rungs = (self._as_it_is, self._anew, self._factorised)
        for rung in rungs[2:] if self.factors else rungs:
            if not (failure := rung(b, x)):
                return
            failures.append(failure)
            logger.info("the linear solve of %s failed: %s", self.name, failure)
            x.zeroEntries()
        raise SolverError(f"the linear solve of {self.name} failed: {', then '.join(failures)}")

    def _as_it_is(self, b: PETSc.Vec, x: PETSc.Vec) -> str:
        failure = self.krylov.iterate(b, x)
        self.iterations += self.krylov.ksp.its
        if self.keep_below:
            self.krylov.ksp.pc.setReusePreconditioner(True)
            self._stale |= bool(failure) or self.krylov.ksp.its > self.keep_below
        return failure

    def _anew(self, b: PETSc.Vec, x: PETSc.Vec) -> str:
        self.krylov.ksp.pc.reset()
        self._stale = False
        return self.krylov.set_up() or self._as_it_is(b, x)

    def _drop_factors(self) -> None:
        if self.factors:
            self.factors.ksp.destroy()
            self.factors = None

    def destroy(self) -> None:
        """Give back what PETSc holds for it, but for the matrix. Collective."""
        self._drop_factors()
        self.krylov.ksp.destroy()

    def _factorised(self, b: PETSc.Vec, x: PETSc.Vec) -> str:
        if not math.isfinite(self.matrix.norm()):
            return "a matrix that is not finite"
        self.factors = self.factors or Krylov(self.matrix, FACTORISED, self.rtol, self.name)
        return self.factors.iterate(b, x)


def told(error: PETSc.Error) -> str:
    """Error of PETSc in one line."""
    return re.sub(r"^\[\d+\] ", "", str(error).splitlines()[-1])


def reason_name(reason: int) -> str:
    """PETSc's name of a converged reason."""
    names: dict[int, str] = {v: k for k, v in vars(PETSc.KSP.ConvergedReason).items() if isinstance(v, int)}
    return names.get(reason, str(reason))
