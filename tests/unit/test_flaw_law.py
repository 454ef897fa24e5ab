"""Laws of the lengths of flaws: stated, fitted to measured lengths, extrapolated to the largest of many."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from fem_model.base.errors import InputError
from fem_model.ccd.flaw_law import FlawLaw, LogNormal, Weibull
from fem_model.ccd.flaw_tail import Measured, Pareto
from fem_model.ccd.posterior import DRAWS, INTERVAL

UM = 1e-6
FLAWS = 49_000.0
STATED = {
    "log-normal": (LogNormal(2 * UM, 0.6), stats.lognorm(0.6, scale=2 * UM)),
    "weibull": (Weibull(2 * UM, 1.3), stats.weibull_min(1.3, scale=2 * UM)),
    "pareto": (Pareto(0.2, 2 * UM), stats.genpareto(0.2, scale=2 * UM)),
}


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", STATED)
def test_a_stated_law_is_that_of_its_name(name: str) -> None:
    law, expected = STATED[name]
    lengths = UM * np.array([0.5, 2.0, 10.0])
    assert law.sf(lengths) == pytest.approx(expected.sf(lengths), rel=1e-12)
    assert law.isf(np.array([0.9, 1e-6])) == pytest.approx(expected.isf([0.9, 1e-6]), rel=1e-12)
    assert stats.kstest(law.draw(rng(), 500), expected.cdf).pvalue > 0.01


@pytest.mark.parametrize(
    "law", [LogNormal(2 * UM, 0.6, longest=5 * UM), Weibull(2 * UM, 1.3, longest=5 * UM)]
)
def test_no_flaw_is_longer_than_the_longest(law: FlawLaw) -> None:
    assert law.sf(np.array([5 * UM, 6 * UM])) == pytest.approx(0, abs=1e-15)
    assert law.sf(law.isf(0.3)) == pytest.approx(0.3)
    assert law.largest(FLAWS).high <= 5 * UM
    assert law.largest(FLAWS).low > 4.9 * UM


@pytest.mark.parametrize("name", STATED)
def test_the_largest_flaw_is_that_of_a_closed_form(name: str) -> None:
    law, expected = STATED[name]
    shares = [1 - q ** (1 / FLAWS) for q in (0.5, *INTERVAL)]
    assert law.largest(FLAWS) == pytest.approx(expected.isf(shares), rel=2e-3)


def test_the_uncertainty_of_an_extrapolated_length_is_exact() -> None:
    """Quantiles of a normal law with unknown mean and deviation follow the noncentral law of Student."""
    count, rare = 15, 1e-4
    logs = stats.norm.rvs(size=count, random_state=rng(5))
    drawn = np.log(LogNormal.fitted(np.exp(logs), rng()).isf(rare)).ravel()
    exact = stats.nct(count - 1, stats.norm.isf(rare) * math.sqrt(count))
    scale = logs.std(ddof=1) / math.sqrt(count)
    shares = exact.cdf((drawn - logs.mean()) / scale)
    assert len(shares) == DRAWS
    assert np.quantile(shares, [0.05, 0.5, 0.95]) == pytest.approx([0.05, 0.5, 0.95], abs=0.05)


def test_the_parameters_of_a_fitted_law_come_back() -> None:
    law = Weibull.fitted(STATED["weibull"][1].isf((np.arange(200) + 0.5) / 200), rng()).held()
    assert law.modulus == pytest.approx(1.3, rel=0.03)
    assert law.scale == pytest.approx(2 * UM, rel=0.03)


def test_measured_lengths_are_the_law_up_to_its_threshold() -> None:
    lengths = STATED["log-normal"][1].isf((np.arange(200) + 0.5) / 200)
    law = Measured.fitted(lengths, rng())
    held = law.held()
    assert held.share == pytest.approx(0.1, rel=0.1)
    assert held.isf(0.5) == pytest.approx(2 * UM, rel=0.05)
    share = np.array([0.95, 0.5, 0.11, 0.09, 1e-3, 1e-6])
    assert held.sf(held.isf(share)) == pytest.approx(share, rel=1e-9)
    assert law.isf(share).shape == (DRAWS, len(share))
    assert (np.diff(law.isf(share)) > 0).all()


def test_the_tail_of_measured_lengths_is_as_heavy_as_theirs() -> None:
    evenly = (np.arange(500) + 0.5) / 500
    light = Measured.fitted(stats.weibull_min(2).isf(evenly), rng()).held()
    heavy = Measured.fitted(stats.genpareto(0.3).isf(evenly), rng()).held()
    assert light.tail.shape < 0.05
    assert heavy.tail.shape == pytest.approx(0.3, abs=0.1)
    assert Measured.fitted(stats.genpareto(0.3).isf(evenly), rng(), longest=1e3).largest(1e6).high <= 1e3


GOOD = [1.0, 2.0, 3.0, 4.0, 5.0] * 4


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (GOOD[:9], "9 lengths of flaws: a law needs at least 10, not all equal"),
        ([1.0] * 20, "20 lengths of flaws: a law needs at least 10"),
        ([*GOOD, 0.0], "a flaw of 0 m: must be positive and not beyond the longest, 8 m"),
        ([*GOOD, math.nan], "a flaw of nan m: must be positive"),
        ([*GOOD, 9.0], "a flaw of 9 m: must be positive and not beyond the longest, 8 m"),
    ],
)
def test_lengths_that_are_none_are_refused(lengths: Sequence[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        LogNormal.fitted(lengths, rng(), longest=8.0)


def test_a_tail_needs_more_lengths() -> None:
    with pytest.raises(InputError, match="19 lengths of flaws: a law needs at least 20"):
        Measured.fitted(GOOD[:19], rng())


def contained(law: Any, family: Any, count: int, trials: int) -> int:
    """Number of lists of measured lengths whose interval holds the length that one flaw in FLAWS exceeds."""
    exact = law.isf(1 / FLAWS)
    inside = 0
    for seed in range(trials):
        fitted = family.fitted(law.rvs(count, random_state=rng(seed)), rng(seed))
        low, high = np.quantile(fitted.isf(1 / FLAWS), INTERVAL)
        inside += low < exact < high
    return inside


@pytest.mark.slow
@pytest.mark.parametrize("count", [20, 200])
@pytest.mark.parametrize(("name", "family"), [("log-normal", LogNormal), ("weibull", Weibull)])
def test_ninety_of_a_hundred_intervals_of_a_rare_length_hold_it(name: str, family: Any, count: int) -> None:
    inside = contained(STATED[name][1], family, count, 200)
    print(f"{name}, {count} lengths: {inside} of 200")
    assert 165 < inside < 195  # 180 ± 3.5 standard deviations
