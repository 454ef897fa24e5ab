"""The currents of an engine as vectors, and what the voltage is made of."""

import fem_model._dolfinx_first  # noqa: F401

from typing import Any

import numpy as np
import ufl
from dolfinx import fem

from fem_model.base.arrays import Floats
from fem_model.numerics.algebra import AssembledVector, dot, total
from fem_model.processes.charge import Charge
from fem_model.processes.electrodes import Electrodes

SMALLEST_CURRENT = 1e-2
"""Current density below which it counts as none, A/m² over the anode's face. A rest is balanced to that."""


class Currents:
    """The parts of the residual of φ by the nodes, A: reactions of the anode and the counter, conduction."""

    def __init__(self, charge: Charge, electrodes: Electrodes) -> None:
        self.spaces, self.electrodes = charge.spaces, electrodes
        self.comm = self.spaces.comm
        v = ufl.TestFunction(self.spaces.V)
        contact, counter = electrodes.contact_reaction(v), electrodes.counter_reaction(v)
        in_electrolyte = [electrodes.front_reaction(v), *electrodes.other_reactions(v)]
        at_foil = electrodes.other_reactions_at_foil(v)
        at_anode = [in_electrolyte[0], *([] if contact is None else [contact]), *in_electrolyte[1:], *at_foil]
        self.forms = [*at_anode, *([] if counter is None else [counter])]
        """Forms of all reactions."""
        self.anode = [AssembledVector(form) for form in at_anode]
        self.front, self.contact = self.anode[0], self.anode[1] if contact is not None else None
        self.counter = None if counter is None else AssembledVector(counter)
        self.conduction = AssembledVector(charge.conduction(v))
        conditions = [bc.dof_indices() for bc in charge.conditions()]
        self.fixed = np.concatenate([dofs[:owned] for dofs, owned in conditions] or [np.zeros(0, np.int32)])
        """Owned nodes at which φ is given."""
        phi, one = charge.phi, self.spaces.constant(1.0)
        self.by_metal = AssembledVector(_slope(at_anode, phi, one))
        """∂/∂φ of the anode's reactions for a uniform φ: minus what a rise of φ_M changes."""
        floats, direction = electrodes.metal.floats, electrodes.metal.direction
        self.by_island = AssembledVector(_slope(in_electrolyte, phi, direction)) if floats else None

    def assemble(self) -> tuple[Floats, Floats]:
        """The reactions of the anode, and the whole residual, both on the owned nodes."""
        anode = np.sum([reaction.assemble() for reaction in self.anode], axis=0)
        residual = anode + self.conduction.assemble()
        if self.counter:
            residual += self.counter.assemble()
        residual[self.fixed] = 0.0
        return anode, residual

    def passed(self) -> float:
        """Current that enters at the counter electrode (or the Dirichlet face), A, as φ now has it."""
        if self.counter:
            return -total(self.comm, self.counter.array)
        return total(self.comm, self.conduction.array[self.fixed])

    def into_foil(self) -> float:
        """Current of the anode's contact, A."""
        return total(self.comm, self.contact.array) if self.contact else 0.0

    def smallest(self) -> float:
        """Current below which it counts as none, A."""
        return SMALLEST_CURRENT * self.spaces.area


def _slope(forms: list[Any], phi: fem.Function, direction: Any) -> Any:
    return sum(ufl.derivative(form, phi, direction) for form in forms)


class CellCurrents:
    """The currents into front and electrode faces by the cells, A."""

    def __init__(self, electrodes: Electrodes) -> None:
        q = ufl.TestFunction(electrodes.spaces.cells)
        self.front = AssembledVector(electrodes.front_reaction(q))
        at_faces = {"anode": electrodes.contact_reaction(q), "counter": electrodes.counter_reaction(q)}
        self.faces = {name: AssembledVector(form) for name, form in at_faces.items() if form is not None}

    def update(self) -> None:
        """Assemble for φ as it is."""
        for part in (self.front, *self.faces.values()):
            part.assemble()

    def at_faces(self) -> dict[str, Floats]:
        """Currents into the electrodes, of the owned cells, by the names of their faces."""
        return {name: part.array for name, part in self.faces.items()}

    def plating(self) -> Floats:
        """Currents into front and anode together, of the owned cells at the last update."""
        contact = self.at_faces().get("anode")
        return self.front.array if contact is None else self.front.array + contact


class VoltageParts:
    """Parts that sum up to the voltage −φ_M of the domain, V."""

    def __init__(self, currents: Currents, charge: Charge, electrodes: Electrodes) -> None:
        self.currents, self.phi, self.metal = currents, charge.phi, electrodes.metal
        self.comm, self.owned = charge.spaces.comm, charge.spaces.owned
        q = ufl.TestFunction(charge.spaces.cells)
        case = electrodes.case
        curved, resists = case.phase_field.curvature_acts, case.resists()
        self.powers = {
            "capillary_V": AssembledVector(electrodes.capillary_power(q)) if curved else None,
            "pressure_V": AssembledVector(electrodes.pressure_power(q)) if resists else None,
        }

    def split(self) -> tuple[float, float, float]:
        """Overpotential of the anode, ohmic drop, overpotential of the counter side, V; their sum is −φ_M.

        With φ_a and φ_c the means of φ over anode and counter face, weighted by the current density:
        (φ_a − φ_M) + (φ_c − φ_a) + (0 − φ_c). The ohmic part is the dissipation ∫ σ|∇φ|² dx over the current.
        At rest all of it is overpotential of the anode.
        """
        at_anode = self._mean_potential(self.currents.anode)
        at_counter = self._mean_potential([self.currents.counter] if self.currents.counter else [])
        return at_anode - float(self.metal.phi.value), at_counter - at_anode, -at_counter

    def of_front(self) -> dict[str, float]:
        """Capillary and pressure parts of the anode's overpotential, V, over all of its current.

        Power over current, 0 at rest; only what the case has.
        """
        current = sum(total(self.comm, reaction.array) for reaction in self.currents.anode)
        return {
            name: self._per_current(total(self.comm, power.assemble()), current)
            for name, power in self.powers.items()
            if power
        }

    def _mean_potential(self, reactions: list[AssembledVector]) -> float:
        phi = self.phi.x.array[: self.owned]
        arrays = [reaction.array for reaction in reactions]
        current = sum(total(self.comm, array) for array in arrays)
        return self._per_current(sum(dot(self.comm, array, phi) for array in arrays), current)

    def _per_current(self, power: float, current: float) -> float:
        """V; 0 at rest, where the power is that of currents within the electrode."""
        return power / current if abs(current) > self.currents.smallest() else 0.0
