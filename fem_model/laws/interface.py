"""The diffuse interface: clamps, normal, density, curvature and the profile-keeping fluxes.

ξ = 1 in lithium, 0 in the electrolyte. The profile is ξ = ½(1 − tanh(n/2λ)) with n the distance
from the front, positive in the electrolyte; the normal n = −∇ξ/|∇ξ| points out of the lithium.
"""

from typing import Any

import numpy as np
import ufl
from ufl.core.expr import Expr

from fem_model.base.arrays import Floats

DISTANCE_CUTOFF = 1e-6
"""ξ and 1 − ξ below this count as bulk: the distance saturates at 13.8 λ."""
FRONT = 0.09
"""Least ξ(1 − ξ) of a front: 0.1 < ξ < 0.9."""
NORMAL_FLOOR = 1e-2
"""Floor of |∇n|, which is 1 on a relaxed front and 0 in the bulk, in the normal."""
OVERSHOOT = -0.01
"""Least ξ(1 − ξ) of the profile-keeping term: fronts stay above it."""
SLOWEST = 0.02
"""Least share of the mobility of the fastest front that the profile of a resting one has."""


def local_mobility(mobility: Any, speed: Any, lam: Any, peclet: float) -> Any:
    """μ(x) = |v̄| λ/Pe, but not below SLOWEST of that of the fastest front, `mobility`, m²/s.

    The profile term rounds what is as thin as a few λ. With the same μ everywhere a finger at rest is pinched
    off at its neck while a tip elsewhere runs.
    """
    here = ufl.sqrt(speed**2) * lam / peclet
    return ufl.max_value(SLOWEST * mobility, ufl.min_value(here, mobility))


def tanh_profile(distance: Floats, lam: float) -> Floats:
    """ξ = ½(1 − tanh(n/2λ)) for a signed distance n (m), positive in the electrolyte."""
    return 0.5 * (1.0 - np.tanh(distance / (2 * lam)))


def signed_distance(xi: Floats, lam: float) -> Floats:
    """n = λ ln((1 − ξ)/ξ), m: the tanh profile inverted.

    It is nearly linear across the front, so its gradient on a mesh gives the normal far more
    exactly than that of ξ itself (the idea of Jain, J. Comput. Phys. 469 (2022) 111529).
    """
    inside = np.clip(xi, 0.0, 1.0)
    result: Floats = lam * np.log((1.0 - inside + DISTANCE_CUTOFF) / (inside + DISTANCE_CUTOFF))
    return result


def clamp(xi: Any) -> Any:
    """ξ limited to [0, 1], for coefficients made from ξ, never for the state itself."""
    return ufl.max_value(0.0, ufl.min_value(1.0, xi))


def normal(distance: Any) -> Any:
    """Unit normal n = ∇n/|∇n| out of the lithium from the signed distance; 0 in the bulk."""
    g = ufl.grad(distance)
    return g / ufl.sqrt(ufl.inner(g, g) + NORMAL_FLOOR**2)


def lithium_fraction(xi: Any) -> Any:
    """h(ξ) = ξ²(3 − 2ξ), from 0 in the electrolyte to 1 in lithium, flat at both ends."""
    x = clamp(xi)
    return x**2 * (3 - 2 * x)


def interface_density(xi: Any, n: Any) -> Any:
    """δ = |∇h(ξ)| = 6ξ(1−ξ)|∇ξ|, 1/m: integrates to 1 across a front, which so moves at V_m i/F exactly.

    Its weight takes the reaction out of the tails of ξ. There the overpotential exceeds that of the
    front by the ohmic drop, and plain |∇ξ| lets the tails run ahead of a front of low resistance.
    With the conductivity σ(1 − h) the potential of a flat front stays linear through it, since a share
    1 − h of the current is left where h of it has reacted; what remains of the front's width is
    R_eff = R_ct [1 − (π²/3 − 2)(λ/σR_ct)²]. |∇ξ| = −n·∇ξ is taken along the smooth normal, as that of
    the mesh exceeds it by the ripple of its cells.
    """
    x = clamp(xi)
    return -6 * x * (1 - x) * ufl.inner(n, ufl.grad(xi))


def conservative_profile(
    xi: Any, w: Any, n: Any, speed: Any, mobility: Any, lam: Any, room: Any, dx: ufl.Measure
) -> Expr:
    """−∫ ∇·[ρ(μ∇ξ + ξ(1−ξ)(μ/λ − v̄(1−2ξ)) n)] w dx by parts: keeps the tanh profile, moves no lithium.

    The Allen–Cahn bracket with its motion by curvature removed; no flux through the boundary. The part
    with the speed v̄ of the front (m/s) carries the lithium from where it is plated, |∇h|, to where a
    front that moves without changing its shape needs it, |∇ξ|: ξ − h = ξ(1−ξ)(1−2ξ). Without it the
    profile is steeper ahead and flatter behind by 1 ± Pe. Beyond [0, 1], where a remnant may be,
    ξ(1 − ξ) is bounded: it would grow as ξ², and the term with it faster than diffusion takes ξ back.
    """
    height = ufl.max_value(xi * (1 - xi), OVERSHOOT)
    flux = mobility * ufl.grad(xi) + height * (mobility / lam - speed * (1 - 2 * xi)) * n
    return room * ufl.inner(flux, ufl.grad(w)) * dx


def classical_profile(xi: Any, w: Any, mobility: Any, lam: Any, dx: ufl.Measure) -> Expr:
    """−∫ μ [∇²ξ − ξ(1−ξ)(1−2ξ)/λ²] w dx by parts: Allen–Cahn, which also moves fronts by −μκ."""
    well = xi * (1 - xi) * (1 - 2 * xi) / lam**2
    return mobility * (ufl.inner(ufl.grad(xi), ufl.grad(w)) + well * w) * dx


def damping(u: Any, w: Any, n: Any, diffusivity: Any, dx: ufl.Measure) -> Expr:
    """∫ D (|n|² ∇u·∇w − (n·∇u)(n·∇w)) dx of −∇·[D (|n|² − n n)·∇u]: diffusion of u along the front.

    It fades where n does, and moves no lithium.
    """
    along = ufl.inner(n, n) * ufl.grad(u) - ufl.inner(n, ufl.grad(u)) * n
    return diffusivity * ufl.inner(along, ufl.grad(w)) * dx


def smoothing(u: Any, w: Any, lam: Any, dx: ufl.Measure) -> Expr:
    """Bilinear form of u − λ²∇²u: what lies under S = (1 − λ²∇²)⁻¹, a mean over about λ."""
    return (u * w + lam**2 * ufl.inner(ufl.grad(u), ufl.grad(w))) * dx
