"""Electrolyte that reacts with lithium: conversion z, from 0 to 1, constant within each cell.

    ∂z/∂t = u |∇h| g(z)          (see `laws.reaction`)

By the chemical route the front loses ν lithium for each formula unit, by the electrochemical one the
electrolyte loses Li⁺ and the metal electrons.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI

from fem_model.base.arrays import Bools, Floats
from fem_model.base.constants import F
from fem_model.base.errors import SolverError
from fem_model.case import Case
from fem_model.case.expected import THICKER
from fem_model.case.reactions import Reaction
from fem_model.case.resolved import ResolvedReaction
from fem_model.laws.interface import FRONT
from fem_model.laws.reaction import GATE, ReactionTerm, parabolic_speed
from fem_model.numerics.algebra import AssembledVector, combine, total
from fem_model.numerics.band import BandVector
from fem_model.processes.extras import Extras
from fem_model.processes.process import Process, Setting
from fem_model.processes.spaces import Spaces
from fem_model.processes.state import Field, Kept, Place

LARGEST_CONVERSION = 0.5 * GATE
"""Largest change of z in a step while its reaction is not fading."""
ROUND_OFF = 1e-14
CONDUCTING = 0.5
"""Conversion z from which a product that conducts electrons connects lithium."""
CONVERSION = "conversion"


def terms(
    spaces: Spaces, case: Case, route: str, thickness: fem.Function
) -> list[tuple[ReactionTerm, ResolvedReaction]]:
    """The reactions of a case by a route, where their products have a `thickness` (m)."""

    def speed(reaction: ResolvedReaction) -> Any:
        start = reaction.section.start_thickness
        if reaction.diffusivity is None or start is None:
            return spaces.constant(reaction.rate or 0.0)
        return parabolic_speed(spaces.constant(reaction.diffusivity), thickness, spaces.constant(start))

    return [
        (ReactionTerm(spaces.only_in(r.section.material), speed(r), r.nu, r.molar_volume), r)
        for r in case.reaction_table()
        if r.section.route == route
    ]


def charge_density(spaces: Spaces, case: Case) -> Floats:
    """F ν/V_M of the electrolyte in each cell that reacts, 0 in others, C/m³; ghosts included."""
    taken = {r.section.material: F * r.nu / r.molar_volume for r in case.reaction_table()}
    values = spaces.domain.material_values({name: taken.get(name, 0.0) for name in spaces.domain.materials})
    density: Floats = values.x.array
    return density


def electrochemical_rate(
    setting: Setting, term: ReactionTerm, reaction: ResolvedReaction, z: Any, density: Any, metal: Any
) -> Any:
    """∂z/∂t of a reaction by the electrochemical route, with the potential of the `metal` (V)."""
    constant, kinetics, section = setting.spaces.constant, setting.case.kinetics, reaction.section
    assert section.E_eq is not None and section.i0 is not None
    alpha, temperature = constant(kinetics.alpha), constant(kinetics.temperature)
    eta = setting.phi - metal + constant(section.E_eq)
    return term.electrochemical_rate(z, density, eta, constant(section.i0), alpha, temperature)


class ReactionForms:
    """z (`conversion`), w of the product at the front (`thickness`, m), and the terms of all reactions."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.spaces, self.case = setting, setting.spaces, setting.case
        self.conversion = fem.Function(self.spaces.cells, name=CONVERSION)
        self.thickness = self.spaces.nodal("thickness")

    def conductivity_change(self) -> Any:
        """Σ z (σ_product − σ), S/m."""
        table, change = self.case.material_table(), 0.0
        for reaction in self.case.reaction_table():
            name, product = reaction.section.material, reaction.section.sigma
            of_product = 0.0 if product is None else product - table[name].sigma
            values = {m: of_product * (m == name) for m in table}
            change += self.conversion * self.spaces.domain.material_values(values)
        return change

    def factor(self, of: Callable[[Reaction], float]) -> Any:
        """Π [1 + (f − 1) z] over the reactions: f in what a material becomes, 1 elsewhere."""
        product: Any = 1.0
        for reaction in self.case.reactions:
            if of(reaction) != 1.0:
                product *= 1 + (of(reaction) - 1) * self.spaces.only_in(reaction.material) * self.conversion
        return product

    @cached_property
    def chemical(self) -> list[tuple[Any, ReactionTerm]]:
        """∂z/∂t (1/s) of each reaction by the chemical route."""
        density = self.setting.front.density
        found = terms(self.spaces, self.case, "chemical", self.thickness)
        return [(term.chemical_rate(self.conversion, density), term) for term, _ in found]

    @cached_property
    def electrochemical(self) -> list[tuple[Any, ReactionTerm]]:
        """∂z/∂t (1/s) of each reaction by the electrochemical route."""
        z, density, metal = self.conversion, self.setting.front.density, self.setting.metal.potential
        found = terms(self.spaces, self.case, "electrochemical", self.thickness)
        return [
            (electrochemical_rate(self.setting, term, reaction, z, density, metal), term)
            for term, reaction in found
        ]

    def rate(self, q: Any) -> Any:
        """∫ ∂z/∂t q dx over all reactions."""
        return sum(rate for rate, _ in [*self.chemical, *self.electrochemical]) * q * self.spaces.dx

    def sink(self, w: Any) -> Any:
        """∫ (ν V_m/V_M) ∂z/∂t w dx by the chemical route: lithium that the front loses."""
        constant = self.spaces.constant
        taken = sum(constant(term.lithium_per_volume) * rate for rate, term in self.chemical)
        return taken * w * self.spaces.dx

    @property
    def current(self) -> Any:
        """(F ν/V_M) ∂z/∂t by the electrochemical route: Li⁺ consumed, A/m³."""
        constant = self.spaces.constant
        return sum(constant(term.charge_density) * rate for rate, term in self.electrochemical)


class Reactions(Process):
    """The reactions of a case in time. `forms` holds z and its terms."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.forms, self.spaces, self.case = ReactionForms(setting), setting.spaces, setting.case
        self.volumes = self.spaces.volumes()
        self.charge_density = charge_density(self.spaces, self.case)[: len(self.volumes)]
        self.parabolic = [self._law(r) for r in self.case.reaction_table() if r.diffusivity]

    @staticmethod
    def applies(case: Case, extras: Extras) -> bool:
        """True if anything reacts."""
        return bool(case.reactions)

    def _law(self, reaction: ResolvedReaction) -> tuple[float, float, Bools]:
        """Start thickness (m) and D (m²/s) of a parabolic law, and which nodes its material has."""
        spaces = self.spaces
        nodes = np.zeros(len(self.forms.thickness.x.array), dtype=bool)
        inside = spaces.only_in(reaction.section.material).x.array[spaces.cells.dofmap.list[:, 0]] > 0
        nodes[spaces.V.dofmap.list[inside].ravel()] = True
        return reaction.section.start_thickness or 0.0, reaction.diffusivity or 0.0, nodes

    def fields(self) -> list[Field]:
        """z, of which ∫z over each material is kept."""
        return [Field(CONVERSION, self.forms.conversion.x.array, Place.CELLS, Kept.SHARE)]

    def conductivity_change(self) -> Any:
        """Σ z (σ_product − σ), S/m."""
        return self.forms.conductivity_change()

    def exchange_factor(self) -> Any:
        """Factor of products on the exchange current density of the front."""
        return self.forms.factor(lambda reaction: reaction.i0_factor)

    def resistance_factor(self) -> Any:
        """Factor of products on what resists the intrusion of lithium."""
        return self.forms.factor(lambda reaction: reaction.toughness_factor)

    def largest_resistance_factor(self) -> float:
        """The largest that factor can be."""
        return max([1.0, *(reaction.toughness_factor for reaction in self.case.reactions)])

    @cached_property
    def _conductors(self) -> Bools:
        """Cells of materials whose product conducts electrons."""
        names = [r.material for r in self.case.reactions if r.product_conducts_electrons]
        cells: Bools = np.any([self.spaces.only_in(name).x.array > 0 for name in names], axis=0)
        return cells

    def conducts_electrons(self) -> Bools | None:
        """Cells with z ≥ ½ of materials whose product conducts electrons."""
        if not any(reaction.product_conducts_electrons for reaction in self.case.reactions):
            return None
        cells: Bools = self._conductors & (self.forms.conversion.x.array >= CONDUCTING)
        return cells

    def current(self) -> Any:
        """Li⁺ consumed by the electrochemical route, A/m³."""
        return self.forms.current if self.forms.electrochemical else None

    @cached_property
    def _converted(self) -> AssembledVector:
        return BandVector(self.setting.front.band, self.forms.rate(ufl.TestFunction(self.spaces.cells)))

    @cached_property
    def _product(self) -> AssembledVector:
        w = ufl.TestFunction(self.spaces.V)
        return AssembledVector(self.forms.conversion * w * self.spaces.dx)

    @cached_property
    def _sink(self) -> AssembledVector | None:
        w = ufl.TestFunction(self.spaces.V)
        return BandVector(self.setting.front.band, self.forms.sink(w)) if self.forms.chemical else None

    def update(self) -> None:
        """w of the product at the front."""
        average = self.setting.average.of(self._product.assemble(), "thickness")
        self.forms.thickness.x.array[:] = np.maximum(average, 0.0)

    def rates(self, faces: Mapping[str, Floats]) -> list[Field]:
        """∂z/∂t of the cells, 1/s, for the fields as they are."""
        with self.setting.stages("assembly"):
            rates = self._converted.assemble() / self.volumes
        return [Field(CONVERSION, rates, Place.CELLS, Kept.RATE)]

    def lithium(self) -> Floats | float:
        """Weak rate at which ξ loses lithium by the chemical route, on the owned nodes."""
        with self.setting.stages("assembly"):
            return self._sink.assemble() if self._sink else 0.0

    def limit(self, rates: Mapping[str, Floats]) -> float:
        """Largest step, s: of z anywhere, and of the thickest product at the front by each parabolic law.

        A law has no say while the front is not in its material.
        """
        fading = np.minimum(1.0, (1 - self.z) / GATE)
        fastest = float((rates[CONVERSION] / np.maximum(fading, ROUND_OFF)).max(initial=0.0))
        xi, thickness = self.setting.front.xi.x.array, self.forms.thickness.x.array
        front = xi * (1 - xi) > FRONT
        local = [float(thickness[front & nodes].max(initial=-np.inf)) for *_, nodes in self.parabolic]
        fastest, *thickest = combine(self.spaces.comm, np.array([fastest, *local]), MPI.MAX)
        laws = zip(self.parabolic, thickest, strict=True)
        steps = [THICKER * (thick + start) ** 2 / D for (start, D, _), thick in laws]
        return float(min([*steps, LARGEST_CONVERSION / fastest if fastest > 0 else np.inf]))

    @property
    def z(self) -> Floats:
        """Values of the owned cells."""
        values: Floats = self.forms.conversion.x.array[: len(self.volumes)]
        return values

    def allows(self, rates: Mapping[str, Floats], dt: float) -> bool:
        """True if z would neither decrease nor exceed 1 anywhere. Collective."""
        change = dt * rates[CONVERSION]
        bad = change.min(initial=0.0) < -ROUND_OFF or (self.z + change).max(initial=0.0) > 1 + ROUND_OFF
        return not self.spaces.comm.allreduce(bool(bad), op=MPI.LOR)

    def advance(self, rates: Mapping[str, Floats], dt: float) -> None:
        """One step of z. `SolverError` if it would leave [0, 1] or decrease."""
        if not self.allows(rates, dt):
            raise SolverError("the conversion would leave its bounds")
        self.z[:] += dt * rates[CONVERSION]
        self.forms.conversion.x.scatter_forward()

    def stored(self) -> float:
        """F ν/V_M ∫z dx: charge of the lithium in products, C."""
        return total(self.spaces.comm, self.charge_density * self.volumes * self.z)

    def output(self) -> list[fem.Function]:
        """z."""
        return [self.forms.conversion]
