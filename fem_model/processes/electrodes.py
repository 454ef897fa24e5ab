"""The electrode reactions: of the front, of the anode's contact beside it, and of the counter electrode.

    front     i_n(A) |∇h|               per volume, A = what is left of η = φ − φ_M (see `laws.kinetics`)
    contact   (1 − ρh) i_n(φ − φ_M)     per area of the anode's face that lithium does not cover
    counter   i_n(φ)                    per area of the counter's face, whose metal is at 0 V

Positive where Li⁺ is consumed. Voids leave less of both faces in contact (see `processes.contact`).
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

import ufl

from fem_model.base.constants import F
from fem_model.case.sections import Contact, FixedCounter, LithiumCounter
from fem_model.laws import interface, kinetics
from fem_model.materials import V_m
from fem_model.physics.boundaries import boundary_factor
from fem_model.processes.extras import Extras
from fem_model.processes.process import Setting
from fem_model.processes.resistance import WithProducts

DAMPING = 1.25
"""Diffusivity of the damping over that of capillary motion: waves far too short for a step shrink by half in
it. With as much as 1 they would keep their height, with more what is well resolved is damped as well."""


class Electrodes:
    """Current densities and the forms made of them. `foil_open` is 1 while the foil has lithium, else 0."""

    def __init__(self, setting: Setting, resistance: WithProducts, extras: Extras) -> None:
        self.spaces, self.case, self.front = setting.spaces, setting.case, setting.front
        self.phi, self.metal, self.resistance = setting.phi, setting.metal, resistance
        self.processes, self.extras, self.setting = setting.processes, extras, setting
        self.foil_open = setting.foil_open

    def transfer(self, contact: Contact) -> kinetics.ChargeTransfer:
        """The current density (A/m²) of a contact over the affinity."""
        k = self.case.kinetics
        alpha = self._by_material(self.case.transfer_coefficients(contact))
        return kinetics.ChargeTransfer(k.law, alpha, self.spaces.constant(k.temperature))

    def exchange(self, contact: Contact) -> Any:
        """Exchange current density of a contact on the electrolytes, A/m²."""
        factor = self._by_material(self.case.contact_factors())
        return self.spaces.constant(self.case.exchange(contact)) * factor

    def _by_material(self, values: Mapping[str, float]) -> Any:
        """A number for all materials, or a function of the cells where they differ."""
        if len(set(values.values())) > 1:
            return self.spaces.domain.material_values(values)
        return self.spaces.constant(next(iter(values.values())))

    @cached_property
    def front_exchange(self) -> Any:
        """Exchange current density of the front, A/m²."""
        near = boundary_factor(self.spaces.domain, self.case.boundaries, lambda b: b.i0_factor)
        product = self.exchange(self.case.kinetics) * near
        for process in self.processes:
            product = product * process.exchange_factor()
        return product

    @cached_property
    def resist(self) -> Any:
        """P of the front, V."""
        return self.resistance.term()

    # Current densities

    @cached_property
    def front_current(self) -> Any:
        """i_n(A) of the lithium front, A/m², from the electrolyte's own potential: η = φ − φ_M."""
        if self.extras.front_current is not None:
            given = self.extras.front_current
            return self.spaces.constant(given) if isinstance(given, int | float) else given
        reversible, eta = self.case.kinetics.reversible, self.phi - self.metal.potential
        affinity = ufl.variable(kinetics.affinity(eta, self.front.capillary, self.resist, reversible))
        current = self.transfer(self.case.kinetics).current(affinity, self.front_exchange)
        current = self.resistance.restrained(current, ufl.diff(current, affinity))
        return kinetics.one_sided(current, 1 - self.foil_open * self.resistance.held())

    @cached_property
    def contact_current(self) -> Any:
        """Anode contact, A/m². The foil gives lithium back only while it has some."""
        i0, transfer = self.exchange(self.case.anode), self.transfer(self.case.anode)
        for process in self.processes:
            i0 = i0 * process.foil_exchange_factor()
        resistances = [r for process in self.processes if (r := process.foil_resistance()) is not None]
        eta = self.phi - self.metal.phi
        behind = partial(kinetics.in_series, transfer, resistance=sum(resistances))
        current = (behind if resistances else transfer.current)(eta, i0=i0)
        limited = kinetics.one_sided(current, self.foil_open)
        return self.front.free * limited * self.setting.in_contact("anode")

    @property
    def plating(self) -> Any:
        """i_n(A) |∇h|, A/m³."""
        return self.front_current * self.front.density

    @property
    def other_reactions(self) -> list[Any]:
        """Li⁺ consumed by other processes with electrons of the metal in the electrolyte, A/m³."""
        densities = [process.current() for process in self.processes]
        return [density for density in densities if density is not None]

    @property
    def pressure(self) -> Any:
        """P where lithium is plated, V: the pressure resists plating only, unless it is reversible."""
        if self.case.kinetics.reversible:
            return self.resist
        return ufl.conditional(ufl.gt(self.front_current, 0.0), self.resist, 0.0)

    # Forms; v and w are test functions

    def damping(self, u: Any, w: Any) -> Any:
        """Diffusion of u along the front, DAMPING times as fast as curvature acts; None if it does not act.

        The slope ∂i_n/∂A is that at rest. An overpotential adds F|i_n|/RT to it at most, and so to Δt D/λ²
        front_step V_m γ/(RTλ), since v Δt ≤ front_step λ: 0.005 for λ = 0.1 µm, which needs no damping.
        """
        section = self.case.phase_field
        if not section.curvature_acts or self.extras.front_current is not None:
            return None
        slope = self.front_exchange / self.transfer(self.case.kinetics).thermal
        D = kinetics.capillary_diffusivity(slope, self.spaces.constant(DAMPING * section.gamma))
        return interface.damping(u, w, self.front.smooth_normal, D, self.spaces.dx)

    def bracket(self, v: Any) -> Any:
        """Charge of the lithium that the classical bracket moves, at the rate `relaxation`, A; else None."""
        return F / V_m * self.front.relaxation * v * self.spaces.dx if self.front.is_classical else None

    def contact_reaction(self, v: Any) -> Any:
        """Li⁺ consumed at the anode's face, A; None for a script without electrodes."""
        return self.contact_current * v * self.spaces.on_face("anode") if self.extras.electrodes else None

    def other_reactions_at_foil(self, v: Any) -> list[Any]:
        """Li⁺ consumed by other processes at the anode's face, A."""
        forms = [process.foil_current(v) for process in self.processes]
        return [form for form in forms if form is not None]

    def counter_reaction(self, v: Any) -> Any:
        """Li⁺ consumed at the counter's face, A, negative where it comes in; None for a face at fixed φ."""
        if not self.extras.electrodes or isinstance(self.case.counter, FixedCounter):
            return None
        assert isinstance(self.case.counter, LithiumCounter)
        current = self.transfer(self.case.counter).current(self.phi, self.exchange(self.case.counter))
        return current * self.setting.in_contact("counter") * v * self.spaces.on_face("counter")
