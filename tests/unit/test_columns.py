"""Columns from electrode to electrode, in which each rank has its share of a front."""

import numpy as np
import pytest

from fem_model.mesh.columns import columns


@pytest.mark.parametrize("extent", [(40.0, 30.0), (20.0, 30.0, 25.0)])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_columns_have_equal_shares_of_the_cells_and_of_every_height(
    extent: tuple[float, ...], count: int
) -> None:
    middles = np.random.default_rng(1).random((60_000, len(extent))) * extent
    parts = columns(middles, count)
    assert np.ptp(np.bincount(parts, minlength=count)) <= count
    at_front = np.abs(middles[:, -1] - 0.4 * extent[-1]) < 0.05 * extent[-1]
    share = np.bincount(parts[at_front], minlength=count) * count / at_front.sum()
    assert share == pytest.approx(1.0, abs=0.1)


def test_columns_are_not_too_slender() -> None:
    middles = np.random.default_rng(2).random((60_000, 2))
    parts = columns(middles, 64)
    for part in range(64):
        width, height = np.ptp(middles[parts == part], axis=0)
        assert height < 8 * width * 1.05


def test_more_parts_than_cells_leave_some_empty() -> None:
    first, second = columns(np.array([[0.0, 1.0], [1.0, 0.0]]), 5)
    assert first != second
    assert {first, second} <= set(range(5))
    assert not len(columns(np.zeros((0, 2)), 3))
