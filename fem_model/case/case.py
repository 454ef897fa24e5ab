"""The whole case: its sections, the defaults that one gives another, and the rules between them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import model_validator

from fem_model.base.constants import T_DEFAULT, F, R
from fem_model.base.suggestion import nearest
from fem_model.base.units import length
from fem_model.case.base import Entries, Key, KeyProblem, Note, Section, completed, written
from fem_model.case.cells import estimated_cells
from fem_model.case.cracks import check_cracks, complete_flaws, complete_intrusion
from fem_model.case.drives import Drive
from fem_model.case.flaws import Flaws
from fem_model.case.imported_mesh import ImportedMesh
from fem_model.case.intrusion import Intrusion
from fem_model.case.layouts import Microstructure, Particles
from fem_model.case.locate import dotted
from fem_model.case.parts import MOST_CELLS
from fem_model.case.reactions import Reaction
from fem_model.case.sections import (
    Anode,
    Boundary,
    Contact,
    Counter,
    Film,
    FixedCounter,
    Kinetics,
    LithiumCounter,
    MaterialEntry,
    Materials,
    Mesh,
    Nuclei,
    Output,
    PhaseField,
    Solver,
    Time,
)
from fem_model.case.stack import Stack, Voids
from fem_model.materials import LGPS_PRODUCTS, LIBRARY, PORE, V_m, column_name

WIDTH_10_90 = 4.39
"""The 10-90 % width of the front over lam: 2 ln 9, rounded."""

MIN_GRAINS, MAX_GRAINS = 4, 20_000
"""Numbers of grains, pores among them, that a microstructure of particles may have."""

ELECTROLYTES = [name for name, material in LIBRARY.items() if material.role == "electrolyte"]


@dataclass(frozen=True)
class ResolvedMaterial:
    """An electrolyte with the values of the case put over those of the library."""

    name: str
    sigma: float
    """Ionic conductivity at the temperature of the cell, S/m."""
    density: float | None
    """Mass density, kg/m3."""
    is_activated: bool
    """True if its activation energy is known: else sigma is the same at any temperature."""


@dataclass(frozen=True)
class ResolvedReaction:
    """A reaction with what the library says of its material."""

    section: Reaction
    nu: float
    """Li per formula unit."""
    molar_volume: float
    """m3/mol."""
    rate: float | None
    """k of the linear law at the temperature of the cell, m/s."""
    diffusivity: float | None
    """D of the parabolic law at the temperature of the cell, m2/s."""


def resolve_material(
    name: str, entries: Mapping[str, MaterialEntry], temperature: float = T_DEFAULT
) -> ResolvedMaterial:
    """Values of a material at a temperature (K): those of `entries` over those of the library.

    A sigma of `entries` changes with temperature if they have its activation energy as well. KeyProblem if
    sigma is missing.
    """
    entry = entries.get(name, MaterialEntry())
    base = LIBRARY.get(entry.like or name)
    known = base.density.value if base and base.density else None
    density = known if entry.density is None else entry.density
    activated = entry.activation_energy is not None
    if entry.sigma is None and base is not None and base.sigma:
        own = entry.activated_sigma(base.sigma.value, temperature)
        sigma = own if activated else base.sigma_at(temperature)
        return ResolvedMaterial(name, sigma, density, activated or base.activation_energy is not None)
    if entry.sigma is None:
        hint = f"is missing: give it, or like = one of {', '.join(ELECTROLYTES)}."
        raise KeyProblem(("materials", name, "sigma"), hint + nearest(name, ELECTROLYTES))
    return ResolvedMaterial(name, entry.activated_sigma(entry.sigma, temperature), density, activated)


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
        _check_materials(self)
        self.__dict__.update(_from_other_sections(self))
        for rule in (_check_grains, _check_cells_in_grains, _check_mesh, _check_front):
            rule(self)
        for rule in (_check_boundaries, _check_nuclei, _check_film, _check_start, _check_peclet):
            rule(self)
        self.reaction_table()
        _check_islands(self)
        check_cracks(self)
        return self

    def material_table(self) -> dict[str, ResolvedMaterial]:
        """The electrolytes of the microstructure and its pores, in the order of first appearance."""
        return {name: self._resolve(name) for name in self.area_shares()}

    def reaction_table(self) -> list[ResolvedReaction]:
        """The reactions, complete. KeyProblem if a number is missing or a material reacts twice."""
        return [self._resolve_reaction(index) for index in range(len(self.reactions))]

    def _resolve_reaction(self, index: int) -> ResolvedReaction:
        section, key = self.reactions[index], ("reactions", index)
        present = list(self.area_shares())
        if section.material not in present:
            text = f"is not in the microstructure: {', '.join(present)}." + nearest(section.material, present)
            raise KeyProblem((*key, "material"), text)
        if section.material in [other.material for other in self.reactions[:index]]:
            raise KeyProblem((*key, "material"), "already reacts by an earlier entry")
        entry = self.materials.get(section.material, MaterialEntry())
        base = LIBRARY.get(entry.like or section.material)
        is_lgps = base is not None and base.name == "LGPS"
        nu = section.lithium or (LGPS_PRODUCTS[section.product] if is_lgps and section.product else None)
        known = base.molar_volume.value if base and base.molar_volume else None
        volume = section.molar_volume or known
        if nu is None:
            raise KeyProblem((*key, "lithium"), "is missing: it is known for LGPS only")
        if volume is None:
            raise KeyProblem((*key, "molar_volume"), "is missing: it is known for LGPS and LPSC1.0 only")
        factor = section.thermal_factor(self.kinetics.temperature)
        laws = (None if value is None else factor * value for value in (section.rate, section.diffusivity))
        return ResolvedReaction(section, nu, volume, *laws)

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
        """α of a contact on each material."""
        alpha = getattr(contact, "alpha", None) or self.kinetics.alpha
        owns = {name: self.materials.get(name, MaterialEntry()).kinetics for name in self.area_shares()}
        return {name: (own.alpha if own else None) or alpha for name, own in owns.items()}

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


def _check_materials(case: Case) -> None:
    known = [*case.materials, *(name for name in [*ELECTROLYTES, PORE] if name not in case.materials)]
    for name, entry in case.materials.items():
        if entry.like is not None and entry.like not in ELECTROLYTES:
            text = f'= "{entry.like}" is not in the library. Allowed: {", ".join(ELECTROLYTES)}.'
            raise KeyProblem(("materials", name, "like"), text + nearest(entry.like, ELECTROLYTES))
    columns: dict[str, str] = {}
    for index, part in enumerate(case.microstructure.parts):
        key: Key = ("microstructure", *case.microstructure.part_key(index))
        if part.material not in known:
            define = f"define [{dotted(('materials', part.material))}] with sigma = …, or take one of"
            text = f'= "{part.material}" is not a known material: {define} {", ".join(known)}.'
            raise KeyProblem(key, text + nearest(part.material, known))
        column = column_name(part.material)
        if not column or columns.setdefault(column, part.material) != part.material:
            text = f'= "{part.material}" needs letters or digits that distinguish it from the others'
            raise KeyProblem(key, text)
    case.material_table()


def _check_grains(case: Case) -> None:
    """Require that every kind of grains fits, is not empty, and that all together can be handled."""
    section = case.microstructure
    if not isinstance(section, Particles):
        return
    counts, room, volume = [], min(section.extent), math.prod(section.extent)
    for kind, (grains, share) in enumerate(zip(section.parts, case.part_shares(), strict=True)):
        if share == 0:
            continue
        if grains.largest > room:
            key, how = ("sizes", "has") if grains.sizes else ("size", "and spread make")
            text = f"{how} grains of up to {length(grains.largest)}, in a domain of only {length(room)}"
            raise KeyProblem(_kind_key(section, kind, key), text)
        counts.append(share * volume / grains.mean_volume(section.dim))
        if counts[-1] < 0.5:
            text = f"leaves room for {counts[-1]:.2g} grains of this size; at least half a grain must fit"
            raise KeyProblem(_kind_key(section, kind, "mass_share"), text)
    if not MIN_GRAINS <= sum(counts) <= MAX_GRAINS:
        text = f"would be about {sum(counts):.3g}; from {MIN_GRAINS} to {MAX_GRAINS} are possible"
        raise KeyProblem(("microstructure", "grains"), text)
    materials = {part.material for part in section.grains if part.mass_share}
    if section.clustering != "random" and len(materials) < 2:
        text = f'= "{section.clustering}" needs grains of two materials'
        raise KeyProblem(("microstructure", "clustering"), text)


def _kind_key(section: Particles, kind: int, key: str) -> Key:
    """The key of a kind of grains, or what stands for it where the kind is the pores."""
    if kind < len(section.grains):
        return ("microstructure", "grains", kind, key)
    return ("microstructure", "pore_size" if key == "size" else "relative_density")


def _check_cells_in_grains(case: Case) -> None:
    """Require at least two cells across the median grain of every kind."""
    section = case.microstructure
    if not isinstance(section, Particles):
        return
    key, cell = case.mesh.coarsest(section.depth)
    kinds = zip(section.parts, case.part_shares(), strict=True)
    smallest = min((grains for grains, share in kinds if share), key=lambda grains: grains.size)
    if cell > smallest.size / 2 * (1 + 1e-12):
        limit = f"at most {length(smallest.size / 2)}"
        text = f"leaves fewer than 2 cells across grains of {smallest.material}; {limit}"
        raise KeyProblem(("mesh", key), text)


def _check_mesh(case: Case) -> None:
    if isinstance(case.microstructure, ImportedMesh) and case.mesh.refinement != 1:
        raise KeyProblem(("mesh", "refinement"), "must be 1: a mesh from a file is used as it is")
    cells = WIDTH_10_90 * case.phase_field.lam / case.mesh.finest
    if cells < 4 * (1 - 1e-12):
        largest = WIDTH_10_90 * case.phase_field.lam / 4 * case.mesh.refinement
        text = f"gives {cells:.2g} cells across the front (4.39 lam): at most {length(largest)} gives 4"
        raise KeyProblem(("mesh", "cell_size_front"), text)
    number = estimated_cells(case.microstructure, case.mesh)
    if number > MOST_CELLS:
        text = f"with the other sizes and refinement gives about {number:.2g} cells; at most {MOST_CELLS:.0g}"
        raise KeyProblem(("mesh", "cell_size_front"), text)


def _check_front(case: Case) -> None:
    largest = case.microstructure.depth / (2 * WIDTH_10_90)
    if case.phase_field.lam > largest:
        text = (
            f"is too large: twice the front's width 4.39 lam must fit in the depth; at most {length(largest)}"
        )
        raise KeyProblem(("phase_field", "lam"), text)


def _check_nuclei(case: Case) -> None:
    initial, lam, box = case.anode.initial, case.phase_field.lam, case.microstructure
    if not isinstance(initial, Nuclei):
        return
    for index, nucleus in enumerate(initial.nuclei):
        key = ("anode", "initial", "nuclei", index)
        if box.dim == 3 and nucleus.across is None:
            raise KeyProblem((*key, "across"), "is missing: in 3D a nucleus has a position along the breadth")
        if box.dim == 2 and nucleus.across is not None:
            raise KeyProblem((*key, "across"), "has no meaning in 2D: it is a position along the breadth")
        places = zip(("position", "across"), nucleus.along_the_anode, box.extent, strict=False)
        for name, place, extent in places:
            if not 0 <= place <= extent:
                raise KeyProblem((*key, name), f"lies outside the domain, 0 to {length(extent)}")
        if nucleus.radius < 2 * lam * (1 - 1e-12):
            raise KeyProblem((*key, "radius"), f"must be at least 2 lam = {length(2 * lam)}")


def _check_film(case: Case) -> None:
    initial, least = case.anode.initial, 2 * case.phase_field.lam
    if not isinstance(initial, Film):
        return
    if initial.amplitude >= initial.thickness:
        raise KeyProblem(("anode", "initial", "amplitude"), "must be smaller than the thickness of the film")
    if initial.thickness - initial.amplitude < least * (1 - 1e-12):
        text = f"must be at least the amplitude and 2 lam = {length(initial.amplitude + least)}"
        raise KeyProblem(("anode", "initial", "thickness"), text)


def _check_boundaries(case: Case) -> None:
    names = list(case.area_shares())
    for index, boundary in enumerate(case.boundaries):
        for name in boundary.pair.split("|") if boundary.pair else ():
            if name not in names:
                text = f'= "{boundary.pair}" must be two materials of the case with a | between them. '
                raise KeyProblem(("boundaries", index, "pair"), f"{text}Materials: {', '.join(names)}.")


def _check_start(case: Case) -> None:
    initial, depth = case.anode.initial, case.microstructure.depth
    gap = depth - initial.height
    if gap <= WIDTH_10_90 * case.phase_field.lam:
        text = f"reaches {length(initial.height)}: less than the front's width 4.39 lam below {length(depth)}"
        keys = {"film": "thickness", "nuclei": "nuclei", "flaws": "flaws"}
        raise KeyProblem(("anode", "initial", keys[initial.kind]), text)


def _check_islands(case: Case) -> None:
    """Floating islands have the keys they need, and those keys have floating islands."""
    floating = case.anode.islands == "floating"
    if floating and case.mesh.degree != 1:
        raise KeyProblem(("anode", "islands"), '= "floating" needs mesh.degree = 1')
    for index, reaction in enumerate(case.reactions):
        if reaction.product_conducts_electrons and not floating:
            key = ("reactions", index, "product_conducts_electrons")
            raise KeyProblem(key, '= true needs anode.islands = "floating"; else all lithium is connected')


def _check_peclet(case: Case) -> None:
    mobility, lam = case.phase_field.mobility, case.phase_field.lam
    if mobility is None:
        return
    least = V_m * case.nominal_current() * lam / F
    if least / mobility >= 1:
        pe = f"{least / mobility:.3g}"
        text = f"gives Pe = V_m i lam / (F mu) = {pe}, which must be < 1: more than {least:.3g} m^2/s"
        raise KeyProblem(("phase_field", "mobility"), text)
