"""Where a linear solve fails, the next rung is taken: preconditioner anew, factorisation, smaller step."""

import fem_model._dolfinx_first  # noqa: F401

import logging

import numpy as np
import pytest
from mpi4py import MPI
from petsc4py import PETSc

from fem_model.base.errors import SolverError
from fem_model.numerics.linear import DIRECT, MULTIGRID, SMOOTHING, LinearSolver
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case
from tests.fem.petsc import laplacian


@pytest.fixture
def matrix() -> PETSc.Mat:
    return laplacian(MPI.COMM_SELF)


def shift(matrix: PETSc.Mat, by: float) -> None:
    matrix.shift(by)
    matrix.assemble()


def solved(solver: LinearSolver, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Solves for ones; what the log says of rungs that failed."""
    b, x = solver.matrix.createVecs()
    b.set(1.0)
    caplog.clear()
    with caplog.at_level(logging.INFO, "fem_model"):
        solver.solve(b, x)
    residual = solver.matrix * x - b
    assert residual.norm() < 1e-6 * b.norm()
    return [record.message for record in caplog.records]


def test_a_preconditioner_that_was_kept_too_long_is_made_anew(
    matrix: PETSc.Mat, caplog: pytest.LogCaptureFixture
) -> None:
    solver = LinearSolver(matrix, DIRECT, 1e-8, "test", {"ksp_max_it": 2})
    solver.new_values()
    assert solved(solver, caplog) == []
    diagonal = matrix.getDiagonal()
    diagonal.array[:] += np.arange(diagonal.getSize())
    matrix.setDiagonal(diagonal)
    solver.new_values()
    [failure] = solved(solver, caplog)
    assert "DIVERGED_MAX_IT" in failure
    assert solver.factors is None
    assert solved(solver, caplog) == []


@pytest.mark.parametrize("preset", [SMOOTHING, MULTIGRID])
def test_a_matrix_that_conjugate_gradients_cannot_solve_is_factorised(
    matrix: PETSc.Mat, preset: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    solver = LinearSolver(matrix, preset, 1e-8, "test")
    shift(matrix, -4.0)
    solver.new_values()
    assert len(solved(solver, caplog)) == 2
    assert solved(solver, caplog) == []  # the factors are kept
    shift(matrix, 4.0)
    solver.new_values()
    assert solved(solver, caplog) == []
    assert solver.factors is None


@pytest.mark.parametrize("factor", [0.0, np.nan])
def test_a_matrix_that_nothing_solves_is_an_error_with_all_reasons(matrix: PETSc.Mat, factor: float) -> None:
    solver = LinearSolver(matrix, MULTIGRID, 1e-8, "test")
    matrix.scale(factor)
    solver.new_values()
    b, x = matrix.createVecs()
    b.set(1.0)
    with pytest.raises(SolverError, match=r"failed: .+, then .+, then .+"):
        solver.solve(b, x)


def test_a_run_takes_a_smaller_step_where_no_linear_solve_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulation(case(NUCLEUS, {"time": {"end": "10 min", "outputs": 1}}), MPI.COMM_SELF)
    simulation.instant()
    simulation.step()
    potential, clock = simulation.engine.potential, simulation.clock
    before, matrix, left = clock.dt, potential.matrix, [2]

    def spoilt(solver: LinearSolver) -> None:
        if solver.matrix is matrix and left[0]:  # Newton's method starts twice
            left[0] -= 1
            matrix.scale(np.nan)
        renew(solver)

    renew = LinearSolver.new_values
    monkeypatch.setattr(LinearSolver, "new_values", spoilt)
    assert simulation.instant() is None
    assert simulation.step() is None
    assert (left, clock.rejected) == ([0], 1)
    assert clock.dt < before
