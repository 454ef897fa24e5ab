"""One instant of a case on a domain, the order in which it is found, and the step on from it.

At any instant ξ and the fields of the other processes fix φ, and φ fixes their rates.
"""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass

import numpy as np
import ufl
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.base.errors import SolverError
from fem_model.base.log import Stages
from fem_model.case import Case
from fem_model.engine.foil import Foil
from fem_model.engine.model import Model
from fem_model.engine.rates import MOTION, History, Rates
from fem_model.engine.remeshing import Remeshing
from fem_model.materials import V_m
from fem_model.mesh.domain import Domain
from fem_model.mesh.parallel import require_everywhere
from fem_model.numerics.algebra import AssembledVector
from fem_model.processes.averages import NormalSolver
from fem_model.processes.currents import CellCurrents, Currents, VoltageParts
from fem_model.processes.extras import Extras
from fem_model.processes.islands import Islands
from fem_model.processes.phase import PhaseSolver
from fem_model.processes.potential import PotentialSolver
from fem_model.processes.state import Field, Kept, Part, State, components, restore, state_of
from fem_model.protocol.drive import Drive

GROWTH, SPEED, NORMAL = "growth", "speed", "normal"
"""Names of what a step takes from the front."""

LARGEST_CHANGE = 0.15
"""A step that changes ξ anywhere by more is rejected; a front that moves by 0.2 λ changes it by 0.05."""
REMNANT_STEP = 2.0
"""Steps of what is left of a front over those of a front; its tails are never that much faster than it is."""


@dataclass(frozen=True)
class Charges:
    """Charge of a step, C: passed through the counter electrode, and put into the foil."""

    passed: float
    foil: float


class FrontGrowth:
    """Growth of ξ, as a weak rate on the owned nodes and as a density that can go onto another mesh.

    The density is the weak rate ∫ f w dx over ∫ w² dx, node by node, 1/s.
    """

    def __init__(self, model: Model, currents: Currents) -> None:
        self.model, self.currents, spaces = model, currents, model.spaces
        w, source = ufl.TestFunction(spaces.V), model.extras.phase
        self.source = AssembledVector(source * w * spaces.dx) if source is not None else None
        self.weights = spaces.mass_diagonal()
        self.density = spaces.nodal(GROWTH)

    def rates(self) -> list[Field]:
        """Growth, speed and normal of the front at this instant; the speed goes into the front as well."""
        model, front = self.model, self.model.front
        growth = V_m / F * self.currents.front
        for process in model.processes:
            growth -= process.lithium()
        model.average.speed(V_m / F * self.currents.plating.array if front.is_classical else growth)
        if self.source:
            growth += self.source.assemble()
        self.density.x.array[: len(growth)] = growth / self.weights
        self.density.x.scatter_forward()
        speed, normal = front.speed.x.array.copy(), front.smooth_normal.x.array.copy()
        density = Field(GROWTH, self.density.x.array.copy(), kept=Kept.RATE)
        return [density, Field(SPEED, speed), *components(NORMAL, normal, model.spaces.axis + 1)]

    def use(self, rates: Rates) -> Floats:
        """Speed and normal of the rates into the front; their weak growth on the owned nodes."""
        front, dim = self.model.front, self.model.spaces.axis + 1
        front.speed.x.array[:] = rates[SPEED]
        for k in range(dim):
            front.smooth_normal.x.array[k::dim] = rates[f"{NORMAL}_{k}"]
        growth: Floats = rates[GROWTH][: len(self.weights)] * self.weights
        return growth


class Engine:
    """A case on a domain at one instant. Methods are collective."""

    def __init__(
        self, domain: Domain, case: Case, extras: Extras | None = None, stages: Stages | None = None
    ) -> None:
        self.case, self.stages = case, stages or Stages()
        self.model = model = Model(domain, case, extras, self.stages)
        self.spaces, self.front, self.comm = model.spaces, model.front, model.spaces.comm
        self.currents = Currents(model.charge, model.electrodes)
        self.cells = CellCurrents(self.currents, model.electrodes)
        self.voltages = VoltageParts(self.currents, model.charge, model.electrodes)
        self.potential = PotentialSolver(
            model.charge, model.electrodes, self.currents, case.solver, self.stages
        )
        self.phase = PhaseSolver(self.front, model.electrodes.damping, self.stages)
        self.normal = NormalSolver(self.front, self.stages)
        self.growth, self.history = FrontGrowth(model, self.currents), History()
        self.foil = Foil(model, self.potential.unknowns, self.history)
        floating = Islands(model.front, model.metal, model.processes, self.potential.unknowns)
        self.islands = floating if model.metal.floats else None
        self.parts: list[Part] = [*model.parts, self.history]
        self.drive, self.rates = Drive(), Rates({}, 0.0, 0.0)
        self.bracket = np.zeros(0)
        self.fastest, self.remnant = 0.0, 0.0

    # The order within an instant

    def settle(self, drive: Drive) -> None:
        """Solve for κ and φ of the ξ now, and evaluate the currents they give."""
        self.drive = drive
        self.normal.update()
        self._see_front()
        if self.front.is_classical:
            self.bracket = self.phase.bracket()
        self.potential.solve(drive, self.history.extrapolation)
        self.rates = self._rates()
        self.fastest, self.remnant = self.front.fastest()
        self.front.mobility.value = self.case.phase_field.mobility_at(self.fastest)

    def _see_front(self) -> None:
        """Update the averages over the front that are needed before the currents are known."""
        self.model.average.update()
        for process in self.model.processes:
            process.update()
        self.model.bare_resistance.update(self.history.last_dt if self.history.before else 0.0)
        if self.islands and not self.islands.update():
            self.history.forget()

    def _rates(self) -> Rates:
        with self.stages("assembly"):
            self.cells.update()
        faces = self.cells.at_faces()
        others = [rate for process in self.model.processes for rate in process.rates(faces)]
        fields = {field.name: field for field in [*others, *self.growth.rates()]}
        given = self.drive.current is not None and self.drive.per_volt == 0
        passed = self.drive.target(0.0) if given else self.currents.passed()
        taken = sum(process.from_foil() for process in self.model.processes)
        return Rates(fields, passed, self.currents.into_foil() - taken)

    # A step

    def limit(self) -> float:
        """Largest step (s): v Δt ≤ front_step λ, twice that of remnants."""
        largest = self.case.time.end
        if self.fastest > 0:
            distance = self.case.time.front_step * self.case.phase_field.lam
            largest = min(largest, distance / self.fastest, REMNANT_STEP * distance / self.remnant)
        if rates := self.rates.values():  # of an instant whose potential is known
            largest = min([largest, *(process.limit(rates) for process in self.model.processes)])
        return largest

    def advance(self, dt: float, *, extrapolate: bool = True) -> Charges:
        """All fields over one step, from the rates of the last `settle`; on `SolverError` as they were.

        Without `extrapolate` the rates stay what they are over the step, which is then of first order.
        """
        start, ratio = state_of(self.parts), self._ratio(dt) if extrapolate else 0.0
        relaxation = self.front.relaxation.x.array.copy()
        try:
            mean = self._relaxed(dt) if self.front.is_classical else self.history.mean(self.rates, ratio)
            self.phase.advance(self.growth.use(mean), dt, self.history.motion if ratio else None)
            self._require_small(start)
            for process in self.model.processes:
                process.advance(mean.values(), dt)
        except SolverError as error:
            require_everywhere(self.comm, error, "advance")
            self.restore(start)
            self.front.relaxation.x.array[:] = relaxation
            raise
        self.front.mobility.value = start.numbers["mobility"]
        self.model.bare_resistance.remember(self.currents.front)
        motion = Field(MOTION, (self.front.xi.x.array - start.fields["xi"].values) / dt)
        self.history.add(self.rates, motion, dt, ratio)
        return Charges(mean.passed * dt, mean.foil * dt)

    def _ratio(self, dt: float) -> float:
        """The step over the one before; 0 if extrapolated rates would take a field out of its bounds."""
        ratio = self.history.ratio(dt)
        if not ratio:
            return 0.0
        mean = self.history.mean(self.rates, ratio).values()
        return ratio if all(process.allows(mean, dt) for process in self.model.processes) else 0.0

    def _relaxed(self, dt: float) -> Rates:
        """Classical Allen–Cahn: φ halfway through the step, with the charge that the bracket moves in it.

        The rates then hold the whole change of ξ to second order, and the step that follows leaves the
        profile alone.
        """
        start = self.front.xi.x.array.copy()
        self.phase.relax(self.growth.use(self.rates) - self.bracket, dt)
        self._see_front()
        self.potential.solve(self.drive)
        rates = self._rates()
        self.front.mobility.value, self.front.xi.x.array[:] = 0.0, start
        self.front.update_distance()
        return rates

    def _require_small(self, start: State) -> None:
        change = float(np.abs(self.front.xi.x.array - start.fields["xi"].values).max(initial=0.0))
        change = self.comm.allreduce(change, op=MPI.MAX)
        if not change <= LARGEST_CHANGE:
            raise SolverError(f"the order parameter changed by {change:.3g} in one step")

    def stored(self) -> float:
        """Charge of the lithium in all processes but the front, C."""
        return sum(process.stored() for process in self.model.processes)

    def iterations(self) -> tuple[int, int]:
        """Newton iterations and linear iterations so far."""
        potential, phase = self.potential, self.phase.linear.iterations
        return potential.iterations, potential.linear.iterations + phase

    # Its state

    def state(self) -> State:
        """Fields and numbers from which `restore` goes on as if nothing had happened."""
        return state_of(self.parts)

    def restore(self, state: State) -> None:
        """Take up a state of this mesh."""
        self.history.forget()
        restore(self.parts, state)

    def on(self, domain: Domain, state: State) -> "Engine":
        """An engine of the same case on another domain of the same body, in a state that this one has had.

        Errors: FemModelError if it is another body; SolverError if its cells are too large for what there is.
        """
        other = Engine(domain, self.case, self.model.extras, self.stages)
        other.restore(Remeshing(self.model, other.model)(state))
        other.foil.is_open.value = self.foil.is_open.value
        return other
