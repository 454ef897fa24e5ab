"""The lithium ledger in numbers."""

import pytest

from fem_model.base.constants import F
from fem_model.engine.ledger import Ledger
from fem_model.materials import V_m

STOCK, LEAST = 1000.0, 1e-3  # C


def volume(charge: float) -> float:
    return charge * V_m / F


def test_charge_that_is_all_there_leaves_no_error() -> None:
    ledger = Ledger(STOCK, LEAST, start=volume(5.0))
    ledger.add(10.0, 4.0)
    assert ledger.measure(volume(5.0 + 6.0)) == pytest.approx(0.0, abs=1e-14)
    assert (ledger.passed, ledger.throughput, ledger.foil) == (10.0, 10.0, 4.0)
    assert ledger.metal == pytest.approx(6.0, rel=1e-12)


def test_lost_lithium_is_told_relative_to_the_throughput_and_remembered() -> None:
    ledger = Ledger(STOCK, LEAST, start=0.0)
    ledger.add(10.0, 0.0)
    assert ledger.measure(volume(9.0)) == pytest.approx(0.1, rel=1e-12)
    ledger.add(10.0, 0.0)
    assert ledger.measure(volume(20.0)) == pytest.approx(0.0, abs=1e-14)
    assert ledger.worst == pytest.approx(0.1, rel=1e-12)


def test_a_reversal_cancels_the_charge_but_not_the_throughput() -> None:
    ledger = Ledger(STOCK, LEAST, start=0.0)
    ledger.add(10.0, 2.0)
    ledger.add(-10.0, -2.0)
    assert (ledger.passed, ledger.throughput, ledger.foil) == (0.0, 20.0, 0.0)
    assert ledger.measure(volume(1.0)) == pytest.approx(1 / 20, rel=1e-12)


def test_without_charge_there_is_no_error() -> None:
    assert Ledger(STOCK, LEAST, start=1.0).measure(1.0) == 0.0


def test_the_foil_closes_as_its_stock_runs_out() -> None:
    ledger = Ledger(STOCK, LEAST, start=0.0)
    left = []
    for charge in (0.0, -970.0, -29.0, -1.0 + 1e-10, -1e-10, 5.0):
        ledger.add(charge, charge)
        left.append(ledger.foil_left)
    assert left == pytest.approx([STOCK, 30.0, 1.0, 0.0, 0.0, 5.0], abs=1e-12)


def test_at_rest_what_has_reacted_is_the_scale_and_nothing_is_compared_with_less_than_the_least() -> None:
    ledger = Ledger(STOCK, LEAST, start=volume(50.0))
    assert ledger.measure(volume(46.0), 4.0) == pytest.approx(0.0, abs=1e-14)
    assert ledger.measure(volume(46.0), 5.0) == pytest.approx(0.2, rel=1e-12)
    ledger.add(1e-9, 0.0)
    assert ledger.measure(volume(50.0)) == pytest.approx(1e-6, rel=1e-3)
