"""The benchmark of the linear problem of a step solves the problem that it writes for others."""

import numpy as np
from mpi4py import MPI

from fem_model.simulation import Simulation
from tests.benchmarks.linear_here import Problem
from tests.fem.cases import NUCLEUS, case


def test_the_solution_leaves_no_current_over() -> None:
    problem = Problem(Simulation(case(NUCLEUS, {"kinetics.law": "linear"}), MPI.COMM_SELF))
    kept = problem.fresh()
    for solver in (kept, kept, None):
        assert min(problem.seconds(solver)) >= 0.0
        left = problem.solver.currents.assemble()
        assert np.abs(left).max() < 1e-6 * np.abs(problem.rhs.x.array).max()
