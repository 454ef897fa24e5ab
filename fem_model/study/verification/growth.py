"""Closed forms of a flat front of lithium on an electrolyte that reacts with it. SI units.

ν is the lithium per formula unit of the electrolyte, of molar volume V_M; the product has the thickness w.
"""

import numpy as np
from scipy.optimize import brentq

from fem_model.base.constants import F, R
from fem_model.laws.kinetics import Law
from fem_model.materials import V_m


def parabolic_thickness(t: Law, diffusivity: float, start: float) -> Law:
    """w of (w + w₀)² = w₀² + 2Dt, m."""
    return np.sqrt(start**2 + 2 * diffusivity * t) - start


def reduction_speed(
    rate: float, charge: float, i0: float, E_eq: float, R_ct: float, alpha: float = 0.5, T: float = 298.15
) -> float:
    """dw/dt (m/s) at rest by the electrochemical route; `charge` is Fν/V_M, C/m³.

    1/i = 1/i_u + 1/i_c with i_u = Fν/V_M k and i_c = i₀ exp(αF(E_eq − i R_ct)/RT): what the reduction takes,
    the front gives, by linear kinetics.
    """
    limit = charge * rate

    def surplus(i: float) -> float:
        transfer = i0 * np.exp(alpha * F / (R * T) * (E_eq - i * R_ct))
        return float(i - 1 / (1 / limit + 1 / transfer))

    return float(brentq(surplus, 0.0, limit, xtol=1e-14)) / charge


def driven_speed(i: float, rate: float, lithium: float) -> float:
    """v = V_m i/F − (νV_m/V_M) k, m/s: what plates, less what reacts; `lithium` is νV_m/V_M."""
    return V_m / F * i - lithium * rate


def left_behind(i: float, rate: float, lithium: float) -> float:
    """z = k/v behind a front that reacts at the speed k while it moves on, if that is below 0.9."""
    return rate / driven_speed(i, rate, lithium)
