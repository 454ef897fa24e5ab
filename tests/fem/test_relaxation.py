"""Numerical parameters must not steer the growth: mobility, mesh, width."""

import numpy as np
import pytest

from tests.fem.cases import NUCLEUS, case, column, finished


def tip(changes: dict[str, object]) -> float:
    """Growth of the tip, m."""
    heights = column(finished(case(NUCLEUS, {"time": {"end": "30 min", "outputs": 1}} | changes)), "tip_m")
    return float(heights[-1] - heights[0])


def test_growth_does_not_depend_on_the_mobility() -> None:
    """The tip holds to 0.06 %; without the flux of the speed v̄ it would gain 3 % from Pe = 0.25 to 0.9."""
    heights = 2.5e-6 + np.array([tip({"phase_field.peclet": peclet}) for peclet in (0.25, 0.5, 0.9)])
    assert heights == pytest.approx([heights[1]] * 3, rel=2e-3)


def test_growth_does_not_depend_on_the_mesh() -> None:
    growth = [tip({"mesh.cell_size_front": f"{h} um"}) for h in (0.5, 0.25, 0.125)]
    heights = 2.5e-6 + np.array(growth)
    assert np.ptp(heights) < 0.02 * heights[-1]
    assert abs(heights[1] - heights[2]) < abs(heights[0] - heights[2])


def test_charge_does_not_depend_on_mobility_or_mesh() -> None:
    """Which part goes into the flaw is physics; 1 % is what the mesh and Pe may change."""
    shares = []
    for changes in ({}, {"phase_field.peclet": 0.25}, {"mesh.cell_size_front": "0.25 um"}):
        simulation = finished(case(NUCLEUS, changes))
        row = simulation.recorder.last
        shares.append(row["charge_metal_C_m2"] / row["charge_C_m2"])
    assert shares == pytest.approx([shares[0]] * 3, rel=0.01)
