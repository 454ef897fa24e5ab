"""Fracture by lithium under pressure: the voltage at which a crack runs."""

from typing import Any

import numpy as np

from fem_model.base.constants import F
from fem_model.materials import V_m

Law = Any
"""A float or a NumPy array."""


def running_resistance(toughness: Law, length: Law, factor: float, closing_stress: float) -> Law:
    """P = (V_m/F) [K/(Y √(πa)) + p_c], V, with K in Pa m^½, a in m, Y (`factor`) and p_c in Pa."""
    return V_m / F * (toughness / (factor * np.sqrt(np.pi * length)) + closing_stress)
