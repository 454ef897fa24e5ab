"""Bounds on the effective conductivity of a mixture, from conductivities σ_i and volume fractions f_i."""

from collections.abc import Sequence

import numpy as np

Pair = tuple[float, float]


def wiener(sigma: Sequence[float], fraction: Sequence[float]) -> Pair:
    """Harmonic and arithmetic mean (layers in series and in parallel): hard bounds for any arrangement."""
    series = 1 / sum(f / s for s, f in zip(sigma, fraction, strict=True))
    parallel = sum(f * s for s, f in zip(sigma, fraction, strict=True))
    return series, parallel


def hashin_shtrikman(sigma: Sequence[float], fraction: Sequence[float], dim: int) -> Pair:
    """Bounds for statistically isotropic mixtures in `dim` dimensions.

    B(σ*) = [Σ f_i/(σ_i + (d−1)σ*)]⁻¹ − (d−1)σ*, with σ* the smallest and the largest conductivity
    (Hashin and Shtrikman, J. Appl. Phys. 33 (1962) 3125).
    """

    def bound(reference: float) -> float:
        shift = (dim - 1) * reference
        return 1 / sum(f / (s + shift) for s, f in zip(sigma, fraction, strict=True)) - shift

    present = [s for s, f in zip(sigma, fraction, strict=True) if f > 0]
    return bound(min(present)), bound(max(present))


def isotropic_equivalents(principal: Sequence[float], sigma: Sequence[float]) -> Pair:
    """Conductivities of the isotropic mixtures that the two bounds on anisotropic ones make of the latter.

    The principal conductivities λ_i of a periodic medium of two materials σ₁ < σ₂, isotropic or not, obey

        Σ 1/(λ_i − σ₁) ≤ 1/(h − σ₁) + (d−1)/(m − σ₁),   Σ 1/(σ₂ − λ_i) ≤ 1/(σ₂ − h) + (d−1)/(σ₂ − m),

    h and m being Wiener's bounds (Lurie and Cherkaev, Proc. R. Soc. Edinburgh A 99 (1984) 71). With equal λ_i
    these are the bounds of Hashin and Shtrikman, so that the right sides are d/(B₁ − σ₁) and d/(σ₂ − B₂): in
    this form they hold for more materials as well, σ₁ being the smallest conductivity and σ₂ the largest
    (Milton and Kohn, J. Mech. Phys. Solids 36 (1988) 597). So the λ for which d/(λ − σ₁) is the first sum
    must not lie below B₁, and that of the second sum not above B₂; the first is never above the second.
    A box whose walls are mirrors is a period of such a medium, with its axes as principal ones.
    """
    values, low, high = np.array(principal), min(sigma), max(sigma)
    return low + 1 / float(np.mean(1 / (values - low))), high - 1 / float(np.mean(1 / (high - values)))
