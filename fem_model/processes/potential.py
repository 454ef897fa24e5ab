"""The potential at a given ξ: Newton's method for φ, bordered by the unknown potentials of the metal.

The Jacobian J = ∂r/∂φ is symmetric and positive. Under galvanostatic drive φ_M of the anode is unknown too
and the total current the equation that goes with it; each island of lithium adds one more: see
`unknown_potentials`.
"""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass

import numpy as np
from dolfinx import fem
from mpi4py import MPI
from petsc4py import PETSc

from fem_model.base.arrays import Floats
from fem_model.base.errors import SolverError
from fem_model.base.log import Stages
from fem_model.case.sections import Solver
from fem_model.mesh.parallel import require_everywhere
from fem_model.numerics.algebra import dot, total
from fem_model.numerics.linear import DIRECT, MULTIGRID, LinearSolver
from fem_model.numerics.sparsity import derivative, fill
from fem_model.processes.charge import Charge
from fem_model.processes.currents import Currents
from fem_model.processes.electrodes import Electrodes
from fem_model.processes.unknown_potentials import UnknownPotentials
from fem_model.protocol.drive import Drive

LINEAR_RTOL = 1e-8
ENOUGH = 0.1
"""A Newton step is solved for until what is left of the residual is this share of what is allowed."""
MAX_NEWTON = 40
MAX_HALVINGS = 12
START_BEYOND = 1e-3
"""Overpotential beyond the dead zone from which Newton's method starts again, V."""
GOOD_CONTRACTION = 0.02
"""A Newton step that leaves more of the residual than this asks for a new Jacobian."""


@dataclass(frozen=True)
class Residual:
    """Residual r of φ on the owned nodes, the currents I into anode and islands (A), how far they are off."""

    values: Floats
    current: float
    islands: Floats
    error: float


class PotentialSolver:
    """Finds (φ, φ_M) for the ξ of now; forms and matrices are made here, once."""

    def __init__(
        self, charge: Charge, electrodes: Electrodes, currents: Currents, section: Solver, stages: Stages
    ) -> None:
        self.charge, self.currents, self.resistance = charge, currents, electrodes.resistance
        self.phi, self.metal = charge.phi, electrodes.metal
        self.tolerance, self.stages = section.tolerance, stages
        V = charge.spaces.V
        self.unknowns = UnknownPotentials(currents, self.metal)
        self.bcs = charge.conditions()
        self.other_slopes = derivative(currents.forms, self.phi)
        self.matrix = charge.spaces.sparsity.matrix()
        if section.petsc:  # PETSc tells which options it uses once it has a matrix to factorise
            currents.renew()
            currents.assemble()
            self._fill()
        small = V.dofmap.index_map.size_global < section.direct_below
        preset = DIRECT if small and not section.reproducible else MULTIGRID
        self.linear = LinearSolver(self.matrix, preset, LINEAR_RTOL, "potential", section.petsc)
        self.comm, self.owned = charge.spaces.comm, charge.spaces.owned
        self.rhs, self.step = fem.Function(V), fem.Function(V)
        self.iterations = 0

    def solve(self, drive: Drive, extrapolate: float = 0.0) -> None:
        """Solve for φ (and φ_M when the current is given), from the last values or beyond them.

        `extrapolate` is the coming over the last step length, for the first guess. Raises
        `SolverError` when Newton's method does not converge.
        """
        self._guess(drive, extrapolate)
        with self.stages("assembly"):
            self.currents.renew()
        try:
            self._newton(drive)
        except SolverError as error:
            require_everywhere(self.comm, error, "potential")
            if drive.current is None:
                raise
            self._leave_dead_zone(drive.target(float(self.metal.phi.value)))
            self._newton(drive)

    def _newton(self, drive: Drive) -> None:
        now, fresh = self._residual(drive), False
        for _ in range(MAX_NEWTON):
            if now.error <= 1.0:
                return
            if not fresh:
                self._new_jacobian(drive)
            direction = self._direction(now, drive)
            last, now = now, self._search(now, direction, drive)
            self.iterations += 1
            fresh = now.error < GOOD_CONTRACTION * last.error
        raise SolverError(f"Newton's method for the potential did not converge in {MAX_NEWTON} iterations")

    def _guess(self, drive: Drive, extrapolate: float) -> None:
        phi, before, metal = self.phi, self.charge.before, self.metal
        now = phi.x.array.copy(), float(metal.phi.value)
        phi.x.array[:] += extrapolate * (now[0] - before.x.array)
        metal.phi.value += extrapolate * (now[1] - metal.before)
        before.x.array[:], metal.before = now
        for bc in self.bcs:
            bc.set(phi.x.array)
        if drive.phi_metal is not None:
            metal.phi.value = drive.phi_metal

    def _leave_dead_zone(self, current: float) -> None:
        """Start where the whole front reacts: from there Newton's method approaches from one side."""
        phi = self.phi.x.array
        edge = self.resistance.largest() + START_BEYOND
        sign = float(np.sign(current))
        extreme = sign * self.comm.allreduce(float((sign * phi).min()), op=MPI.MIN)
        self.metal.phi.value = extreme - sign * edge

    def _residual(self, drive: Drive) -> Residual:
        with np.errstate(over="ignore", invalid="ignore"):  # such a trial is refused
            with self.stages("assembly"):
                r = self.currents.assemble()
            anode = self.currents.anode
            current, islands = total(self.comm, anode), self.unknowns.island_currents(anode)
            target = current if drive.current is None else drive.target(float(self.metal.phi.value))
            imbalance = max(abs(target - current), abs(total(self.comm, r)), *abs(islands))
            scale = max(abs(target), self.currents.smallest())
            norm = np.sqrt(dot(self.comm, r, r))
            error = max(imbalance / self.tolerance, norm / (100 * self.tolerance)) / scale
        return Residual(r, current, islands, error if np.isfinite(error) else np.inf)

    def _new_jacobian(self, drive: Drive) -> None:
        """J, and what borders it."""
        with self.stages("assembly"):
            self._fill()
        with self.stages("set-up"):
            self.linear.new_values()
        with self.stages("solve"):
            self.unknowns.renew(self.linear, drive.current is not None)

    def _fill(self) -> None:
        """J for the φ of the last residual."""
        entries = self.currents.spaces.sparsity.empty()
        self.currents.add_slopes(entries)
        fill(self.matrix, entries, *self.other_slopes)
        self.matrix.axpy(1.0, self.currents.conduction.matrix, PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
        if self.bcs:
            self.matrix.zeroRowsColumns(self.currents.fixed_everywhere)
        self.matrix.setOption(PETSc.Mat.Option.SPD, True)  # forgotten with new values

    def _direction(self, now: Residual, drive: Drive) -> Floats:
        """Solve for the Newton step: δφ into `step`, the changes of the metal's potentials returned."""
        self.rhs.x.array[: self.owned] = -now.values
        self.step.x.array[:] = 0.0
        with self.stages("solve"):
            rtol = max(LINEAR_RTOL, ENOUGH / now.error)
            self.linear.solve(self.rhs.x.petsc_vec, self.step.x.petsc_vec, rtol)
        surplus = now.islands
        if drive.current is not None:
            target = drive.target(float(self.metal.phi.value))
            surplus = np.concatenate([[now.current - target], surplus])
        return self.unknowns.solve(surplus, self.step.x.array[: self.owned], drive.per_volt)

    def _search(self, now: Residual, change: Floats, drive: Drive) -> Residual:
        """Go along the step, by halves until the residual falls."""
        phi = self.phi
        self.step.x.scatter_forward()
        start = phi.x.array.copy()
        metal = float(self.metal.phi.value), self.metal.offset.x.array.copy()
        for halving in range(MAX_HALVINGS):
            length = 0.5**halving
            phi.x.array[:] = start + length * self.step.x.array
            self.unknowns.move(metal, length * change)
            trial = self._residual(drive)
            if trial.error < max(now.error, 1.0):
                return trial
        phi.x.array[:] = start
        self.unknowns.move(metal, 0.0 * change)
        raise SolverError("Newton's method for the potential found no step that reduces the residual")
