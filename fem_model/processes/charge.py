"""Conservation of charge in the electrolyte: the potential φ, quasi-static.

∇·(σ_eff ∇φ) = i_n(A) |∇h| + what other reactions take,   σ_eff = σ (1 − ρ h(ξ)) + σ_residual
"""

import fem_model._dolfinx_first  # noqa: F401

from functools import cached_property
from typing import Any

import ufl
from dolfinx import fem
from ufl.core.expr import Expr

from fem_model.case.sections import FixedCounter
from fem_model.physics.boundaries import boundary_factor
from fem_model.processes.extras import Extras
from fem_model.processes.process import Setting
from fem_model.processes.state import Field, State


class Charge:
    """φ (`phi`, V) on a domain, and its values at the instant before (`before`)."""

    def __init__(self, setting: Setting, extras: Extras) -> None:
        self.spaces, self.case, self.front = setting.spaces, setting.case, setting.front
        self.processes, self.extras = setting.processes, extras
        self.phi, self.before = setting.phi, self.spaces.nodal("phi_before")

    def fields(self) -> list[Field]:
        """φ now and before, from which the next one is guessed."""
        return [Field("phi", self.phi.x.array), Field("phi_before", self.before.x.array)]

    def numbers(self) -> dict[str, float]:
        """None."""
        return {}

    def take_up(self, state: State) -> None:
        """φ has no more to it."""

    @cached_property
    def sigma(self) -> Any:
        """Ionic conductivity of each material, other near boundaries if the case says so, S/m."""
        table = self.case.material_table()
        inside: Any = self.spaces.domain.material_values({name: m.sigma for name, m in table.items()})
        for process in self.processes:
            inside += process.conductivity_change()
        return inside * boundary_factor(self.spaces.domain, self.case.boundaries, lambda b: b.sigma_factor)

    @cached_property
    def sigma_eff(self) -> Expr:
        """σ_eff = σ (1 − ρ h(ξ)) + σ_residual, S/m."""
        residual = self.spaces.constant(self.case.phase_field.sigma_residual)
        return self.sigma * (self.front.free + residual)

    def conduction(self, v: Any) -> Any:
        """∫ σ_eff ∇φ·∇v dx, A."""
        return self.sigma_eff * ufl.inner(ufl.grad(self.phi), ufl.grad(v)) * self.spaces.dx

    def source(self, v: Any) -> Any:
        """Form of what a script adds to the sink of charge, A; None if nothing."""
        return None if self.extras.charge is None else self.extras.charge * v * self.spaces.dx

    def conditions(self) -> list[fem.DirichletBC]:
        """Dirichlet conditions on φ: the fixed counter face at 0 V and those of the script."""
        given = list(self.extras.phi_fixed(self.spaces.V)) if self.extras.phi_fixed else []
        fixed = isinstance(self.case.counter, FixedCounter)
        return [*self.spaces.zero_on("counter"), *given] if fixed else given
