"""Interface kinetics: signs, limits, the dead zone, and one law for floats, arrays and UFL."""

from collections.abc import Callable
from typing import Any

import basix.ufl
import numpy as np
import pytest
import ufl

from fem_model.base.constants import F, R
from fem_model.laws.kinetics import (
    DEAD_ZONE_SMOOTHING,
    LAWS,
    affinity,
    butler_volmer,
    linear,
    one_sided,
    restrained,
)

T = 298.15
THERMAL = R * T / F  # V
P = 13.4e-3  # V: what 100 MPa resist
POINT = ufl.SpatialCoordinate(ufl.Mesh(basix.ufl.element("Lagrange", "interval", 1, shape=(1,))))[0]
ETA = np.concatenate([-np.logspace(-1, -5, 9), [0.0], np.logspace(-5, -1, 9)])


def by_ufl(law: Callable[[Any], Any], values: np.ndarray) -> np.ndarray:
    """The law written in UFL, evaluated at each value."""
    expression = law(POINT)
    return np.array([expression((value,)) for value in values])


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("alpha", [0.5, 0.3])
def test_a_law_is_the_same_on_floats_arrays_and_ufl(name: str, alpha: float) -> None:
    def law(a: Any) -> Any:
        return LAWS[name].current(a, 30.0, alpha, T)

    array = law(ETA)
    assert [law(float(a)) for a in ETA] == pytest.approx(array, rel=1e-14)
    assert by_ufl(law, ETA) == pytest.approx(array, rel=1e-13)


@pytest.mark.parametrize("reversible", [False, True])
def test_the_affinity_is_the_same_on_floats_arrays_and_ufl(reversible: bool) -> None:
    def law(eta: Any) -> Any:
        return affinity(eta, 1e-3, P, reversible)

    array = law(ETA)
    assert [law(float(eta)) for eta in ETA] == pytest.approx(array, rel=1e-14, abs=1e-18)
    assert by_ufl(law, ETA) == pytest.approx(array, rel=1e-12, abs=1e-18)


@pytest.mark.parametrize("name", LAWS)
def test_a_positive_overpotential_plates(name: str) -> None:
    current = LAWS[name].current(ETA, 30.0, 0.4, T)
    assert (np.sign(current) == np.sign(ETA)).all()
    assert (np.diff(current) > 0).all()


def test_both_laws_have_the_resistance_rt_over_f_i0_at_small_overpotentials() -> None:
    for law, _ in LAWS.values():
        for alpha in (0.2, 0.5, 0.8):
            assert law(1e-6, 30.0, alpha, T) == pytest.approx(1e-6 * 30.0 / THERMAL, rel=2e-5)


def test_butler_volmer_has_its_closed_forms() -> None:
    eta = 0.05
    assert butler_volmer(eta, 30.0, 0.5, T) == pytest.approx(60.0 * np.sinh(eta / (2 * THERMAL)), rel=1e-14)
    assert butler_volmer(0.4, 30.0, 0.3, T) == pytest.approx(30.0 * np.exp(0.3 * 0.4 / THERMAL), rel=1e-6)
    assert butler_volmer(-0.4, 30.0, 0.3, T) == pytest.approx(-30.0 * np.exp(0.7 * 0.4 / THERMAL), rel=1e-2)
    mirrored = -butler_volmer(-eta, 30.0, 0.7, T)
    assert butler_volmer(eta, 30.0, 0.3, T) == pytest.approx(mirrored, rel=1e-14)  # α ↔ 1 − α
    assert linear(2 * eta, 30.0, 0.5, T) == 2 * linear(eta, 30.0, 0.9, T)


def test_without_pressure_the_affinity_is_the_overpotential_less_capillarity() -> None:
    assert affinity(ETA, 0.0, 0.0, False) == pytest.approx(ETA, rel=1e-12, abs=1e-19)
    assert affinity(ETA, 2e-3, 0.0, False) == pytest.approx(ETA - 2e-3, rel=1e-12, abs=1e-17)


def test_pressure_opens_a_dead_zone() -> None:
    inside = np.linspace(0.1 * P, 0.9 * P, 9)
    assert abs(affinity(inside, 0.0, P, False)).max() < 1e-2 * DEAD_ZONE_SMOOTHING
    assert affinity(P / 2, 0.0, P, False) == pytest.approx(0.0, abs=1e-18)
    edges = affinity(np.array([0.0, P]), 0.0, P, False)
    assert abs(edges).max() <= DEAD_ZONE_SMOOTHING / 2 * (1 + 1e-12)


def test_beyond_the_dead_zone_pressure_takes_its_part_when_plating_and_none_when_stripping() -> None:
    assert affinity(P + 20e-3, 0.0, P, False) == pytest.approx(20e-3, abs=1e-8)
    assert affinity(-20e-3, 0.0, P, False) == pytest.approx(-20e-3, abs=1e-8)
    assert affinity(P + 23e-3, 3e-3, P, False) == pytest.approx(20e-3, abs=1e-8)


def test_the_affinity_never_falls_with_the_overpotential() -> None:
    eta = np.linspace(-2 * P, 3 * P, 5001)
    a = affinity(eta, 0.0, P, False)
    assert (np.diff(a) > 0).all()
    assert np.diff(a).max() <= np.diff(eta)[0] * (1 + 1e-9)


def test_less_smoothing_gives_the_sharp_dead_zone() -> None:
    eta = np.linspace(-P, 2 * P, 301)
    sharp = np.maximum(eta - P, 0.0) + np.minimum(eta, 0.0)
    errors = [abs(affinity(eta, 0.0, P, False, smoothing) - sharp).max() for smoothing in (1e-4, 1e-5, 1e-6)]
    assert errors == pytest.approx([0.5e-4, 0.5e-5, 0.5e-6], rel=0.02)


def test_reversible_pressure_also_pushes_lithium_out() -> None:
    assert affinity(ETA, 1e-3, P, True) == pytest.approx(ETA - 1e-3 - P, rel=1e-14)
    assert affinity(P / 2, 0.0, P, True) < 0 < affinity(2 * P, 0.0, P, True)


def test_a_share_of_what_dissolves_is_held_back() -> None:
    current = np.array([-20.0, 0.0, 20.0])
    assert one_sided(current, 0.25) == pytest.approx([-5.0, 0.0, 20.0], abs=1e-15)
    assert (one_sided(current, 1.0) == current).all()
    assert by_ufl(lambda i: one_sided(i, 0.25), current) == pytest.approx([-5.0, 0.0, 20.0], abs=1e-15)


def test_a_front_that_becomes_faster_meets_the_resistance_at_the_end_of_its_step() -> None:
    """By the linear law exactly: i_n(A − r (i − i⁻)) = i. One that does not is left alone."""
    before, rise, A = 20.0, 2e-4, np.array([5e-3, 20e-3, 60e-3])
    explicit = linear(A, 30.0, 0.5, T)
    assert (explicit > before).tolist() == [False, True, True]
    found = restrained(explicit, before, rise * 30.0 / THERMAL)
    assert found[0] == explicit[0]
    assert linear(A - rise * (found - before), 30.0, 0.5, T)[1:] == pytest.approx(found[1:], rel=1e-12)
    assert by_ufl(lambda a: restrained(linear(a, 30.0, 0.5, T), before, 0.2), A) == pytest.approx(
        restrained(explicit, before, 0.2), rel=1e-12
    )
