"""Growth of a crack in half-cycles, against closed forms."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from fem_model.base.constants import F, R
from fem_model.base.errors import InputError
from fem_model.case.drives import Cycling, Stage, Staircase
from fem_model.ccd.passage import Growth, Profile, passage
from fem_model.laws.kinetics import ChargeTransfer
from fem_model.materials import V_m

T, R_CT, ROOM, FREE = 298.15, 1e-3, 0.1, 0.8
I0 = R * T / (F * R_CT)
MV, UM, HOUR = 1e-3, 1e-6, 3600.0
FLOW = V_m / (F * ROOM)
"""Speed over current density in a crack, m³/C."""


def growth(law: str = "linear", alpha: float = 0.5) -> Growth:
    transfer = ChargeTransfer(law, alpha, T)
    return Growth(lambda affinity: transfer.current(affinity, I0), ROOM, FREE)


def profile(*pieces: tuple[float, float]) -> Profile:
    """Pieces of so many µm and mV."""
    length, resistance = np.array(pieces).T
    return Profile(length * UM, resistance * MV)


def staircase(reversal: bool, half_cycle: float, largest: float = 30.0) -> Sequence[Stage]:
    """1, 2, … A/m², each for so many s."""
    tables = {
        "start": "1 A/m^2",
        "step": "1 A/m^2",
        "largest": f"{largest} A/m^2",
        "half_cycle": f"{half_cycle} s",
    }
    return Staircase.model_validate({"mode": "staircase", "reversal": reversal} | tables).stages()


def plate(current: float, time: float) -> Stage:
    return Stage(current=current, duration=time)


# Speed


def test_a_crack_moves_at_the_rate_of_what_its_resistance_leaves() -> None:
    """ds/dt = V_m/(Fρ) (i R_ct/f − P)/R_ct."""
    i, P = 15.0, 12.0
    found = passage(profile((100.0, P)), growth(), [plate(i, HOUR)])
    assert found.tips == pytest.approx([FLOW * (i / FREE - P * MV / R_CT) * HOUR])
    assert found.stage is None
    assert found.time == HOUR


def test_butler_volmer_has_its_inverse_and_its_rate() -> None:
    """With α = ½ i_n = 2 i₀ sinh(Fη/2RT)."""
    i, P, thermal = 800.0, 0.05, 2 * R * T / F
    law = growth("butler-volmer")
    eta = thermal * math.asinh(i / FREE / (2 * I0))
    assert law.overpotential(i) == pytest.approx(eta, rel=1e-9)
    assert law.overpotential(-i) == pytest.approx(-eta, rel=1e-9)
    assert law.speed(eta, P) == pytest.approx(FLOW * 2 * I0 * math.sinh((eta - P) / thermal))


@pytest.mark.parametrize("alpha", [0.2, 0.8])
@pytest.mark.parametrize("current", [-3e5, -1e-3, 1e-3, 3e5])
def test_the_overpotential_gives_its_current_back(alpha: float, current: float) -> None:
    law = growth("butler-volmer", alpha)
    assert FREE * law.current(law.overpotential(current)) == pytest.approx(current, rel=1e-6)


# Pieces


def test_each_piece_takes_its_length_over_its_speed() -> None:
    i, pieces = 20.0, ((2.0, 5.0), (3.0, 24.0), (1.0, 0.0))
    expected = sum(length * UM / (FLOW * (i / FREE - P * MV / R_CT)) for length, P in pieces)
    in_one = passage(profile(*pieces), growth(), [plate(i, 2 * expected)])
    assert in_one.time == pytest.approx(expected)
    in_parts = passage(profile(*pieces), growth(), [plate(i, expected / 7.5)] * 9)
    assert in_parts.time == pytest.approx(expected)
    assert len(in_parts.tips) == 8
    assert in_parts.tips[-1] == pytest.approx(6.0 * UM)


@pytest.mark.parametrize("time", [HOUR, 1e12])
def test_a_piece_that_resists_more_than_the_overpotential_stops_the_crack(time: float) -> None:
    found = passage(profile((2.0, 5.0), (3.0, 25.1), (1.0, 30.0)), growth(), [plate(20.0, time)])
    assert found.tips == pytest.approx([2.0 * UM])
    assert found.stage is None


# Stripping


def test_what_was_opened_is_filled_again_without_resistance() -> None:
    """It goes v t, withdraws by what the current takes, comes back at that speed, and goes on."""
    i, P, time = 15.0, 12.0, 600.0
    fast, slow = FLOW * i / FREE, FLOW * (i / FREE - P * MV / R_CT)
    first = slow * time
    stages = [plate(i, time), plate(-i, time / 2), plate(i, time)]
    found = passage(profile((100.0, P)), growth(), stages, behind=1.0)
    back = first - fast * time / 2
    assert found.tips == pytest.approx([first, back, first + slow * (time - time / 2)])
    assert found.opened == pytest.approx([first, first, found.tips[2]])


def test_what_was_opened_stays_open_though_it_is_filled_in_parts() -> None:
    """Two short half-cycles fill no more than what was there; against P they would hardly move."""
    i, P, part = 15.0, 17.0, 100.0
    fast, first = FLOW * i / FREE, FLOW * (i / FREE - P * MV / R_CT) * HOUR
    stages = [plate(i, HOUR), plate(-i, HOUR), plate(i, part), plate(i, part)]
    found = passage(profile((100.0, P)), growth(), stages, behind=0.0)
    assert first > 2 * fast * part
    assert found.tips == pytest.approx([first, 0.0, fast * part, 2 * fast * part])
    assert found.opened == pytest.approx([first] * 4)


def test_a_crack_withdraws_to_its_plug_at_most() -> None:
    found = passage(profile((100.0, 12.0)), growth(), [plate(15.0, HOUR), plate(-15.0, 10 * HOUR)], 2 * UM)
    assert found.tips[1] == pytest.approx(-2 * UM)


def test_a_rest_leaves_the_crack_as_it_is() -> None:
    found = passage(profile((100.0, 1.0)), growth(), [plate(15.0, HOUR), plate(0.0, HOUR)])
    assert found.tips[1] == found.tips[0] > 0


def test_a_capacity_ends_a_stage() -> None:
    found = passage(profile((100.0, 0.0)), growth(), [Stage(current=15.0, capacity=15.0 * HOUR)])
    assert found.tips == pytest.approx([FLOW * 15.0 / FREE * HOUR])


# Passage


def test_a_staircase_that_only_plates_adds_up() -> None:
    """Steps k with k/f > P/R_ct add V_m/(Fρ)(k/f − P/R_ct) t each."""
    P, time, depth = 6.0, HOUR, 60.0
    stages = staircase(reversal=False, half_cycle=time)
    found = passage(profile((depth, P)), growth(), stages)
    gains = [FLOW * max(k / FREE - P * MV / R_CT, 0.0) * time for k in range(1, 31)]
    expected = int(np.searchsorted(np.cumsum(gains), depth * UM)) + 1
    assert found.stage is not None
    assert found.stage.current == expected
    assert expected > 5


def test_without_resistance_charge_alone_decides() -> None:
    """The first step with V_m i t/(Fρf) ≥ d, with reversal; a smaller one never comes through."""
    depth, time = 40.0 * UM, 1000.0
    stages = staircase(reversal=True, half_cycle=time)
    expected = math.ceil(depth * FREE / (FLOW * time))
    found = passage(profile((40.0, 0.0)), growth(), stages)
    assert found.stage is not None
    assert found.stage.current == expected > 2


@pytest.mark.parametrize("seed", range(5))
def test_with_reversal_no_crack_gets_farther_than_the_charge_of_a_half_cycle(seed: int) -> None:
    numbers = np.random.default_rng(seed)
    way = Profile(numbers.uniform(0.1, 2.0, 200) * UM, numbers.uniform(0.0, 8.0, 200) * MV)
    stages = staircase(reversal=True, half_cycle=700.0)
    found = passage(way, growth(), stages, behind=numbers.uniform(0.0, 3.0) * UM)
    reach = np.maximum.accumulate([growth().reach(stage) for stage in stages])
    assert (found.opened <= reach[: len(found.opened)] * (1 + 1e-12)).all()
    assert found.opened.max() > 0


def test_cycles_of_one_charge_come_to_rest_below_what_it_reaches() -> None:
    """Each plating starts from the plug, fills what was opened, and opens a part of what is left: to R."""
    tables = {"mode": "cycling", "current": "15 A/m^2", "capacity": "9000 C/m^2", "cycles": 60}
    cycling = Cycling.model_validate(tables).stages()
    behind = 1.5 * UM
    found = passage(profile((100.0, 12.0)), growth(), cycling, behind)
    reach = growth().reach(cycling[0])
    assert reach > behind
    assert (np.diff(found.opened) >= 0).all()
    assert found.opened[-1] == pytest.approx(reach - behind, rel=1e-6)


@pytest.mark.parametrize("stage", [Stage(voltage=0.1, duration=1.0), Stage(current=1.0)])
def test_a_stage_without_current_or_end_is_refused(stage: Stage) -> None:
    with pytest.raises(InputError, match="a given current, which end after a time or a capacity"):
        passage(profile((1.0, 1.0)), growth(), [stage])
