"""Electrolyte that reacts with lithium: conversion z, from 0 to 1, constant within each cell.

The reaction goes on where lithium touches the electrolyte. Per area of the front it converts electrolyte at
the speed u, m/s:

    linear (reaction-limited)       u = k
    parabolic (diffusion-limited)   u = D/(w + w₀),   w = S(z)/S(|∇h|), the thickness of product at the front
    ∂z/∂t = u |∇h| g(z),            g = min(1, (1 − z)/0.1)

so that a flat interphase grows as w = kt, or as (w + w₀)² = w₀² + 2Dt, until the electrolyte in the front is
used up. Each formula unit takes ν lithium. By the chemical route it is lithium of the front,

    ∂ξ/∂t = … − (ν V_m/V_M) ∂z/∂t,

and by the electrochemical route Li⁺ of the electrolyte and electrons of the metal, a current (F ν/V_M) ∂z/∂t
into z that ξ has no part in. Its rate is limited by u or by the charge transfer, whichever is slower:

    ∂z/∂t = u |∇h| g/(1 + i_u/i_c),   i_u = (F ν/V_M) u,   i_c = i₀ exp(α F η/RT),   η = φ − φ_M + E_eq.
"""

from dataclasses import dataclass
from typing import Any

import ufl

from fem_model.base.constants import F, R
from fem_model.materials import V_m

GATE = 0.1
"""The last share of the electrolyte, over which its reaction fades."""


@dataclass(frozen=True)
class ReactionTerm:
    """One reaction of a model, in UFL.

    `inside` is 1 in the material and 0 elsewhere, `speed` is u (m/s), `nu` the lithium per formula unit,
    `molar_volume` that of the electrolyte (m³/mol).
    """

    inside: Any
    speed: Any
    nu: float
    molar_volume: float

    @property
    def charge_density(self) -> float:
        """F ν/V_M: charge of the lithium that a volume of electrolyte takes, C/m³."""
        return F * self.nu / self.molar_volume

    @property
    def lithium_per_volume(self) -> float:
        """ν V_m/V_M: volume of lithium that a volume of electrolyte takes."""
        return self.nu * V_m / self.molar_volume

    def chemical_rate(self, z: Any, density: Any) -> Any:
        """∂z/∂t by the chemical route, 1/s; `density` is |∇h|, 1/m.

        In the tails of ξ a cell may have a density below zero; there nothing reacts, as z must not fall.
        """
        return self.inside * self.speed * ufl.max_value(density, 0.0) * gate(z)

    def electrochemical_rate(
        self, z: Any, density: Any, eta: Any, i0: Any, alpha: Any, temperature: Any
    ) -> Any:
        """∂z/∂t by the electrochemical route, 1/s, at the overpotential `eta` (V) of the reduction."""
        transfer = ufl.exp(-alpha * F / (R * temperature) * eta) / i0
        return self.chemical_rate(z, density) / (1 + self.charge_density * self.speed * transfer)


def gate(z: Any) -> Any:
    """g(z) = min(1, (1 − z)/0.1), for UFL."""
    return ufl.min_value(1.0, (1 - z) / GATE)


def parabolic_speed(diffusivity: Any, thickness: Any, start: Any) -> Any:
    """u = D/(w + w₀), m/s."""
    return diffusivity / (thickness + start)
