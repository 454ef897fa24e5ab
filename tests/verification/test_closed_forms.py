"""The closed forms themselves: values worked out elsewhere, and limits that they must have."""

import numpy as np
import pytest

from fem_model.base.constants import F, R
from fem_model.materials import V_m
from fem_model.study.verification import closed_forms

SIGMA, GAMMA, CURRENT = 0.357, 0.5, 10.0  # S/m, J/m², A/m²
K = 2 * np.pi / 20e-6  # 1/m
DEEP = 1.0  # m


def rate(R_ct: float, k: float = K, i: float = CURRENT, L: float = DEEP) -> float:
    return float(closed_forms.growth_rate(k, i, L, R_ct, SIGMA, GAMMA))


@pytest.mark.parametrize(("R_ct", "s"), [(0.0, 3.223e-4), (0.8e-4, 3.232e-5), (1e-3, 2.848e-6)])
def test_growth_rates_of_20_um(R_ct: float, s: float) -> None:
    assert rate(R_ct) == pytest.approx(s, rel=2e-4)


@pytest.mark.parametrize("R_ct", [0.0, 1e-3])
@pytest.mark.parametrize("L", [5e-6, DEEP])
def test_the_neutral_wavelength_is_that_of_no_growth(R_ct: float, L: float) -> None:
    wavelength = closed_forms.neutral_wavelength(CURRENT, SIGMA, GAMMA)
    assert wavelength == pytest.approx(9.73e-6, rel=5e-4)
    assert abs(rate(R_ct, 2 * np.pi / wavelength, L=L)) < 1e-9 * rate(R_ct, L=L)


def test_a_thin_electrolyte_grows_by_what_is_missing_of_it() -> None:
    """kL → 0: the current at each place is that of its own depth, s = (V_m/F) i/(L + σR_ct)."""
    L, R_ct = 1e-9, 1e-12
    expected = V_m / F * CURRENT / (L + SIGMA * R_ct)
    assert rate(R_ct, k=10.0, L=L) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("k", [1e3, 1e5, 1e7])
def test_stripping_is_stable(k: float) -> None:
    assert rate(0.8e-4, k=k, i=-CURRENT) < 0


def test_the_seed_of_1_um() -> None:
    assert closed_forms.capillary_voltage(1e-6, GAMMA) == pytest.approx(0.0672e-3, rel=1e-3)
    assert closed_forms.capillary_voltage(2e-6, GAMMA) == pytest.approx(0.0336e-3, rel=1e-3)


@pytest.mark.parametrize("alpha", [0.3, 0.5])
def test_a_small_voltage_gives_the_current_of_the_linear_law(alpha: float) -> None:
    i0, L = 30.0, 80e-6
    exact = closed_forms.linear_current(SIGMA, 1e-7, L, R * 298.15 / (F * i0))
    assert closed_forms.sharp_current(SIGMA, 1e-7, L, i0, alpha) == pytest.approx(exact, rel=1e-5)


def test_much_conductivity_leaves_butler_volmer() -> None:
    i = closed_forms.sharp_current(1e9, 0.05, 80e-6, 30.0)
    assert i == pytest.approx(60 * np.sinh(0.05 * F / (2 * R * 298.15)), rel=1e-9)
