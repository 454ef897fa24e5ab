"""Step sizes: they land on wanted times, keep below their limit, and do not depend on round-off."""

import math

import pytest

from fem_model.numerics.ladder import LARGEST_GROWTH, StepLadder, size


def walk(ladder: StepLadder, limit: float, wanted: float, most: int = 10_000) -> list[float]:
    """Steps up to one wanted time."""
    steps: list[float] = []
    remaining = wanted
    while remaining > 0 and len(steps) < most:
        step = ladder.propose(limit, remaining)
        steps.append(step)
        remaining = 0.0 if step == remaining else remaining - step
    return steps


@pytest.mark.parametrize("limit", [0.013, 1.0, 7.7, 300.0])
@pytest.mark.parametrize("wanted", [1.0, 37.3, 199.0])
def test_steps_land_on_the_wanted_time_and_never_exceed_the_limit(limit: float, wanted: float) -> None:
    steps = walk(StepLadder(1e-9), limit, wanted, 100_000)
    assert math.fsum(steps) == pytest.approx(wanted, rel=1e-12)
    assert max(steps) <= limit * (1 + 1e-9)
    assert len(steps) <= math.ceil(wanted / limit * 2 ** (1 / 4)) + 2  # no more than a rung too small


def test_the_last_steps_before_a_wanted_time_are_no_slivers() -> None:
    for wanted in (10.01, 10.5, 11.9, 12.001):
        steps = walk(StepLadder(1e-9), 1.0, wanted)
        assert min(steps) >= 0.49 * max(steps)


def test_steps_grow_by_a_bounded_factor_and_fall_at_once() -> None:
    ladder = StepLadder(1e-9)
    assert ladder.propose(1.0, 1e9) == 1.0
    assert ladder.propose(1e6, 1e9) == size(LARGEST_GROWTH) == 4.0
    assert ladder.propose(1e6, 1e9) == 16.0
    assert ladder.propose(0.3, 1e9) == pytest.approx(0.25 * 2**0.25)


def test_a_step_cut_for_a_wanted_time_does_not_hold_back_the_next_ones() -> None:
    ladder = StepLadder(1e-9)
    ladder.propose(8.0, 1e9)
    assert ladder.propose(8.0, 0.1) == 0.1
    assert ladder.propose(8.0, 1e9) == 8.0


def test_round_off_in_the_limit_moves_no_step() -> None:
    for exponent in (-3, 0, 5):
        inside = 1.1 * 2.0**exponent
        steps = {StepLadder(1e-9).propose(inside * factor, 1e9) for factor in (1 - 1e-13, 1.0, 1 + 1e-13)}
        assert len(steps) == 1


def test_rejections_halve_the_step_until_none_is_left() -> None:
    ladder = StepLadder(smallest=0.1)
    ladder.propose(1.0, 1e9)
    sizes = []
    while ladder.reject():
        sizes.append(size(ladder.rung or 0))
    assert sizes == [0.5, 0.25, 0.125]


def test_a_rejected_step_is_tried_again_at_half_its_size_and_grows_later() -> None:
    ladder = StepLadder(smallest=1e-3)
    assert ladder.propose(1.0, 1e9) == 1.0
    tried = []
    for _ in range(3):
        assert ladder.reject()
        tried.append(ladder.propose(1.0, 1e9))
    assert tried == [0.5, 0.25, 0.125]
    assert ladder.propose(1.0, 1e9) == 0.5  # after an accepted step


def test_a_step_that_is_always_rejected_ends_in_giving_up() -> None:
    ladder = StepLadder(smallest=1e-3)
    attempts = 1
    while attempts < 100 and ladder.propose(1.0, 1e9) and ladder.reject():
        attempts += 1
    assert attempts < 12


def test_a_fixed_step_is_kept_but_for_the_wanted_times() -> None:
    ladder = StepLadder(1e-9, fixed=3.0)
    assert walk(ladder, limit=0.1, wanted=10.0) == [3.0, 3.0, 3.0, pytest.approx(1.0)]
    assert not ladder.reject()


def test_a_fixed_step_that_divides_the_time_leaves_no_sliver_behind() -> None:
    assert len(walk(StepLadder(1e-9, fixed=0.1), 1.0, 1.0)) == 10
    assert len(walk(StepLadder(1e-9, fixed=1200 / 7), 1.0, 1200.0)) == 7
