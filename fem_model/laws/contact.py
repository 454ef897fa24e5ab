"""The contact of a lithium electrode with the electrolyte: lost by voids, kept by creep under pressure.

Stripping takes lithium from the face of an electrode faster than it can flow there; voids are left, of the
thickness v (m, volume per area):

    ∂v/∂t = (V_m/F) (i_strip − i_heal),   v ≥ 0,   i_heal = i₁ (p/p₁)ⁿ exp[−(Q/R)(1/T − 1/T₁)]
"""

from typing import Any

import numpy as np

Law = Any
"""A float, a NumPy array or a UFL expression."""


def contact_share(void: Law, lost: float) -> Law:
    """1 − v/h_v: share of a face that is in contact under voids of a thickness v from 0 to h_v (`lost`)."""
    return 1.0 - void / lost


def grown(void: Law, stripped: Law, healed: float) -> Law:
    """v ≥ 0 after a step in which `stripped` leaves and `healed` comes to the face, m of lithium."""
    return np.maximum(void + stripped - healed, 0.0)


def creep(pressure: float, exponent: float) -> float:
    """(p/p₁)ⁿ: factor on the current that creep keeps up with."""
    return float(pressure**exponent)


def pressed(pressure: float) -> float:
    """(p/p₁)^½: factor on the exchange current density of a contact that was measured at the pressure p₁.

    The resistance of an electrode on LPSC goes as p^−½ (arXiv 2501.00600).
    """
    return float(pressure**0.5)
