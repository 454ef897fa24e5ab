"""The linear problem of a step, solved here and written for others (to FILE).

    python -m tests.benchmarks.linear_here CASE FILE

The law of the charge transfer is linear, so that others can assemble the same form: with s = F i₀/RT

    ∫ σ(1 − h + residual) ∇u·∇v + s |∇h| u v dx + ∫ s (1 − h) u v dx (anode) + ∫ s u v dx (counter)
"""

import argparse
import json
from pathlib import Path
from time import process_time

import numpy as np

from fem_model.base.constants import F, R
from fem_model.case import load_case
from fem_model.numerics.linear import MULTIGRID, LinearSolver
from fem_model.processes.potential import LINEAR_RTOL
from fem_model.simulation import Simulation

REPEATS = 5
VOLTAGE = 0.01


class Problem:
    """Potential of a case at its start, for a metal at −VOLTAGE: matrix and right-hand side."""

    def __init__(self, simulation: Simulation) -> None:
        simulation.instant()
        self.solver, self.model = simulation.engine.potential, simulation.model
        self.phi, self.rhs = self.solver.phi, self.model.spaces.nodal("rhs")
        self.phi.x.array[:] = 0.0
        self.solver.metal.phi.value = -VOLTAGE
        self.solver.currents.renew()
        self.rhs.x.array[: self.model.spaces.owned] = -self.solver.currents.assemble()

    def fresh(self) -> LinearSolver:
        """A solver like that of the run, which has not been set up."""
        return LinearSolver(self.solver.matrix, MULTIGRID, LINEAR_RTOL, "fresh")

    def seconds(self, kept: LinearSolver | None = None) -> list[float]:
        """Processor seconds of assembly, set-up and solution; φ afterwards holds the solution.

        A solver that is kept takes the new values; without one another is set up from nothing.
        """
        solver, began = self.solver, process_time()
        solver.currents.renew()
        solver.currents.assemble()
        solver._fill()
        assembled = process_time()
        if kept:
            kept.new_values()
        linear = kept or self.fresh()
        linear.krylov.ksp.setUp()
        ready = process_time()
        self.phi.x.array[:] = 0.0
        linear.solve(self.rhs.x.petsc_vec, self.phi.x.petsc_vec)
        return [assembled - began, ready - assembled, process_time() - ready]

    def write(self, path: Path) -> None:
        """Write what others need to assemble and to compare, with a solution to round-off."""
        front, spaces, dim = self.model.front, self.model.spaces, self.model.spaces.axis + 1
        table = self.model.case.material_table()
        sigma = spaces.domain.material_values({name: m.sigma for name, m in table.items()})
        exact = self.fresh()
        exact.krylov.ksp.setTolerances(rtol=1e-13)
        self.seconds(exact)
        np.savez(
            path,
            points=spaces.V.tabulate_dof_coordinates()[:, :dim],
            cells=spaces.V.dofmap.list,
            sigma=sigma.x.array[spaces.cells.dofmap.list[:, 0]],
            xi=front.xi.x.array,
            normal=front.smooth_normal.x.array.reshape(-1, dim),
            rhs=self.rhs.x.array,
            phi=self.phi.x.array,
            residual=self.model.case.phase_field.sigma_residual,
            slope=F / (R * 298.15) * self.model.case.exchange(self.model.case.kinetics),
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("case", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked = parser.parse_args()
    from mpi4py import MPI

    case = load_case(asked.case, [*asked.overrides, "kinetics.law=linear"])
    problem = Problem(Simulation(case, MPI.COMM_SELF))
    kept = problem.fresh()
    problem.seconds(kept)
    every = np.median([problem.seconds(kept) for _ in range(REPEATS)], axis=0)
    first = np.median([problem.seconds() for _ in range(REPEATS)], axis=0)
    found = problem.phi.x.array.copy()
    problem.write(asked.file)
    exact = problem.phi.x.array
    error = float(np.abs(found - exact).max() / np.abs(exact).max())
    print(json.dumps([["as in each step", *every, error], ["set up anew", *first, error]]))


if __name__ == "__main__":
    main()
