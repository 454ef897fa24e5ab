"""The strength of flaws from patches: closed forms of single cracks, and electrodes with a known answer."""

import math

import numpy as np
import pytest

from fem_model.base.constants import F
from fem_model.base.errors import InputError
from fem_model.case import load_case
from fem_model.ccd.electrode import Electrode
from fem_model.ccd.flaw_law import LogNormal
from fem_model.ccd.strength import SingleCrack, Strength
from fem_model.materials import V_m

UM = 1e-6
LAW = LogNormal(5 * UM, math.log(1.3))
COUNT = 1e6


@pytest.fixture(scope="module")
def single() -> SingleCrack:
    return SingleCrack.of(load_case("runs/ccd/patch.toml"))


def test_a_single_crack_runs_by_irwin_against_the_stack(single: SingleCrack) -> None:
    """0.23 MPa √m and 14 µm: 31 MPa and 10 MPa, by V_m/F over 10 Ω cm²; 5 mV is linear to 0.3 %."""
    P = V_m / F * (0.23e6 / (1.12 * math.sqrt(math.pi * 14 * UM)) + 10e6)
    assert single.current(np.array([14 * UM]))[0] == pytest.approx(P / 10e-4, rel=4e-3)


def test_the_length_is_the_inverse_of_the_current(single: SingleCrack) -> None:
    lengths = np.array([1.0, 5.0, 30.0]) * UM
    assert single.length(single.current(lengths)) == pytest.approx(lengths, rel=1e-6)


def test_below_what_the_stack_alone_holds_no_crack_runs(single: SingleCrack) -> None:
    held = V_m / F * 10e6 / 10e-4
    assert single.length(np.array([0.99 * held]))[0] == math.inf


def electrode(single: SingleCrack, ratios: np.ndarray) -> Electrode:
    lengths = np.geomspace(5, 20, len(ratios)) * UM
    currents = ratios * single.current(lengths)
    return Electrode(Strength.sampled(single, lengths, currents, np.random.default_rng(1)), LAW, COUNT)


def test_without_surroundings_the_longest_flaw_decides(single: SingleCrack) -> None:
    found = electrode(single, np.ones(20)).median()
    longest = LAW.isf(1 - 0.5 ** (1 / COUNT))
    assert found.value == pytest.approx(float(single.current(longest)), rel=1e-6)
    assert found.low == pytest.approx(found.high, rel=1e-6)


def test_of_two_kinds_of_surroundings_the_weak_ones_decide_by_their_share(single: SingleCrack) -> None:
    """A fifth of the flaws has r = 1, the others are three times as strong: the longest of it decides."""
    found = electrode(single, np.where(np.arange(100) % 5, 3.0, 1.0)).median()
    longest = [LAW.isf(1 - 0.5 ** (1 / (share * COUNT))) for share in (0.15, 0.2, 0.25)]
    low, expected, high = (float(single.current(length)) for length in longest[::-1])
    assert found.value == pytest.approx(expected, rel=2e-3)
    assert low < expected < high and found.low < found.value < found.high


@pytest.mark.parametrize("share", [0.3, 0.03, 0.003])
def test_the_interval_holds_the_exact_median_if_few_flaws_have_weak_surroundings(
    single: SingleCrack, share: float
) -> None:
    """Of 40 patches 12, 1 or none show the weak ones, which have r = 1, the others 4."""
    rng, inside = np.random.default_rng(7), 0
    exact = float(single.current(LAW.isf(1 - 0.5 ** (1 / (share * COUNT)))))
    for _ in range(40):
        found = electrode(single, np.where(rng.random(40) < share, 1.0, 4.0)).median()
        inside += found.low <= exact <= found.high
    assert inside >= 31


def test_few_flaws_are_enclosed_as_well(single: SingleCrack) -> None:
    """Three flaws, nearly all with strong surroundings: their weakest is the longest of three."""
    lengths = np.geomspace(5, 20, 200) * UM
    strength = Strength.sampled(single, lengths, 6 * single.current(lengths), np.random.default_rng(1))
    found = Electrode(strength, LAW, 3).median().value
    assert found == pytest.approx(6 * float(single.current(LAW.isf(1 - 0.5 ** (1 / 3)))), rel=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [("intrusion.law=relief", "law must be .height."), ("anode.R_ct=1 ohm cm^2", "must have the R_ct of")],
)
def test_a_case_whose_flaws_are_no_single_cracks_is_refused(change: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SingleCrack.of(load_case("runs/ccd/patch.toml", [change]))
