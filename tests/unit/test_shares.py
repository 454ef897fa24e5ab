"""Shares of what comes from several electrolytes, also where the parts cancel."""

import numpy as np
import pytest

from fem_model.post import tables
from fem_model.record.observables.observable import shares
from fem_model.record.observables.plating import CURRENT_SHARE

NAMES = ("current_share_LGPS", "current_share_LPSC10")


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([3.0, 1.0], [0.75, 0.25]),
        ([-3.0, -1.0], [0.75, 0.25]),
        ([3.0, -1.0], [1.5, -0.5]),
        ([0.0, 0.0], [0.0, 0.0]),
        ([1e-3, -1e-3 * (1 + 1e-12)], [0.0, 0.0]),  # at rest lithium goes round, from one to the other
    ],
)
def test_shares_of_what_cancels_are_none(amounts: list[float], expected: list[float]) -> None:
    row = shares(CURRENT_SHARE, ("LGPS", "LPSC1.0"), np.array(amounts))
    assert [row[name] for name in NAMES] == pytest.approx(expected)


class Charges:
    """Stands in for the analysis of a run whose metal and foil hold these charges, C/m²."""

    def __init__(self, metal: float, foil: float) -> None:
        self.held = {"charge_metal_C_m2": np.array([metal]), "charge_foil_C_m2": np.array([foil])}

    def series(self, name: str) -> np.ndarray | None:
        return self.held.get(name)


@pytest.mark.parametrize(
    ("metal", "foil", "expected"),
    [(3.0, 1.0, {"charge_share_metal": 0.75, "charge_share_foil": 0.25}), (-117.0, 117.0 + 1e-10, {})],
)
def test_a_charge_that_has_come_back_has_no_shares(
    metal: float, foil: float, expected: dict[str, float]
) -> None:
    found = tables._charges(Charges(metal, foil), 0)  # type: ignore[arg-type]
    assert {name: value for name, _, value in found} == pytest.approx(expected)
