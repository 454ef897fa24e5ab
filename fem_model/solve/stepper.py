"""Both equations together: the instant (φ at a given ξ) and the step (ξ from one instant to the next).

φ has no memory: ξ fixes it, and it fixes the rate of ξ. So a step solves one potential, takes the
reaction rate f, and with it the normal and the speed of the front, by the second-order
Adams–Bashforth rule

    f̄ = (1 + ½r) fⁿ − ½r fⁿ⁻¹,   r = Δtⁿ/Δtⁿ⁻¹,

and hands them to the implicit profile step of `phase`. The same rule integrates the currents, so the
lithium that appears in ξ and in the foil is the charge that has passed, at every step.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from mpi4py import MPI

from fem_model.case.expected import capillary_step
from fem_model.constants import F
from fem_model.errors import SolverError
from fem_model.log import Stages
from fem_model.materials import V_m
from fem_model.mesh.parallel import require_everywhere
from fem_model.physics.interface import FRONT
from fem_model.physics.model import DendriteModel
from fem_model.solve.algebra import AssembledVector, combine, total
from fem_model.solve.connection import IslandFinder
from fem_model.solve.conversion import ConversionSolver
from fem_model.solve.drive import Drive
from fem_model.solve.intrusion import IntrusionSolver
from fem_model.solve.phase import PhaseSolver
from fem_model.solve.potential import PotentialSolver
from fem_model.solve.smoothing import FrontAverage, NormalSolver, spread

Array = npt.NDArray[np.float64]

LARGEST_CHANGE = 0.15
"""A step that changes ξ anywhere by more is rejected; a front that moves by 0.2 λ changes it by 0.05."""
LARGEST_RATIO = 2.0
"""Beyond this ratio of a step to the one before, rates are not extrapolated: a front that stops would go back
by more than it has come."""
LEFT = 0.1
"""Least ξ of lithium that is more than what is left of a front."""
REMNANT = 1e-6
"""Least ξ(1 − ξ) of what is left of a front."""
REMNANT_STEP = 2.0
"""Its steps over those of a front; the tails of a front are never that much faster than it is."""


@dataclass(frozen=True)
class Charges:
    """Charge of a step, C: passed through the counter electrode, and put into the foil."""

    passed: float
    foil: float


class Rates(NamedTuple):
    """What a step takes from an instant."""

    growth: Array
    """Weak rate of ξ on the owned nodes."""
    speed: Array
    """v̄ of the front at all local nodes, m/s."""
    normal: Array
    """Smoothed normal at all local nodes, component by component for each."""
    conversion: Array
    """∂z/∂t of the owned cells, 1/s; empty without reactions."""
    passed: float
    """Current through the counter electrode, A."""
    foil: float
    """Current into the foil, A."""

    def beyond(self, before: "Rates | None", ratio: float) -> "Rates":
        """Adams–Bashforth mean over the coming step, `ratio` = coming/last step."""
        if before is None:
            return self
        a, b = 1 + ratio / 2, -ratio / 2
        return Rates(
            a * self.growth + b * before.growth,
            a * self.speed + b * before.speed,
            a * self.normal + b * before.normal,
            a * self.conversion + b * before.conversion,
            a * self.passed + b * before.passed,
            a * self.foil + b * before.foil,
        )


class Stepper:
    """Moves a model through time."""

    def __init__(self, model: DendriteModel, stages: Stages) -> None:
        self.model, self.stages, case = model, stages, model.case
        if isinstance(model.room, fem.Function):
            spread(model, model.domain.material_values(case.room_table()), model.room)
        self.potential = PotentialSolver(model, case.solver, stages)
        self.phase = PhaseSolver(model, stages)
        self.normal, self.front = NormalSolver(model, stages), FrontAverage(model, stages)
        self.conversion = ConversionSolver(model, stages) if case.reactions else None
        self.intrusion = IntrusionSolver(model, self.front, stages) if case.intrusion else None
        conductors = [reaction.material for reaction in case.reactions if reaction.product_conducts_electrons]
        places = model.cells.dofmap.list[:, 0]
        self.islands = IslandFinder(model.domain, places, conductors) if model.islands_float else None
        q = ufl.TestFunction(model.cells)
        self.cell_front = AssembledVector(model.front_reaction(q))
        self.cell_contact = AssembledVector(model.contact_reaction(q)) if model.extras.electrodes else None
        w, source = ufl.TestFunction(model.V), model.extras.phase
        self.source = AssembledVector(source * w * model.dx) if source is not None else None
        self.plated = AssembledVector(model.plating(w)) if model.is_classical else None
        self.comm = model.domain.mesh.comm
        self.before: tuple[Rates, float] | None = None
        self.rates: Rates | None = None
        self.bracket = np.zeros(0)
        self.drive = Drive()
        self.extrapolation = 0.0
        self.fastest, self.remnant = 0.0, 0.0
        self.cut_off = 0
        """Number of islands; where it changes their currents jump, and rates are not extrapolated."""

    def settle(self, drive: Drive) -> None:
        """Solve for κ and φ of the ξ now, and evaluate the currents they give."""
        self.drive = drive
        self.normal.update()
        self._see_front()
        if self.model.is_classical:
            self.bracket = self.phase.bracket()
        self.potential.solve(drive, self.extrapolation)
        with self.stages("assembly"):
            self.cell_front.assemble()
            if self.cell_contact:
                self.cell_contact.assemble()
        self.rates = self._rates()
        self.fastest, self.remnant = self._fastest_parts()
        self.model.mobility.value = self.model.case.phase_field.mobility_at(self.fastest)

    def _see_front(self) -> None:
        """What is averaged over the front before the currents are known."""
        self.front.update()
        if self.conversion:
            self.front.thickness()
        if self.intrusion:
            self.intrusion.update(self.before[1] if self.before else 0.0)
        if self.islands:
            labels, count = self.islands.islands(self.model.xi.x.array, self.model.conversion.x.array)
            self.potential.border.set_islands(labels, count)
            if count != self.cut_off:
                self.cut_off = count
                self.forget()

    def _rates(self) -> Rates:
        p, drive, model = self.potential, self.drive, self.model
        growth = V_m / F * p.front.array
        conversion = np.zeros(0)
        if self.conversion:
            conversion = self.conversion.rates()
            growth -= self.conversion.lithium()
        self.front.speed(V_m / F * self.plated.assemble() if self.plated else growth)
        if self.source:
            growth += self.source.assemble()
        given = drive.current is not None and drive.per_volt == 0
        passed = drive.target(0.0) if given else p.counter_current()
        foil = total(self.comm, p.contact.array) if p.contact else 0.0
        speed, normal = model.front_speed.x.array.copy(), model.smooth_normal.x.array.copy()
        return Rates(growth, speed, normal, conversion, passed, foil)

    def _fastest_parts(self) -> tuple[float, float]:
        """|v̄| of the fastest part of the front, where 0.1 < ξ < 0.9, and of all that is not bulk, m/s.

        What is left of lithium that has dissolved has ξ < 0.1 everywhere: its speed stands for that of the
        front where there is none.
        """
        xi, speed = self.model.xi.x.array, np.abs(self.model.front_speed.x.array)
        within = xi * (1 - xi)
        local = [float(speed[within > least].max(initial=0.0)) for least in (FRONT, REMNANT)]
        front, remnant = combine(self.comm, np.array(local), MPI.MAX)
        return float(front or remnant), float(remnant)

    def cell_current(self) -> Array:
        """Plating current of each owned cell, front and contact, A."""
        contact = self.cell_contact.array if self.cell_contact else 0.0
        current: Array = self.cell_front.array + contact
        return current

    def passed_current(self) -> float:
        """Current through the counter electrode as of the last `settle`, A."""
        return self.rates.passed if self.rates else 0.0

    def iterations(self) -> tuple[int, int]:
        """Newton iterations and linear iterations so far."""
        return self.potential.iterations, self.potential.linear.iterations + self.phase.linear.iterations

    def forget(self) -> None:
        """Rates are not extrapolated from before this instant."""
        self.before = None

    def open_foil(self, is_open: bool) -> None:
        """Whether the foil has lithium to give; rates are not extrapolated over a change."""
        if bool(self.model.foil_open.value) != is_open:
            self.model.foil_open.value = float(is_open)
            self.forget()

    def has_lithium(self) -> bool:
        """Whether the anode can be stripped: its foil is open, or ξ > 0.1 beside islands. Collective."""
        own = self.model.xi.x.array.copy()
        for island in self.potential.border.islands:
            own[island > 0] = 0.0
        most = self.comm.allreduce(float(own.max(initial=0.0)), op=MPI.MAX)
        return bool(self.model.foil_open.value) or most > LEFT

    def until_foil_is_empty(self, foil_left: float) -> float:
        """Time (s) after which the foil has given `foil_left` (C) at the current of this instant."""
        foil = self.rates.foil if self.rates else 0.0
        return foil_left / -foil if foil < 0 and foil_left > 0 else np.inf

    def limit(self) -> float:
        """Largest step (s): v Δt ≤ front_step λ, twice that of remnants, and stable capillary motion."""
        case = self.model.case
        largest = min(case.time.end, capillary_step(case))
        if self.fastest > 0:
            distance = case.time.front_step * case.phase_field.lam
            largest = min(largest, distance / self.fastest, REMNANT_STEP * distance / self.remnant)
        if self.rates and self.conversion:
            largest = min(largest, self.conversion.limit(self.rates.conversion))
        return largest

    def advance(self, dt: float, *, extrapolate: bool = True) -> Charges:
        """ξ and z over one step, from the rates of the last `settle`; on `SolverError` as they were.

        Without `extrapolate` the rates stay what they are over the step, which is then of first order.
        """
        assert self.rates is not None
        model = self.model
        before, last = self.before or (None, dt)
        if not extrapolate or dt > LARGEST_RATIO * last or not self._may_extrapolate(before, dt, last):
            before = None
        state = model.xi, model.phi, model.metal_offset, model.relaxation, model.conversion
        start = [function.x.array.copy() for function in state]
        metal, mobility = float(model.phi_metal.value), float(model.mobility.value)
        try:
            mean = self._relaxed(dt) if model.is_classical else self.rates.beyond(before, dt / last)
            model.front_speed.x.array[:] = mean.speed
            model.smooth_normal.x.array[:] = mean.normal
            self.phase.advance(mean.growth, dt)
            self._check(start[0])
            if self.conversion:
                self.conversion.advance(mean.conversion, dt)
        except SolverError as error:
            require_everywhere(self.comm, error, "advance")
            for function, values in zip(state, start, strict=True):
                function.x.array[:] = values
            model.phi_metal.value = metal
            model.update_distance()
            raise
        finally:
            model.mobility.value = mobility
        if self.intrusion:
            self.intrusion.remember(self.potential.front.array)
        self.extrapolation = dt / last if before else 0.0
        self.before = self.rates, dt
        return Charges(mean.passed * dt, mean.foil * dt)

    def _may_extrapolate(self, before: Rates | None, dt: float, last: float) -> bool:
        """Whether the extrapolated rates keep z within its bounds."""
        if before is None or self.conversion is None or self.rates is None:
            return True
        return self.conversion.allows(self.rates.beyond(before, dt / last).conversion, dt)

    def _relaxed(self, dt: float) -> Rates:
        """Classical Allen–Cahn: φ halfway through the step, with the charge that the bracket moves in it.

        The rates then hold the whole change of ξ to second order, and the step that follows leaves the
        profile alone.
        """
        assert self.rates is not None
        model, start = self.model, self.model.xi.x.array.copy()
        self.phase.relax(self.rates.growth - self.bracket, dt)
        self._see_front()
        self.potential.solve(self.drive)
        rates = self._rates()
        model.mobility.value, model.xi.x.array[:] = 0.0, start
        model.update_distance()
        return rates

    def _check(self, start: Array) -> None:
        change = float(np.abs(self.model.xi.x.array - start).max(initial=0.0))
        change = self.comm.allreduce(change, op=MPI.MAX)
        if not change <= LARGEST_CHANGE:
            raise SolverError(f"the order parameter changed by {change:.3g} in one step")

    def state(self) -> tuple[dict[str, float], dict[str, Array], dict[str, Array]]:
        """Numbers, nodal and cell fields from which `restore` goes on as if nothing had happened."""
        model = self.model
        numbers = {"phi_metal": float(model.phi_metal.value), "mobility": float(model.mobility.value)}
        numbers |= {"extrapolation": self.extrapolation, "cut_off": self.cut_off}
        phi, numbers["phi_metal_before"] = self.potential.previous
        fields = {"xi": model.xi.x.array, "phi": model.phi.x.array, "phi_before": phi}
        fields["metal_offset"] = model.metal_offset.x.array
        fields["least_distance"] = model.least_distance.x.array
        fields["current_before"] = model.current_before.x.array
        if self.before:
            rates, numbers["last_dt"] = self.before
            numbers |= {"passed_before": rates.passed, "foil_before": rates.foil}
            fields |= {"growth_before": self._with_ghosts(rates.growth, model.V), "speed_before": rates.speed}
            dim = model.axis + 1
            fields |= {f"normal_{k}_before": rates.normal[k::dim] for k in range(dim)}
        return numbers, fields, self._cell_state()

    def _cell_state(self) -> dict[str, Array]:
        cells = {"conversion": self.model.conversion.x.array}
        if self.before and self.conversion:
            cells["conversion_before"] = self._with_ghosts(self.before[0].conversion, self.model.cells)
        return cells

    def _with_ghosts(self, owned: Array, space: fem.FunctionSpace) -> Array:
        function = fem.Function(space)
        function.x.array[: len(owned)] = owned
        function.x.scatter_forward()
        values: Array = function.x.array
        return values

    def restore(
        self, numbers: Mapping[str, float], fields: Mapping[str, Array], cells: Mapping[str, Array]
    ) -> None:
        """Take up a state."""
        model, owned = self.model, self.model.V.dofmap.index_map.size_local
        model.xi.x.array[:], model.phi.x.array[:] = fields["xi"], fields["phi"]
        model.metal_offset.x.array[:] = fields["metal_offset"]
        model.least_distance.x.array[:] = fields["least_distance"]
        model.current_before.x.array[:] = fields["current_before"]
        model.conversion.x.array[:] = cells["conversion"]
        model.update_distance()
        model.phi_metal.value, model.mobility.value = numbers["phi_metal"], numbers["mobility"]
        self.extrapolation, self.cut_off = numbers["extrapolation"], int(numbers["cut_off"])
        self.potential.previous = fields["phi_before"], numbers["phi_metal_before"]
        self.before = None
        if "last_dt" in numbers:
            normal = np.column_stack([fields[f"normal_{k}_before"] for k in range(model.axis + 1)]).ravel()
            growth, speed = fields["growth_before"][:owned], fields["speed_before"]
            owned_cells = model.cells.dofmap.index_map.size_local
            conversion = cells.get("conversion_before", np.zeros(0))[:owned_cells]
            passed, foil = numbers["passed_before"], numbers["foil_before"]
            rates = Rates(growth, speed, normal, conversion, passed, foil)
            self.before = rates, numbers["last_dt"]
