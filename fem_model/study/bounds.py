"""Bounds on the effective conductivity of a mixture, from conductivities σ_i and volume fractions f_i."""

from collections.abc import Sequence

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
