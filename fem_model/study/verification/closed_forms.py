"""Truths of a sharp lithium front: its current, its stability, its capillary equilibrium. SI units."""

import numpy as np
from scipy.optimize import brentq

from fem_model.base.constants import F
from fem_model.laws.kinetics import Law, butler_volmer
from fem_model.materials import V_m


def sharp_current(
    sigma: float, V: float, L: float, i0: float, alpha: float = 0.5, temperature: float = 298.15
) -> float:
    """Current density (A/m²) of a flat front, a depth L below a face at φ = 0, at the voltage V.

    The root of i = i₀[exp(αFη/RT) − exp(−(1−α)Fη/RT)], η = V − iL/σ.
    """

    def surplus(i: float) -> float:
        return i - float(butler_volmer(V - i * L / sigma, i0, alpha, temperature))

    most = 1.1 * abs(V) * sigma / L
    return float(brentq(surplus, -most, most, xtol=1e-12))


def linear_current(sigma: float, V: float, L: float, R_ct: float) -> float:
    """The same for linear kinetics: i = V/(L/σ + R_ct)."""
    return V / (L / sigma + R_ct)


def growth_rate(k: Law, i: float, L: Law, R_ct: float, sigma: float, gamma: float) -> Law:
    """Rate s (1/s) at which cos(kx) on a flat front grows under the current density i, positive if it plates.

    s = (V_m/F) k_L (i − σγV_m k²/F)/(1 + σR_ct k_L), k_L = k coth(kL): linear kinetics, φ = 0 at the depth L.
    """
    k_L = k / np.tanh(k * L)
    return V_m / F * k_L * (i - sigma * gamma * V_m * k**2 / F) / (1 + sigma * R_ct * k_L)


def neutral_wavelength(i: float, sigma: float, gamma: float) -> float:
    """Wavelength (m) that neither grows nor shrinks under the current density i > 0, at any L and R_ct."""
    return 2 * np.pi * float(np.sqrt(sigma * gamma * V_m / (F * i)))


def capillary_voltage(r: Law, gamma: float) -> Law:
    """V_m γ/(F r): voltage (V) at which a round seed of radius r neither grows nor shrinks, in 2D."""
    return V_m / F * gamma / r
