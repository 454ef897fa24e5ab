"""How long a crack counts beside others, against the closed forms of `laws.relief`."""

import numpy as np
import pytest

from fem_model.base.arrays import Floats
from fem_model.laws.relief import Relief

Y = 1.12
SLOPE = 1 / (np.pi * Y**2)
"""Height over reach of the triangle that a crack relieves in 2D."""


def lengths(extent: list[float], cracks: list[tuple[float, ...]], factor: float = Y) -> Floats:
    """Crack lengths at the tips of cracks, each a place and its height."""
    relief = Relief(extent, spacing=0.02, factor=factor, radius=0.1)
    tips = np.array(cracks)
    relief.update(relief.tops(tips))
    return relief.length_at(tips)


def test_a_lone_crack_counts_with_its_height() -> None:
    assert lengths([20.0], [(10.0, 2.0)]) == pytest.approx([2.0], rel=0.01)


@pytest.mark.parametrize("height", [0.5, 3.0, 30.0])
def test_a_row_of_equal_cracks_is_a_crack_between_mirrors(height: float) -> None:
    """a = z up to b/(2πY²), where K = p √(b/2) is the exact limit of long cracks."""
    b = 8.0
    expected = min(height, b / (2 * np.pi * Y**2))
    assert lengths([b], [(b / 2, height)]) == pytest.approx([expected], rel=0.01)
    row = [(b / 2 + k * b, height) for k in range(4)]
    assert lengths([4 * b], row) == pytest.approx([expected] * 4, rel=0.01)
    if height > 3:
        assert Y * np.sqrt(np.pi * expected) == pytest.approx(np.sqrt(b / 2))


def test_two_close_cracks_share_what_one_would_have() -> None:
    """K = K₁/√2."""
    assert lengths([40.0], [(19.8, 3.0), (20.2, 3.0)]) == pytest.approx([1.5, 1.5], rel=0.06)


def test_a_crack_behind_its_neighbour_has_what_is_beyond_their_watershed() -> None:
    """The line on which both triangles are as high is nearer to it, by what it is behind over the slope."""
    b, high, behind = 4.0, 5.0, 0.5
    low = high - behind * SLOPE * b
    leader, follower = lengths([80.0], [(38.0, high), (38.0 + b, low)])
    assert leader == pytest.approx((high + SLOPE * b * (1 + behind) / 2) / 2, rel=0.02)
    assert follower == pytest.approx((low + SLOPE * b * (1 - behind) / 2) / 2, rel=0.02)


def test_a_crack_in_the_shadow_of_its_neighbour_has_nothing_left() -> None:
    b, high = 4.0, 5.0
    leader, follower = lengths([80.0], [(38.0, high), (38.0 + b, high - 1.5 * SLOPE * b)])
    assert leader == pytest.approx(high, rel=0.02)
    assert follower == 0.0


def test_a_place_far_below_the_relieved_region_has_no_crack() -> None:
    relief = Relief([20.0], spacing=0.02, factor=Y, radius=0.1)
    relief.update(relief.tops(np.array([[10.0, 3.0]])))
    assert relief.length_at(np.array([[10.0, 2.95], [10.0, 2.7], [11.0, 1.0]]))[1:] == pytest.approx(0.0)


def test_the_height_counts_only_where_lithium_is() -> None:
    assert lengths([20.0], [(10.0, 0.0)]) == pytest.approx([0.0])


def test_in_3d_a_lone_crack_counts_with_its_height() -> None:
    found = Relief([8.0, 7.0], spacing=0.1, factor=0.71, radius=0.2)
    tip = np.array([[4.0, 3.5, 2.0]])
    found.update(found.tops(tip))
    assert found.length_at(tip) == pytest.approx([2.0], rel=0.02)


def test_in_3d_a_square_array_counts_with_what_each_has() -> None:
    """S = b², a = b/(c √π), c = √2 Y."""
    b, factor = 4.0, 0.71
    found = Relief([b, b], spacing=0.1, factor=factor, radius=0.2)
    tip = np.array([[b / 2, b / 2, 20.0]])
    found.update(found.tops(tip))
    assert found.length_at(tip) == pytest.approx([b / (np.sqrt(2 * np.pi) * factor)], rel=0.01)
