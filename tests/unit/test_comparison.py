"""Measured critical current densities, their likelihood, rank correlations and the null model."""

import math

import numpy as np
import pytest
from scipy import stats

from fem_model.base.errors import InputError
from fem_model.ccd import comparison
from fem_model.ccd.comparison import Datum, NullModel, rank_correlation

MEASURED = [Datum.reported(i, 2.0) for i in (5.0, 7.0, 21.0, 29.0, 7.0, 9.0, 15.0, 11.0)]
"""The eight electrolytes of Yu et al., A/m²."""


@pytest.fixture(autouse=True)
def resampled_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "RESAMPLES", 200)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_a_reported_value_is_the_interval_of_its_step() -> None:
    assert Datum.reported(5.0, 2.0) == (3.0, 5.0)
    assert Datum.reported(1.0, 2.0) == (0.0, 1.0)  # the first step of the staircase


@pytest.mark.parametrize(("current", "step"), [(0.0, 2.0), (5.0, 0.0), (math.nan, 2.0), (5.0, math.inf)])
def test_a_value_that_is_not_positive_is_refused(current: float, step: float) -> None:
    with pytest.raises(InputError, match=r"a CCD of \S+ A/m² in steps of \S+ A/m²: both must be positive"):
        Datum.reported(current, step)


def test_the_likelihood_is_the_probability_of_the_interval() -> None:
    assert Datum(3.0, 5.0).probability(stats.norm(4, 1)) == pytest.approx(math.erf(math.sqrt(0.5)))
    assert Datum(8.0, math.inf).probability(stats.norm(8, 2)) == pytest.approx(0.5)


def test_the_null_model_scatters_about_its_voltage_by_the_law_of_weibull() -> None:
    null = NullModel(voltage=14.3e-3, resistance=28.6e-4, modulus=8.0)
    assert null.median == pytest.approx(5.0)
    expected = stats.weibull_min(8.0, scale=5.0 / math.log(2) ** (1 / 8.0))
    assert NullModel(14.3e-3, 28.6e-4, 4e5).cdf(50.0) == 1.0
    for current in (0.0, 3.0, 5.0, 6.0):
        assert null.cdf(current) == pytest.approx(expected.cdf(current), abs=1e-15)


def test_the_order_of_a_prediction_is_compared_with_ties() -> None:
    upper = [datum.upper for datum in MEASURED]
    found = rank_correlation(upper, MEASURED, rng())
    assert found.value == pytest.approx(1)
    assert found.high == pytest.approx(1)
    assert rank_correlation([-i for i in upper], MEASURED, rng()).value == pytest.approx(-1)


def test_the_interval_of_a_rank_correlation_of_few_is_wide_and_holds_it() -> None:
    predicted = [6.0, 5.0, 25.0, 20.0, 9.0, 8.0, 10.0, 14.0]
    low, high = rank_correlation(predicted, MEASURED, rng())[1:]
    value = stats.kendalltau(predicted, [datum.upper for datum in MEASURED]).statistic
    assert low < value - 0.2
    assert value < high
    many = rank_correlation(predicted * 8, MEASURED * 8, rng())
    assert many.value == pytest.approx(value, abs=0.05)
    assert many.high - many.low < (high - low) / 2


def test_a_prediction_without_order_is_not_correlated() -> None:
    assert rank_correlation([5.0] * 8, MEASURED, rng()) == (0, 0, 0)


def test_too_few_electrolytes_are_refused() -> None:
    with pytest.raises(InputError, match="3 predicted and 2 measured CCD: at least three pairs are needed"):
        rank_correlation([1.0, 2.0, 3.0], MEASURED[:2], rng())
