"""The whole case: its sections, the defaults that one gives another, and the rules between them."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import model_validator

from fem_model.base.arguments import require
from fem_model.base.constants import F, R
from fem_model.case.base import Entries, KeyProblem, Note, Section, completed, written
from fem_model.case.cracks import check_cracks, complete_flaws, complete_intrusion
from fem_model.case.drives import Drive
from fem_model.case.flaws import Flaws
from fem_model.case.intrusion import Intrusion
from fem_model.case.layouts import Microstructure
from fem_model.case.material_entries import MaterialEntry, Materials
from fem_model.case.reactions import Reaction
from fem_model.case.resolved import (
    ResolvedMaterial,
    ResolvedReaction,
    require_once,
    resolve_material,
    resolve_reaction,
)
from fem_model.case.rules import check_islands, check_materials, check_sections
from fem_model.case.sections import (
    Anode,
    Boundary,
    Contact,
    Counter,
    Film,
    FixedCounter,
    Kinetics,
    LithiumCounter,
    Mesh,
    Output,
    PhaseField,
    Solver,
    Time,
)
from fem_model.case.stack import Stack, Voids


class Case(Section):
    """One simulation, complete: every default is filled in, every number is SI."""

    title: Note = ""
    """A line that says what the case is."""
    microstructure: Microstructure
    """Size of the domain and where which electrolyte is."""
    materials: Materials = written({})
    """Materials of the user's own, and changes to those of the library."""
    mesh: Mesh
    """Sizes of the triangles and degree of the fields."""
    phase_field: PhaseField
    """The diffuse front."""
    kinetics: Kinetics = written({})
    """Charge transfer at the lithium front."""
    stack: Stack | None = None
    """The pressure on the cell; by default none that acts on anything."""
    voids: Voids | None = None
    """Voids that stripping leaves at the faces of lithium electrodes; by default contact is never lost."""
    boundaries: Annotated[tuple[Boundary, ...], Entries(0, 100)] = ()
    """Different properties near the boundaries between grains, for one pair of materials or all."""
    intrusion: Intrusion | None = None
    """Resistance to lithium that runs along boundaries between grains; by default kinetics.p_resist alone."""
    reactions: Annotated[tuple[Reaction, ...], Entries(0, 100)] = ()
    """Reactions of electrolytes with lithium, at most one each."""
    anode: Anode
    """The face y = 0 (in 3D z = 0): lithium foil, with lithium in the electrolyte at the start."""
    counter: Counter = written({})
    """The face y (in 3D z) = depth."""
    drive: Drive
    """The prescribed current or voltage."""
    time: Time
    """End of the simulation, times at which fields are saved, and steps."""
    solver: Solver = written({})
    """Settings for the algebraic systems."""
    output: Output = written({})
    """Output of a run beside its fields and series."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Fill in the defaults that come from another section, then hold the sections against one another."""
        check_materials(self)
        self.__dict__.update(_from_other_sections(self))
        check_sections(self)
        self.reaction_table()
        check_islands(self)
        check_cracks(self)
        return self

    def material_table(self) -> dict[str, ResolvedMaterial]:
        """The electrolytes of the microstructure and its pores, in the order of first appearance."""
        return {name: self._resolve(name) for name in self.area_shares()}

    def reaction_table(self) -> list[ResolvedReaction]:
        """The reactions, complete. KeyProblem if a number is missing or a material reacts twice."""
        present, temperature = list(self.area_shares()), self.kinetics.temperature
        require_once(self.reactions, present)
        return [
            resolve_reaction(index, section, self.materials, temperature)
            for index, section in enumerate(self.reactions)
        ]

    def area_shares(self) -> dict[str, float]:
        """Share of the area (in 3D of the volume) by material, in the order of first appearance."""
        shares: dict[str, float] = {}
        for part, share in zip(self.microstructure.parts, self.part_shares(), strict=True):
            if share > 0:
                shares[part.material] = shares.get(part.material, 0.0) + share
        return shares

    def part_shares(self) -> tuple[float, ...]:
        """Share of the area (volume) of each band or kind of grains of the microstructure, in their order."""
        return self.microstructure.part_shares(self._density)

    def _resolve(self, name: str) -> ResolvedMaterial:
        return resolve_material(name, self.materials, self.kinetics.temperature)

    def _density(self, name: str) -> float:
        density = self._resolve(name).density
        if density is None:
            text = "is missing: mass shares need the density of every material"
            raise KeyProblem(("materials", name, "density"), text)
        return density

    def exchange(self, contact: Contact) -> float:
        """Exchange current density of a contact at the temperature and the pressure of the cell, A/m²."""
        own = contact if contact.is_given else self.kinetics
        return own.exchange(self.kinetics.temperature) * (self.stack.exchange_factor if self.stack else 1.0)

    def contact_factors(self) -> dict[str, float]:
        """Exchange current density of lithium on each material over that of `kinetics`."""
        factors = {}
        for name in self.area_shares():
            own = self.materials.get(name, MaterialEntry()).kinetics
            given = {"i0": own.i0, "R_ct": own.R_ct} if own and (own.i0 or own.R_ct) else {}
            contact = self.kinetics.model_copy(update=given)
            factors[name] = self.exchange(contact) / self.exchange(self.kinetics)
        return factors

    def transfer_coefficients(self, contact: Contact) -> dict[str, float]:
        """α of a contact on each material: an electrode's own, or the material's, or that of `kinetics`."""
        if isinstance(contact, Anode | LithiumCounter) and contact.alpha:
            return dict.fromkeys(self.area_shares(), contact.alpha)
        owns = {name: self.materials.get(name, MaterialEntry()).kinetics for name in self.area_shares()}
        return {name: (own.alpha if own else None) or self.kinetics.alpha for name, own in owns.items()}

    def charge_transfer(self, contact: Contact) -> float:
        """Area-specific resistance R T/(F i₀) of a contact, Ω m²."""
        return R * self.kinetics.temperature / (F * self.exchange(contact))

    def healing(self) -> float:
        """Stripping current density that creep keeps up with, A/m²; 0 without stack pressure."""
        pressure = self.stack.pressure if self.stack else 0.0
        return self.voids.healing(pressure, self.kinetics.temperature) if self.voids else 0.0

    def nominal_current(self) -> float:
        """Largest size of the mean current density in A/m2; where voltages are given an estimate."""
        stages = self.drive.stages()
        currents = [abs(stage.current) for stage in stages if stage.current is not None]
        voltages = [abs(stage.voltage) for stage in stages if stage.voltage is not None]
        return max([*currents, max(voltages, default=0.0) / self.nominal_resistance()])

    def nominal_resistance(self) -> float:
        """R_ct + R_counter + L / sigma in ohm m2, by which a voltage is divided to estimate the current.

        With linear kinetics of the front and of the counter electrode and the arithmetic mean of the
        conductivities (the upper Wiener bound) over the whole depth L.
        """
        resistance = self.charge_transfer(self.kinetics) + self.microstructure.depth / self.mean_sigma()
        if not isinstance(self.counter, FixedCounter):
            resistance += self.charge_transfer(self.counter)
        return resistance

    def largest_pressure(self) -> float:
        """The largest pressure that a front without cracks needs to plate, Pa."""
        return self.kinetics.p_resist * max([1.0, *(entry.p_factor for entry in self.boundaries)])

    def resists(self) -> bool:
        """True if anything resists the intrusion of lithium."""
        return self.intrusion is not None or self.largest_pressure() > 0

    def room_table(self) -> dict[str, float]:
        """Share of the volume that lithium takes where it grows, by material."""
        rooms = {name: self.materials.get(name, MaterialEntry()).room for name in self.area_shares()}
        return {name: room or self.phase_field.room for name, room in rooms.items()}

    def mean_room(self) -> float:
        """The same, averaged over the volume."""
        table = self.room_table()
        return sum(share * table[name] for name, share in self.area_shares().items())

    def mean_sigma(self) -> float:
        """Conductivity of the electrolytes averaged by area share, S/m."""
        table = self.material_table()
        return sum(share * table[name].sigma for name, share in self.area_shares().items())


def require_case(case: object) -> None:
    """InputError unless an argument is a case."""
    require(case, Case, "case", "a Case, as load_case and make_case return it")


def _from_other_sections(case: Case) -> dict[str, Section]:
    """The sections with the defaults that another section gives."""
    shared = ("i0", "R_ct", "activation_energy", "reference_temperature")
    front = {key: getattr(case.kinetics, key) for key in shared}
    anode, counter, mesh = case.anode, case.counter, case.mesh
    filled: dict[str, Section] = {}
    if case.intrusion:
        filled["intrusion"] = complete_intrusion(case.intrusion, case)
    if mesh.front_height == float("inf"):
        filled["mesh"] = completed(mesh, {"front_height": case.microstructure.depth})
    if isinstance(anode.initial, Film) and anode.initial.wavelength == float("inf"):
        film = completed(anode.initial, {"wavelength": case.microstructure.width})
        anode = completed(anode, {"initial": film})
    if isinstance(anode.initial, Flaws):
        flaws = complete_flaws(anode.initial, case.phase_field.lam)
        anode = completed(anode, {"initial": flaws})
    filled["anode"] = _like_the_front(anode, front)
    if isinstance(counter, LithiumCounter):
        filled["counter"] = _like_the_front(counter, front)
    if case.microstructure.dim == 3 and "direct_below" not in case.solver.model_fields_set:
        filled["solver"] = completed(case.solver, {"direct_below": Solver.DIRECT_BELOW_IN_3D})
    return filled


def _like_the_front[C: Contact](contact: C, front: Mapping[str, float | None]) -> C:
    """A contact with what it has not of its own taken from the front."""
    return contact if contact.is_given else completed(contact, front)
