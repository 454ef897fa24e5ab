"""Two-point probabilities on lattices: counted by hand, and shapes whose interfaces are known."""

from itertools import product
from math import pi

import numpy as np
import pytest

from fem_model.microstructure.correlation import Lags, TwoPoint, two_point


def middles(n: int, dim: int) -> list[np.ndarray]:
    """Coordinates of the points of a lattice in a box of side 1."""
    return np.meshgrid(*[(np.arange(n) + 0.5) / n] * dim, indexing="ij")


def correlate(flags: np.ndarray) -> TwoPoint:
    """Of the points that are marked."""
    steps = np.full(flags.ndim, 1 / len(flags))
    return two_point(np.where(flags, 1, 0), steps, 2)[1]


@pytest.mark.parametrize("shape", [(9, 7), (6, 7, 5)])
def test_pairs_are_counted_as_by_hand(shape: tuple[int, ...]) -> None:
    """Every pair of points at each lag, once, with no pair round the corner, no point outside."""
    label = np.random.default_rng(5).integers(-1, 3, shape)
    spacing = np.array([0.5, 0.7, 0.6][: len(shape)])
    lags = Lags.of(shape, spacing)
    own, inside = lags.transformed(label == 2), lags.transformed(label >= 0)
    counted = [lags.products(own, own), lags.products(own, inside), lags.products(inside, inside)]
    by_hand = [np.zeros_like(counted[0]) for _ in range(3)]
    origin = (*lags.reach[:-1], 0)
    places = list(np.ndindex(shape))
    for a, b in product(places, places):
        step = np.subtract(b, a) + origin
        if ((step >= 0) & (step < counted[0].shape)).all() and label[a] >= 0 and label[b] >= 0:
            ends = np.array([label[a] == 2, label[b] == 2])
            for table, value in zip(by_hand, (ends.all(), ends.mean(), 1.0), strict=True):
                table[tuple(step)] += value
    assert all(np.array_equal(c, h) for c, h in zip(counted, by_hand, strict=True))
    found = two_point(label, spacing, 3)[2]
    both = by_hand[0] / by_hand[2]
    assert found.fraction == pytest.approx((label == 2).sum() / (label >= 0).sum())
    for axis, (r, both_along) in enumerate(found.along):
        line = [both[(*origin[:axis], origin[axis] + k, *origin[axis + 1 :])] for k in range(len(r))]
        assert r == pytest.approx(spacing[axis] * np.arange(lags.reach[axis] + 1))
        assert both_along == pytest.approx(line)


@pytest.mark.parametrize(("dim", "n", "axis"), [(2, 200, 0), (2, 200, 1), (3, 64, 0), (3, 64, 1), (3, 64, 2)])
def test_half_spaces_have_their_straight_line(dim: int, n: int, axis: int) -> None:
    """Two slabs: of the pairs z apart across them z/(1 − z) are unlike; all directions see the area."""
    found = correlate(middles(n, dim)[axis] > 0.5)
    z, across = found.along[axis]
    assert across == pytest.approx(0.5 - 0.5 * z / (1 - z))
    assert found.along[axis - 1][1] == pytest.approx(0.5)
    assert found.interface_area == pytest.approx(1.0, rel=0.01)


@pytest.mark.parametrize(("dim", "n", "radius"), [(2, 400, 0.3), (3, 100, 0.35)])
def test_a_ball_has_its_surface_and_its_overlap(dim: int, n: int, radius: float) -> None:
    """The slope gives the surface; S₂ along an axis is the overlap of two balls over that of two boxes."""
    found = correlate(sum((x - 0.5) ** 2 for x in middles(n, dim)) < radius**2)
    surface = 2 * pi * radius if dim == 2 else 4 * pi * radius**2
    assert found.interface_area == pytest.approx(surface, rel=0.01)
    r, both = found.along[0]
    u = r / (2 * radius)
    overlap = (
        2 * radius**2 * (np.arccos(u) - u * np.sqrt(1 - u**2))
        if dim == 2
        else 4 / 3 * pi * radius**3 * (1 - 1.5 * u + 0.5 * u**3)
    )
    assert both == pytest.approx(overlap / (1 - r), abs=2e-3)


def test_points_at_random_are_not_correlated() -> None:
    """Independent tiles: S₂ = φ² beyond their diagonal, and the covariance falls by its closed form."""
    rng = np.random.default_rng(1)
    found = correlate(np.kron(rng.random((150, 150)) < 0.3, np.ones((8, 8))) > 0)
    far = found.r > 1.5 / 150
    assert found.both[far] == pytest.approx(found.fraction**2, abs=4e-3)
    r, both = found.along[1]
    tile = r * 150  # distances in tiles: the covariance along an axis is φ(1 − φ)(1 − tile)
    phi = found.fraction
    assert both[tile < 1] == pytest.approx((phi**2 + phi * (1 - phi) * (1 - tile))[tile < 1], abs=4e-3)
    # mean over directions of (1 − x|cos|)(1 − x|sin|) = 1 − 4x/π + x²/π, which is 1/e at x = 0.5808
    assert found.correlation_length == pytest.approx(0.5808 / 150, rel=0.02)


def test_without_an_interface_there_is_nothing_to_measure() -> None:
    found = two_point(np.zeros((20, 20), dtype=np.int64), np.array([1.0, 1.0]), 1)[0]
    assert found.both == pytest.approx(1.0)
    assert found.interface_area == pytest.approx(0.0, abs=1e-12)
    assert found.correlation_length is None
