"""Interface kinetics: what drives plating, and the current it gives.

Every law is one function that takes floats, NumPy arrays and UFL expressions alike.
Sign: a positive overpotential plates lithium and gives a positive current density.
"""

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from fem_model.base.constants import F, R
from fem_model.materials import V_m

Law = Any
"""A float, a NumPy array or a UFL expression."""

DEAD_ZONE_SMOOTHING = 2e-5
"""ε of the dead zone, V: small against RT/F = 25.7 mV and against 100 MPa (13.4 mV)."""


def _math(x: Law) -> ModuleType:
    """The module with the functions of x. UFL is loaded only for its expressions: the laws do without it."""
    if not hasattr(x, "ufl_operands"):
        return np
    import ufl

    module: ModuleType = ufl
    return module


def butler_volmer(affinity: Law, i0: Law, alpha: float, temperature: float) -> Law:
    """i_n = i₀ [exp(α F A/RT) − exp(−(1−α) F A/RT)], A/m², for an affinity A in V."""
    m = _math(affinity)
    f = F / (R * temperature)
    return i0 * (m.exp(alpha * f * affinity) - m.exp(-(1 - alpha) * f * affinity))


def linear(affinity: Law, i0: Law, alpha: float, temperature: float) -> Law:
    """i_n = i₀ F A/RT, A/m²: Butler–Volmer for |A| ≪ RT/F, of any α."""
    return i0 * F / (R * temperature) * affinity


def butler_volmer_slope(affinity: Law, i0: Law, alpha: Law, temperature: Law) -> Law:
    """∂i_n/∂A of `butler_volmer`, A/(V m²)."""
    m = _math(affinity)
    f = F / (R * temperature)
    plating, stripping = m.exp(alpha * f * affinity), m.exp(-(1 - alpha) * f * affinity)
    return i0 * f * (alpha * plating + (1 - alpha) * stripping)


def linear_slope(affinity: Law, i0: Law, alpha: Law, temperature: Law) -> Law:
    """∂i_n/∂A of `linear`, A/(V m²)."""
    return i0 * F / (R * temperature)


def capillary_diffusivity(slope: Law, gamma: Law) -> Law:
    """D = (V_m/F)² γ ∂i_n/∂A of a front along itself, m²/s, from the `slope` ∂i_n/∂A in A/(V m²).

    A front that nothing but its curvature κ drives moves at −Dκ, where the electrolyte takes no voltage.
    """
    return (V_m / F) ** 2 * gamma * slope


class KineticLaw(NamedTuple):
    """i_n (A/m²) and ∂i_n/∂A as functions of affinity, i₀, α and T."""

    current: Callable[..., Law]
    slope: Callable[..., Law]


LAWS = {
    "butler-volmer": KineticLaw(butler_volmer, butler_volmer_slope),
    "linear": KineticLaw(linear, linear_slope),
}


class ChargeTransfer:
    """A law with its transfer coefficient α and the temperature T (K)."""

    def __init__(self, law: str, alpha: Law, temperature: Law) -> None:
        self.alpha = alpha
        self.current = partial(LAWS[law].current, alpha=alpha, temperature=temperature)
        self.slope = partial(LAWS[law].slope, alpha=alpha, temperature=temperature)
        self.thermal = R / F * temperature
        """RT/F, V."""


NEWTON = 4
"""Steps of Newton's method before the last: up to 0.3 V they leave 1e-7 of a current at most."""
AT_REST = 1e-6
"""η (V) below which the conductance of a charge transfer is that at η = 0."""


def in_series(transfer: ChargeTransfer, eta: Law, i0: Law, resistance: Law) -> Law:
    """i, A/m², of a charge transfer behind a resistance r (Ω m²): i = i_n(η − r i).

    Newton's method for the x = η − r i_n(x) that is left for the transfer, unrolled, so that forms can be
    derived from it. It starts where a plating (stripping) exponential alone gives i = η/(r + 1/c), with the
    conductance c = i_n(η)/η. The last step is one in i: where r leaves little of η, i_n(x) is round-off.
    """
    conductance = (transfer.current(eta, i0) * eta + AT_REST**2 * transfer.slope(0 * eta, i0)) / (
        eta**2 + AT_REST**2
    )
    i = eta * conductance / (1 + resistance * conductance)
    b = 0.5 + (transfer.alpha - 0.5) * _math(eta).sign(eta)
    x = transfer.thermal / b * _asinh(b * i / i0)
    for _ in range(NEWTON):
        surplus = eta - x - resistance * transfer.current(x, i0)
        x = x + surplus / (1 + resistance * transfer.slope(x, i0))
    slope = transfer.slope(x, i0)
    return (transfer.current(x, i0) + slope * (eta - x)) / (1 + resistance * slope)


def _asinh(y: Law) -> Law:
    """UFL has none."""
    m = _math(y)
    log = m.ln if m is not np else np.log
    return m.sign(y) * log(abs(y) + m.sqrt(y**2 + 1))


def affinity(
    eta: Law, capillary: Law, resist: Law, reversible: bool, smoothing: float = DEAD_ZONE_SMOOTHING
) -> Law:
    """A, V: what is left of the overpotential η to drive plating.

    With x = η − (V_m/F) γκ (`capillary` is the second term, V) and P = V_m p/F (`resist`, V ≥ 0)
    the pressure p only resists intrusion: A = max(x − P, 0) + min(x, 0), a dead zone 0 < x < P in
    which the front stands still, smoothed over ε:
    A = ½[(x − P) + √((x − P)² + ε²)] + ½[x − √(x² + ε²)], exact at P = 0.
    `reversible` pressure also pushes lithium out: A = x − P.
    """
    x = eta - capillary
    if reversible:
        return x - resist
    sqrt, e2 = _math(x + resist).sqrt, smoothing**2
    return 0.5 * ((x - resist) + sqrt((x - resist) ** 2 + e2) + x - sqrt(x**2 + e2))


def one_sided(current: Law, share: Law) -> Law:
    """i_n (A/m²) where only a `share` of the lithium that would dissolve can leave; plating is as it was."""
    return 0.5 * ((1 + share) * current + (1 - share) * abs(current))


def restrained(current: Law, before: Law, stiffness: Law) -> Law:
    """i_n (A/m²) of a front that becomes faster while the resistance rises ahead of it.

    A step takes P higher by r (i_n − `before`), r ≥ 0 in Ω m², than if i_n had stayed what it was. The i_n
    that fits the P at its end is, to first order, i_n − c/(1 + c) (i_n − `before`), with the `stiffness`
    c = r ∂i_n/∂A. With c > 1 an explicit step takes the front past the place where it would rest. One that
    keeps its speed or becomes slower is left alone: the rates of two instants do for it.
    """
    gain = current - before
    return current - stiffness / (1 + stiffness) * 0.5 * (gain + abs(gain))
