"""From sampled patches to the critical current density (CCD) of an electrode, against exact laws."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.ccd.electrode import Electrode, flaws_on
from fem_model.ccd.flaw_law import LogNormal, Weibull
from fem_model.ccd.flaw_tail import Measured
from fem_model.ccd.relation import LogLinear

UM = 1e-6
FLAWS = 49_000.0
LEVEL, SLOPE = 1.5, -0.5
"""ln i_c of a flaw of 1 µm, and its slope over ln a."""
HALF = -math.expm1(-math.log(2) / FLAWS)
"""Share of the flaws that fail at the median CCD."""
Fit = Callable[[Floats, np.random.Generator], Any]


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng([*seed, 1])


@dataclass(frozen=True)
class Truth:
    """An exact law of lengths and scatter of ln i_c."""

    lengths: Any
    scatter: Any
    fit: Fit
    stated: Any = None

    def median(self) -> float:
        """The median CCD by quadrature over ln a."""
        return math.exp(brentq(lambda log: math.log(self.weaker(log)) - math.log(HALF), -8, 3, xtol=1e-6))

    def weaker(self, log_current: float) -> float:
        ends = np.log(self.lengths.isf([1 - 1e-12, 1e-14]))

        def density(u: float) -> float:
            a = math.exp(u)
            below = self.scatter.cdf(log_current - LEVEL - SLOPE * (u - math.log(UM)))
            return float(a * self.lengths.pdf(a) * below)

        points = np.linspace(*ends, 12)
        return sum(quad(density, a, b, epsabs=0, epsrel=1e-6)[0] for a, b in pairwise(points))

    def electrode(self, patches: int, measured: int, seed: int) -> Electrode:
        """An electrode from so many patches, and so many measured lengths, or the stated law without any."""
        random = rng(seed, patches, measured)
        law = self.stated
        if measured:
            law = self.fit(self.lengths.rvs(measured, random_state=random), random)
        long = self.lengths.isf(FLAWS ** -((np.arange(patches) + random.random(patches)) / patches))
        logs = LEVEL + SLOPE * np.log(long / UM) + self.scatter.rvs(patches, random_state=random)
        return Electrode(LogLinear.fitted(long, np.exp(logs), random), law, FLAWS)

    def inside(self, patches: int, measured: int, trials: int) -> int:
        """Number of trials whose 90 % interval holds the median CCD."""
        exact = self.median()
        found = [self.electrode(patches, measured, seed).median() for seed in range(trials)]
        return sum(low < exact < high for _, low, high in found)


class Nothing:
    """No scatter."""

    def cdf(self, x: float) -> float:
        return float(x > 0)

    def rvs(self, size: int, random_state: object) -> Floats:
        return np.zeros(size)


class Sure(Truth):
    """Without scatter the longest flaw decides."""

    def weaker(self, log_current: float) -> float:
        return float(self.lengths.sf(UM * math.exp((log_current - LEVEL) / SLOPE)))


LOG_NORMAL = stats.lognorm(0.6, scale=2 * UM)
WEIBULL = stats.weibull_min(1.2, scale=2 * UM)
TRUTHS = {
    "log-normal lengths, normal scatter": Truth(
        LOG_NORMAL, stats.norm(0, 0.2), LogNormal.fitted, LogNormal(2 * UM, 0.6)
    ),
    "Weibull lengths, Weibull scatter": Truth(
        WEIBULL, stats.gumbel_l(0, 1 / 6), Weibull.fitted, Weibull(2 * UM, 1.2)
    ),
    "heavy tail of lengths": Truth(
        stats.invweibull(4, scale=2 * UM), stats.norm(0, 0.2), fit=Measured.fitted
    ),
    "log-normal lengths, tail not assumed": Truth(LOG_NORMAL, stats.norm(0, 0.2), Measured.fitted),
    "no scatter": Sure(LOG_NORMAL, Nothing(), LogNormal.fitted, LogNormal(2 * UM, 0.6)),
}
NORMAL, SKEWED, HEAVY, _, SURE = TRUTHS.values()


def known(scatter: float, shape: float, slope: float = SLOPE) -> LogLinear:
    """A relation without uncertainty."""
    level, slopes, scatters, shapes = (np.array([[x]]) for x in (LEVEL, slope, scatter, shape))
    return LogLinear(UM, 10 * UM, 0.0, level, slopes, scatters, shapes)


# Exact laws


@pytest.mark.parametrize(
    ("truth", "relation"),
    [(NORMAL, known(0.2, 0)), (SKEWED, known(1 / 6, 1)), (SURE, known(1e-3, 0.5))],
    ids=["normal", "Weibull", "none"],
)
def test_with_nothing_uncertain_the_median_is_exact(truth: Truth, relation: LogLinear) -> None:
    median = Electrode(relation, truth.stated, FLAWS).median()
    assert median == pytest.approx([truth.median()] * 3, rel=1e-3)


def test_links_by_the_law_of_weibull_are_a_chain_by_its_law() -> None:
    """With the modulus m it is weaker by (N ⟨a^(m/2)⟩)^(1/m)."""
    electrode = Electrode(known(1 / 6, 1), LogNormal(UM, 0.2), FLAWS)
    chain = stats.weibull_min(6, scale=math.exp(LEVEL) * (FLAWS * math.exp((3 * 0.2) ** 2 / 2)) ** (-1 / 6))
    assert electrode.modulus() == pytest.approx([6] * 3, rel=1e-3)
    for current in chain.ppf([1e-3, 0.1, 0.5, 0.99]):
        assert electrode.cdf(current) == pytest.approx(chain.cdf(current), rel=0.01)
        assert 1 - electrode.cdf(current) == pytest.approx(chain.sf(current), rel=0.01)
    assert electrode.single() == pytest.approx(chain.ppf([0.5, 0.05, 0.95]), rel=1e-3)
    assert [electrode.cdf(current) for current in (0.0, 1e9)] == [0, 1]


def test_more_flaws_are_weaker_and_less_scattered() -> None:
    few, many = (Electrode(known(0.2, 0), LogNormal(2 * UM, 0.6), count) for count in (100, 1e6))
    assert many.median().value < few.median().value
    assert many.modulus().value > few.modulus().value


def test_a_patch_of_36_um_is_repeated_49000_times_on_9_mm() -> None:
    assert flaws_on(math.pi * 4.5e-3**2, 36 * UM) == pytest.approx(49_087, abs=1)


@pytest.mark.parametrize("count", [0.5, math.inf, math.nan])
def test_an_electrode_has_flaws(count: float) -> None:
    with pytest.raises(InputError, match=r"an electrode with \S+ flaws: at least 1 is needed"):
        Electrode(known(0.2, 0), LogNormal(2 * UM, 0.6), count)


# Patches


@pytest.mark.parametrize(("scatter", "shape"), [(stats.norm(0, 0.2), 0), (stats.gumbel_l(0, 0.2), 1)])
def test_many_patches_show_the_relation(scatter: Any, shape: float) -> None:
    found = replace(NORMAL, scatter=scatter).electrode(300, 0, 3).relation.held()
    assert found.slope.item() == pytest.approx(SLOPE, abs=0.05)
    assert found.scatter.item() == pytest.approx(0.2, abs=0.02)
    assert found.shape.item() == pytest.approx(shape, abs=0.25)
    assert abs(found.bend) < 3


def test_a_relation_that_is_no_straight_line_is_seen() -> None:
    lengths = np.geomspace(UM, 30 * UM, 60)
    currents = np.sqrt(UM / lengths) + 0.3  # with a stress that closes cracks
    noise = np.exp(stats.norm.rvs(scale=0.05, size=60, random_state=rng()))
    assert LogLinear.fitted(lengths, currents * noise, rng()).bend > 3


def test_a_longer_flaw_is_never_stronger() -> None:
    lengths = np.geomspace(UM, 3 * UM, 12)
    assert (LogLinear.fitted(lengths, lengths, rng()).slope < 0).all()


@pytest.mark.parametrize(
    ("lengths", "currents", "message"),
    [
        ([1.0] * 12, [1.0] * 11, "12 lengths and 11 onset current densities of flaws in patches"),
        ([1.0, 2.0, 3.0], [1.0] * 3, "one of each is needed for each of at least 10 flaws"),
        ([1.0, 2.0, 3.0] * 4, [1.0, 0.0, 3.0] * 4, "a flaw in a patch with 0 as length or onset"),
        ([1.0, 2.0, math.inf] * 4, [1.0] * 12, "a flaw in a patch with inf as length or onset"),
        ([1.0, 2.0] * 6, [1.0] * 12, "flaws in patches have one or two lengths in all: at least 3"),
    ],
)
def test_patches_that_show_nothing_are_refused(
    lengths: Sequence[float], currents: Sequence[float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        LogLinear.fitted(lengths, currents, rng())


# Uncertainty


def test_the_parts_of_the_interval_are_told_apart() -> None:
    stated = NORMAL.electrode(20, 0, 1)
    assert stated.parts() == (1, 0)
    from_lengths = NORMAL.electrode(100, 20, 1)
    assert from_lengths.parts().flaws > 0.8
    assert sum(from_lengths.parts()) == pytest.approx(1)
    assert from_lengths.single().low < from_lengths.median().low


def test_a_flaw_longer_than_those_in_patches_is_extrapolated() -> None:
    law, relation = LogNormal(2 * UM, 0.6), known(0.05, 0)
    beyond = [Electrode(replace(relation, longest=x * UM), law, FLAWS).beyond() for x in (1, 27, 100)]
    assert beyond[0] == pytest.approx(1, abs=1e-6)
    assert 0.1 < beyond[1] < 0.9
    assert beyond[2] == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(("truth", "measured"), [(NORMAL, 30), (SKEWED, 0)], ids=["normal", "Weibull"])
def test_the_interval_of_few_patches_holds_the_exact_median(truth: Truth, measured: int) -> None:
    """Of a hundred it is about ninety, which the slow test counts; of four it is three or four."""
    assert truth.inside(20, measured, 4) >= 3


SIZES = [(20, 0), (20, 30), (200, 0), (200, 100)]
"""Numbers of patches, and of measured lengths."""
TRIALS = [(name, *size) for name in TRUTHS for size in SIZES if size[1] or TRUTHS[name].stated]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("name", "patches", "measured"), TRIALS)
def test_about_ninety_of_a_hundred_intervals_hold_the_exact_median(
    name: str, patches: int, measured: int
) -> None:
    inside = TRUTHS[name].inside(patches, measured, 100)
    print(f"{name}, {patches} patches, {measured or 'no'} measured lengths: {inside} of 100")
    assert inside >= 80  # 90 less 3.3 standard deviations
