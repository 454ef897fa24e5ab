"""Microstructures: shares, shared edges, and divisions that are refused."""

from collections import Counter

import numpy as np
import pytest

from fem_model.case.layouts import Layers
from fem_model.microstructure import Microstructure, Region, build_microstructure

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def bands(direction: str, *layers: tuple[str, float]) -> Microstructure:
    entries = [{"material": material, "share": share} for material, share in layers]
    section = {"layout": "layers", "width": "40 um", "depth": "100 um", "bands": direction, "layers": entries}
    return build_microstructure(Layers.model_validate(section), [share for _, share in layers])


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
def test_shares_become_area_fractions(direction: str) -> None:
    microstructure = bands(direction, ("A", 0.15), ("B", 0.6), ("A", 0.25))
    assert microstructure.area_fractions() == pytest.approx({"A": 0.4, "B": 0.6}, abs=1e-12)
    assert (microstructure.width, microstructure.depth) == pytest.approx((40e-6, 100e-6), rel=1e-15)
    assert [region.grain for region in microstructure.regions] == [1, 2, 3]


def test_vertical_bands_stand_side_by_side_from_left_to_right() -> None:
    microstructure = bands("vertical", ("A", 0.25), ("B", 0.75))
    first = microstructure.points[list(microstructure.regions[0].polygon)]
    assert np.ptp(first, axis=0) == pytest.approx([10e-6, 100e-6])
    assert first.min(axis=0) == pytest.approx([0.0, 0.0])
    assert Counter(microstructure.edge_names.values()) == {
        "anode": 2, "counter": 2, "left": 1, "right": 1, "A|B": 1,
    }  # fmt: skip


def test_horizontal_bands_are_stacked_from_the_anode_up() -> None:
    microstructure = bands("horizontal", ("B", 0.25), ("A", 0.5), ("A", 0.25))
    first = microstructure.points[list(microstructure.regions[0].polygon)]
    assert np.ptp(first, axis=0) == pytest.approx([40e-6, 25e-6])
    assert first.min(axis=0) == pytest.approx([0.0, 0.0])
    assert Counter(microstructure.edge_names.values()) == {
        "anode": 1, "counter": 1, "left": 3, "right": 3, "A|B": 1, "A|A": 1,
    }  # fmt: skip


def test_shares_that_do_not_add_up_exactly_still_fill_the_depth() -> None:
    microstructure = bands("horizontal", *[("A", 0.1)] * 10)
    assert microstructure.points[:, 1].max() == 100e-6


def test_one_region_has_no_interior_edge() -> None:
    assert set(bands("vertical", ("A", 1.0)).edge_names.values()) == {"anode", "counter", "left", "right"}


def test_a_corner_inside_a_neighbours_edge_is_refused() -> None:
    """Two squares on the left, one rectangle on the right that does not know their common corner."""
    points = np.array([[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [0, 2], [1, 2], [2, 2]], dtype=float)
    left = (Region("A", 1, (0, 1, 4, 3)), Region("A", 2, (3, 4, 6, 5)))
    with pytest.raises(ValueError, match="does not conform"):
        Microstructure(points, (*left, Region("B", 3, (1, 2, 7, 6))))
    whole = Microstructure(points, (*left, Region("B", 3, (1, 2, 7, 6, 4))))
    assert Counter(whole.edge_names.values())["A|B"] == 2


@pytest.mark.parametrize(
    ("regions", "complaint"),
    [
        ([Region("A", 1, (0, 1, 2))], "gaps"),
        ([Region("A", 1, (0, 1, 2, 3)), Region("B", 2, (0, 1, 2))], "overlap"),
        ([Region("A", 1, (0, 3, 2, 1))], "anticlockwise"),
        ([Region("A", 1, (0, 1, 2)), Region("B", 1, (0, 2, 3))], "grain"),
        ([Region("A", 0, (0, 1, 2, 3))], "grain"),
    ],
)
def test_bad_divisions_are_refused(regions: list[Region], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Microstructure(SQUARE, tuple(regions))
