"""The potential at a given ξ: Newton's method for φ, bordered by the unknown potentials of the metal.

The Jacobian J = ∂r/∂φ is symmetric and positive. Under galvanostatic drive φ_M of the anode is unknown too
and the total current the equation that goes with it; each island of lithium adds one more (see `border`).
"""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from mpi4py import MPI

from fem_model.base.errors import SolverError
from fem_model.base.log import Stages
from fem_model.case.sections import Solver
from fem_model.mesh.parallel import require_everywhere
from fem_model.numerics.algebra import AssembledVector, assemble_matrix, dot, total
from fem_model.numerics.border import Border
from fem_model.numerics.linear import DIRECT, MULTIGRID, LinearSolver
from fem_model.physics.model import DendriteModel
from fem_model.solve.drive import Drive

Array = npt.NDArray[np.float64]

LINEAR_RTOL = 1e-8
MAX_NEWTON = 40
MAX_HALVINGS = 12
START_BEYOND = 1e-3
"""Overpotential beyond the dead zone from which Newton's method starts again, V."""
GOOD_CONTRACTION = 0.02
"""A Newton step that leaves more of the residual than this asks for a new Jacobian."""


@dataclass(frozen=True)
class Residual:
    """Residual r of φ on the owned nodes, the currents I into anode and islands (A), how far they are off."""

    values: Array
    current: float
    islands: Array
    error: float


class PotentialSolver:
    """Finds (φ, φ_M) of a model for the ξ it now holds; forms and matrices are made here, once."""

    def __init__(self, model: DendriteModel, section: Solver, stages: Stages) -> None:
        self.model, self.tolerance, self.stages = model, section.tolerance, stages
        V, phi = model.V, model.phi
        v, w = ufl.TestFunction(V), ufl.TrialFunction(V)
        reactions = model.anode_reactions(v)
        self.front = AssembledVector(reactions.front)
        self.contact = AssembledVector(reactions.contact) if reactions.contact is not None else None
        self.conversion = AssembledVector(reactions.conversion) if reactions.conversion is not None else None
        self.anode = [vector for vector in (self.front, self.contact, self.conversion) if vector]
        self.conduction = AssembledVector(model.conduction(v))
        counter = model.counter_reaction(v) if model.has_counter_reaction else None
        self.counter = AssembledVector(counter) if counter is not None else None
        self.border = Border(model)
        q = ufl.TestFunction(model.cells)
        self.capillary = AssembledVector(model.capillary_power(q)) if model.has_curvature else None
        self.pressure = AssembledVector(model.pressure_power(q)) if model.resists else None
        self.bcs = model.phi_conditions()
        self.fixed = np.concatenate(
            [bc.dof_indices()[0][: bc.dof_indices()[1]] for bc in self.bcs] or [np.zeros(0, np.int32)]
        )
        everything = sum((f for f in (*reactions, counter) if f is not None), model.conduction(v))
        self.jacobian = fem.form(ufl.derivative(everything, phi, w))
        self.matrix = petsc.create_matrix(self.jacobian)
        self.matrix.setOption(self.matrix.Option.SPD, True)
        if section.petsc:  # PETSc tells which options it uses once it has a matrix to factorise
            assemble_matrix(self.matrix, self.jacobian, self.bcs)
        preset = DIRECT if V.dofmap.index_map.size_global < section.direct_below else MULTIGRID
        self.linear = LinearSolver(self.matrix, preset, LINEAR_RTOL, "potential", section.petsc)
        self.comm, self.owned = V.mesh.comm, V.dofmap.index_map.size_local
        self.rhs, self.step = fem.Function(V), fem.Function(V)
        self.previous = phi.x.array.copy(), 0.0
        self.iterations = 0

    def counter_current(self) -> float:
        """Current that enters at the counter electrode (or the Dirichlet face), A, as φ now has it."""
        if self.counter:
            return -total(self.comm, self.counter.array)
        return total(self.comm, self.conduction.array[self.fixed])

    def voltage_split(self) -> tuple[float, float, float]:
        """The voltage −φ_M as overpotential of the anode, ohmic drop, overpotential of the counter side, V.

        With φ_a and φ_c the means of φ over anode and counter face, weighted by the current density:
        (φ_a − φ_M) + (φ_c − φ_a) + (0 − φ_c). The ohmic part is the dissipation ∫ σ|∇φ|² dx over the current.
        At rest all of it is overpotential of the anode.
        """
        at_anode = self._mean_potential(self.anode)
        at_counter = self._mean_potential([self.counter] if self.counter else [])
        return at_anode - float(self.model.phi_metal.value), at_counter - at_anode, -at_counter

    def front_split(self) -> tuple[float | None, float | None]:
        """What of the anode's overpotential is capillary and what is pressure, V, over all of its current.

        Power over current, 0 at rest; None for what the case has not.
        """
        current = sum(total(self.comm, reaction.array) for reaction in self.anode)
        capillary, pressure = (
            self._per_current(total(self.comm, part.assemble()), current) if part else None
            for part in (self.capillary, self.pressure)
        )
        return capillary, pressure

    def _mean_potential(self, reactions: list[AssembledVector]) -> float:
        phi = self.model.phi.x.array[: self.owned]
        arrays = [reaction.array for reaction in reactions]
        current = sum(total(self.comm, array) for array in arrays)
        return self._per_current(sum(dot(self.comm, array, phi) for array in arrays), current)

    def _per_current(self, power: float, current: float) -> float:
        """V; 0 at rest, where the power is that of currents within the electrode."""
        return power / current if abs(current) > self._smallest_current() else 0.0

    # Newton's method

    def solve(self, drive: Drive, extrapolate: float = 0.0) -> None:
        """Solve for φ (and φ_M when the current is given), from the last values or beyond them.

        `extrapolate` is the coming over the last step length, for the first guess. Raises
        `SolverError` when Newton's method does not converge.
        """
        self._guess(drive, extrapolate)
        try:
            self._newton(drive)
        except SolverError as error:
            require_everywhere(self.comm, error, "potential")
            if drive.current is None:
                raise
            self._leave_dead_zone(drive.target(float(self.model.phi_metal.value)))
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
        phi, metal = self.model.phi, self.model.phi_metal
        now = phi.x.array.copy(), float(metal.value)
        phi.x.array[:] += extrapolate * (now[0] - self.previous[0])
        metal.value += extrapolate * (now[1] - self.previous[1])
        self.previous = now
        for bc in self.bcs:
            bc.set(phi.x.array)
        if drive.phi_metal is not None:
            metal.value = drive.phi_metal

    def _leave_dead_zone(self, current: float) -> None:
        """Start where the whole front reacts: from there Newton's method approaches from one side."""
        phi = self.model.phi.x.array
        edge = self.model.max_resist() + START_BEYOND
        sign = float(np.sign(current))
        extreme = sign * self.comm.allreduce(float((sign * phi).min()), op=MPI.MIN)
        self.model.phi_metal.value = extreme - sign * edge

    def _residual(self, drive: Drive) -> Residual:
        with self.stages("assembly"), np.errstate(over="ignore", invalid="ignore"):  # such a trial is refused
            anode = np.sum([reaction.assemble() for reaction in self.anode], axis=0)
            r = anode + self.conduction.assemble()
            if self.counter:
                r += self.counter.assemble()
            r[self.fixed] = 0.0
        current, islands = total(self.comm, anode), self.border.island_currents(anode)
        target = current if drive.current is None else drive.target(float(self.model.phi_metal.value))
        imbalance = abs(target - current)
        imbalance = max(imbalance, abs(total(self.comm, r)), *abs(islands))
        scale = max(abs(target), self._smallest_current())
        with np.errstate(over="ignore", invalid="ignore"):
            norm = np.sqrt(dot(self.comm, r, r))
        error = max(imbalance / self.tolerance, norm / (100 * self.tolerance)) / scale
        return Residual(r, current, islands, error if np.isfinite(error) else np.inf)

    def _smallest_current(self) -> float:
        """What counts as no current, A: 1e-2 A/m² over the anode's face. A rest is balanced to that."""
        return 1e-2 * self.model.area

    def _new_jacobian(self, drive: Drive) -> None:
        """J, and what borders it."""
        with self.stages("assembly"):
            assemble_matrix(self.matrix, self.jacobian, self.bcs)
        with self.stages("set-up"):
            self.linear.new_values()
        with self.stages("solve"):
            self.border.renew(self.linear, self.fixed, drive.current is not None)

    def _direction(self, now: Residual, drive: Drive) -> Array:
        """Solve for the Newton step: δφ into `step`, the changes of the metal's potentials returned."""
        self.rhs.x.array[: self.owned] = -now.values
        self.step.x.array[:] = 0.0
        with self.stages("solve"):
            self.linear.solve(self.rhs.x.petsc_vec, self.step.x.petsc_vec)
        surplus = now.islands
        if drive.current is not None:
            target = drive.target(float(self.model.phi_metal.value))
            surplus = np.concatenate([[now.current - target], surplus])
        return self.border.solve(surplus, self.step.x.array[: self.owned], drive.per_volt)

    def _search(self, now: Residual, change: Array, drive: Drive) -> Residual:
        """Go along the step, by halves until the residual falls."""
        phi, model = self.model.phi, self.model
        self.step.x.scatter_forward()
        start = phi.x.array.copy()
        metal = float(model.phi_metal.value), model.metal_offset.x.array.copy()
        for halving in range(MAX_HALVINGS):
            length = 0.5**halving
            phi.x.array[:] = start + length * self.step.x.array
            self.border.move(metal, length * change)
            trial = self._residual(drive)
            if trial.error < max(now.error, 1.0):
                return trial
        phi.x.array[:] = start
        self.border.move(metal, 0.0 * change)
        raise SolverError("Newton's method for the potential found no step that reduces the residual")
