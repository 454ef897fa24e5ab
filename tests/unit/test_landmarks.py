"""When a run began to move and when it shorted: what summary.json and the command say."""

from typing import Any

import pytest

from fem_model.base.outcome import landmarks
from fem_model.record.landmarks import Landmarks


def course(heights: list[float], **short: Any) -> dict[str, Any]:
    """The landmarks of a run whose highest tip is this high (µm) every 10 s."""
    marks = Landmarks(rise=0.5e-6, gap=1.0)
    for k, height in enumerate(heights):
        row = {"t_s": 10.0 * k, "tip_m": 1e-6 * height}
        marks.watch(row | {"current_density_A_m2": 15.0, "charge_metal_C_m2": 0.0})
    return marks.summary(**short)


def test_the_time_to_a_short_counts_from_the_start_and_from_the_onset() -> None:
    """The earlier of what lithium and voltage tell of; the tip has risen far enough after 15 s."""
    heights = [4.0, 4.25, 4.75, 9.0]
    by_lithium = course(heights, connected=True, drop=None, current=15.0)
    assert (by_lithium["time_to_short_s"], by_lithium["onset_to_short_s"]) == pytest.approx((30, 15))
    assert by_lithium["current_at_short_mA_cm2"] == pytest.approx(1.5)
    assert landmarks(by_lithium) == [
        "the tip began to move after 15 s at 1.5 mA/cm²",
        "short circuit after 30 s, 15 s later, at 1.5 mA/cm²",
    ]
    by_voltage = course(heights, connected=True, drop=25.0, current=15.0)
    assert by_voltage["time_to_short_s"] == 25.0 and by_voltage["short_by_connection_t_s"] == 30.0
    none = course([4.0, 4.0], connected=False, drop=None, current=15.0)
    assert (
        landmarks(none) == [] and none["time_to_short_s"] is None and none["current_at_short_mA_cm2"] is None
    )
