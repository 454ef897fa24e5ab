"""The currents of an engine as vectors, and what the voltage is made of."""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import ufl
from petsc4py import PETSc

from fem_model.base.arrays import Floats
from fem_model.numerics.algebra import AssembledVector, dot, if_any, total
from fem_model.numerics.band import AtPoints
from fem_model.processes.charge import Charge
from fem_model.processes.conductance import Conductance
from fem_model.processes.electrodes import Electrodes
from fem_model.processes.volume_reaction import VolumeReaction

SMALLEST_CURRENT = 1e-2
"""Current density below which it counts as none, A/m² over the anode's face. A rest is balanced to that."""


class Currents:
    """The parts of the residual of φ by the nodes, A: reactions of the anode and the counter, conduction.

    `plating` and other reactions are within the electrolyte, `contact`, films and `counter` at the faces of
    the electrodes. Numbers are those of the last `assemble`.
    """

    def __init__(self, charge: Charge, electrodes: Electrodes) -> None:
        self.spaces, self.comm, phi = charge.spaces, charge.spaces.comm, charge.phi
        v, one = ufl.TestFunction(self.spaces.V), self.spaces.constant(1.0)
        densities = [electrodes.plating, *electrodes.other_reactions]
        self.within = [VolumeReaction(electrodes.front.band, density, phi) for density in densities]
        self.plating = self.within[0]
        self.bracket = if_any(electrodes.bracket(v))
        contact, counter = electrodes.contact_reaction(v), electrodes.counter_reaction(v)
        at_anode = [*([] if contact is None else [contact]), *electrodes.other_reactions_at_foil(v)]
        self.at_anode = [AssembledVector(form) for form in at_anode]
        self.contact = self.at_anode[0] if contact is not None else None
        self.counter = if_any(counter)
        self.conduction = Conductance(charge)
        others = [form for form in (counter, charge.source(v)) if form is not None]
        self.forms = [*at_anode, *others]
        """Forms of what else depends on φ, beside conduction and the band of the front."""
        slope = sum(ufl.derivative(form, phi, one) for form in at_anode)
        self.slope_at_anode = AssembledVector(slope) if at_anode else None
        conditions = [bc.dof_indices() for bc in charge.conditions()]
        self.fixed = np.concatenate([dofs[:owned] for dofs, owned in conditions] or [np.zeros(0, np.int32)])
        """Owned nodes at which φ is given."""
        numbers = self.spaces.V.dofmap.index_map.local_to_global
        self.fixed_everywhere = numbers(self.fixed).astype(PETSc.IntType)
        """Their numbers over all ranks."""
        self.anode = np.zeros(self.spaces.owned)
        """All reactions of the anode."""

    def renew(self) -> None:
        """Take ξ and what belongs to it as they are now; only φ changes until the next call. Collective."""
        self.conduction.renew()

    def assemble(self) -> Floats:
        """The whole residual on the owned nodes. Collective."""
        at_nodes = [vector.assemble() for vector in (self.bracket, *self.at_anode) if vector]
        self.anode = np.sum([*(reaction.assemble() for reaction in self.within), *at_nodes], axis=0)
        residual: Floats = self.anode + self.conduction.assemble()
        if self.counter:
            residual += self.counter.assemble()
        residual[self.fixed] = 0.0
        return residual

    def by_metal(self) -> Floats:
        """∂/∂φ of the anode's reactions along a uniform φ, A/V: less what a rise of φ_M does. Collective."""
        slopes = np.sum([reaction.slopes() for reaction in self.within], axis=0)
        return slopes + self.slope_at_anode.assemble() if self.slope_at_anode else slopes

    def by_island(self, direction: Floats) -> Floats:
        """The same for what reacts within the electrolyte and a φ that is a `direction` of all nodes."""
        slopes: Floats = np.sum([reaction.slopes(direction) for reaction in self.within], axis=0)
        return slopes

    def add_slopes(self, entries: Floats) -> None:
        """Add the derivatives of what reacts within the electrolyte to the entries of a matrix, A/V."""
        for reaction in self.within:
            reaction.add_slope(entries, self.spaces.sparsity)

    @property
    def front(self) -> Floats:
        """Li⁺ consumed at the front: the classical bracket moves lithium as well."""
        return self.plating.array + self.bracket.array if self.bracket else self.plating.array

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


class CellCurrents:
    """The currents into front and electrode faces by the cells, A."""

    def __init__(self, currents: Currents, electrodes: Electrodes) -> None:
        self.of_plating, q = currents.plating, ufl.TestFunction(electrodes.spaces.cells)
        self.bracket = if_any(electrodes.bracket(q))
        at_faces = {"anode": electrodes.contact_reaction(q), "counter": electrodes.counter_reaction(q)}
        self.faces = {name: AssembledVector(form) for name, form in at_faces.items() if form is not None}

    def update(self) -> None:
        """Assemble for φ as it is, for which the currents by the nodes are known."""
        for vector in (self.bracket, *self.faces.values()):
            if vector:
                vector.assemble()

    def at_faces(self) -> dict[str, Floats]:
        """Currents into the electrodes, of the owned cells, by the names of their faces."""
        return {name: part.array for name, part in self.faces.items()}

    def plating(self) -> Floats:
        """Currents into front and anode together, of the owned cells at the last update."""
        current = self.of_plating.by_cells()
        for vector in (self.bracket, self.faces.get("anode")):
            current += vector.array if vector else 0.0
        return current


class VoltageParts:
    """Parts that sum up to the voltage −φ_M of the domain, V."""

    def __init__(self, currents: Currents, charge: Charge, electrodes: Electrodes) -> None:
        self.currents, self.phi, self.metal = currents, charge.phi, electrodes.metal
        self.comm, self.owned = charge.spaces.comm, charge.spaces.owned
        case, front = electrodes.case, electrodes.front
        voltages = {
            "capillary_V": front.capillary if case.phase_field.curvature_acts else None,
            "pressure_V": electrodes.pressure if case.resists() else None,
        }
        self.along_front = {
            name: AtPoints(front.band, [voltage]) for name, voltage in voltages.items() if voltage is not None
        }

    def split(self) -> tuple[float, float, float]:
        """Overpotential of the anode, ohmic drop, overpotential of the counter side, V; their sum is −φ_M.

        With φ_a and φ_c the means of φ over anode and counter face, weighted by the current density:
        (φ_a − φ_M) + (φ_c − φ_a) + (0 − φ_c). The ohmic part is the dissipation ∫ σ|∇φ|² dx over the current.
        At rest all of it is overpotential of the anode.
        """
        counter = self.currents.counter
        at_anode = self._mean_potential(self.currents.anode)
        at_counter = self._mean_potential(counter.array) if counter else 0.0
        return at_anode - float(self.metal.phi.value), at_counter - at_anode, -at_counter

    def of_front(self) -> dict[str, float]:
        """Capillary and pressure parts of the anode's overpotential, V, over all of its current.

        Power over current, 0 at rest; only what the case has.
        """
        current, plated = total(self.comm, self.currents.anode), self.currents.plating.current
        return {
            name: self._per_current(total(self.comm, plated * voltage.values()[0]), current)
            for name, voltage in self.along_front.items()
        }

    def _mean_potential(self, reacted: Floats) -> float:
        phi = self.phi.x.array[: self.owned]
        return self._per_current(dot(self.comm, reacted, phi), total(self.comm, reacted))

    def _per_current(self, power: float, current: float) -> float:
        """V; 0 at rest, where the power is that of currents within the electrode."""
        return power / current if abs(current) > self.currents.smallest() else 0.0
