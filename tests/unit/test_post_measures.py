"""What is measured on fronts whose lengths, heights, tips and times are known."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from fem_model.base.arrays import Floats
from fem_model.post import Analysis, load_run
from fem_model.post.boundaries import find_boundaries
from fem_model.post.fronts import height_profile, lengths_near, sizes
from fem_model.post.grains import crossing_times, share_above_half
from fem_model.post.pieces import pieces
from fem_model.post.tips import Tip
from tests.unit.post_runs import (
    LAM,
    TIMES,
    Shape,
    cone,
    disc,
    finger,
    grid,
    plane,
    union,
    without,
    write_run,
)

Measured = Callable[..., Analysis]
PROMINENCE = 4.39 * LAM
"""Least prominence of a tip, µm."""


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    """`measured(shape, ..., **options)`: the analysis of a run with these shapes."""

    def make(*shapes: Shape, **options: object) -> Analysis:
        return Analysis(load_run(write_run(tmp_path / "run", shapes, **options)))  # type: ignore[arg-type]

    return make


def length(analysis: Analysis, attached: bool = True) -> float:
    return float(pieces(analysis.run.fronts[0], attached).size.sum())


def profile(analysis: Analysis, columns: int = 1000) -> Floats:
    return height_profile(analysis.attached[0], 0.0, 20.0, columns)


def places(tips: Sequence[Tip]) -> list[tuple[float, float]]:
    return sorted((round(tip.x, 2), round(tip.y, 2)) for tip in tips)


# Lengths


def test_a_plane_is_as_long_as_the_domain_is_wide(measured: Measured) -> None:
    analysis = measured(plane(7.3))
    assert length(analysis) == pytest.approx(20.0)
    within = sizes(analysis.attached[0], analysis.run.mesh.material, 2)
    assert dict(zip(analysis.run.names, within, strict=True)) == pytest.approx({"LPSC1.0": 10, "LGPS": 10})
    np.testing.assert_allclose(profile(analysis), 7.3)


@pytest.mark.parametrize("distance", [0.3, 0.5, 2.0])
def test_a_plane_is_near_the_seam_where_it_crosses_it(measured: Measured, distance: float) -> None:
    analysis = measured(plane(7.3))
    near = lengths_near(analysis.attached[0], analysis.run.mesh.boundaries, distance)
    assert near == pytest.approx({"LGPS|LPSC1.0": 2 * distance}, rel=0.03)


def test_a_half_disc_on_the_anode(measured: Measured) -> None:
    analysis = measured(disc(5, 0, 3), step=0.1)
    assert length(analysis) == pytest.approx(3 * np.pi, rel=1e-3)
    heights = profile(analysis)
    assert heights.mean() == pytest.approx(np.pi * 9 / 2 / 20, rel=2e-3)
    square = 2 * 9 * 3 * 2 / 3 / 20  # mean of r² − x²
    assert heights.std() == pytest.approx(np.sqrt(square - (np.pi * 9 / 40) ** 2), rel=2e-3)
    assert places(analysis.tips) == [(5.0, 3.0)]


def test_an_island_is_measured_apart(measured: Measured) -> None:
    analysis = measured(union(plane(4.0), disc(10, 15, 3)), step=0.1)
    assert length(analysis) == pytest.approx(20.0)
    assert length(analysis, attached=False) == pytest.approx(6 * np.pi, rel=1e-3)
    np.testing.assert_allclose(profile(analysis), 4.0)
    assert len(analysis.tips) == 1 and analysis.tips[0].y == pytest.approx(4.0)


def test_no_lithium_measures_nothing(measured: Measured) -> None:
    analysis = measured(plane(-5.0))
    assert length(analysis) == 0 and analysis.tips == []
    assert not profile(analysis).any() and not analysis.grain_shares.any()


# Heights


def test_roughness_of_a_wave_is_its_amplitude_over_root_two(measured: Measured) -> None:
    analysis = measured(lambda x, y: 6 + 2 * np.cos(2 * np.pi * x / 10) - y, step=0.1)
    heights = profile(analysis)
    assert heights.mean() == pytest.approx(6.0, abs=1e-3)
    assert heights.std() == pytest.approx(2 / np.sqrt(2), rel=2e-3)


def test_the_profile_takes_the_highest_point_over_each_place(measured: Measured) -> None:
    """A mushroom: its cap hides its stem and what is below; nothing stands beside it."""
    analysis = measured(union(finger(10, 12, half=2), disc(10, 12, 5)), step=0.25)
    x = (np.arange(200) + 0.5) * 0.1
    exact = np.where(abs(x - 10) < 5, 12 + np.sqrt(np.clip(25 - (x - 10) ** 2, 0, None)), 0.0)
    away_from_the_rim = abs(abs(x - 10) - 5) > 0.2
    np.testing.assert_allclose(profile(analysis, 200)[away_from_the_rim], exact[away_from_the_rim], atol=0.05)


# Tips


def test_two_fingers_have_two_tips(measured: Measured) -> None:
    analysis = measured(union(cone(5, 12, 4), cone(15, 9, 4)), step=0.25)
    assert places(analysis.tips) == [(5.0, 12.0), (15.0, 9.0)]
    assert [tip.prominence for tip in analysis.tips] == pytest.approx([12, 9])
    assert [analysis.run.names[analysis.run.mesh.material[tip.cell]] for tip in analysis.tips] == [
        "LPSC1.0",
        "LGPS",
    ]


@pytest.mark.parametrize(("excess", "count"), [(-0.2, 1), (0.2, 2)])
def test_a_tip_stands_out_by_the_width_of_the_front(measured: Measured, excess: float, count: int) -> None:
    """Two peaks with a saddle between them, the lower one just above or below the limit."""
    saddle = 5.0
    lower = saddle + PROMINENCE + excess
    analysis = measured(union(cone(5, 12, 2), cone(15, lower, 2), plane(saddle)), step=0.1)
    assert len(analysis.tips) == count
    assert analysis.tips[0].prominence == pytest.approx(12)
    if count == 2:
        assert analysis.tips[1].prominence == pytest.approx(lower - saddle, abs=0.02)


def test_the_highest_point_counts_however_low_it_is(measured: Measured) -> None:
    analysis = measured(plane(1.0))
    assert [(tip.y, tip.prominence) for tip in analysis.tips] == [pytest.approx((1.0, 1.0))]


def test_a_tip_may_stand_at_a_side(measured: Measured) -> None:
    analysis = measured(union(cone(0, 10, 2), cone(20, 8, 2), plane(1.0)), step=0.25)
    assert places(analysis.tips) == [(0.0, 10.0), (20.0, 8.0)]


def test_the_top_of_a_pore_is_no_tip(measured: Measured) -> None:
    """Neither that of a pore inside the lithium nor that of one on the anode."""
    pores = union(disc(5, 5, 3), disc(15, 0, 4))
    analysis = measured(without(plane(12.0), pores), step=0.25)
    assert length(analysis) == pytest.approx(20 + 6 * np.pi + 4 * np.pi, rel=2e-3)
    (tip,) = analysis.tips
    assert tip.y == pytest.approx(12.0)


def test_tips_are_followed_and_timed(measured: Measured) -> None:
    """One finger grows 2 µm and one 1 µm an output; a third comes later, and its neighbour is swallowed."""
    first, second, third = (lambda k: cone(4, 6 + 2 * k, 4), lambda k: cone(16, 5 + k, 4), cone(10, 6, 4))
    shapes = [union(first(0), second(0)), union(first(1), second(1), third), union(first(2), third)]
    analysis = measured(*shapes, step=0.25)
    by_number: dict[int, list[Tip]] = {}
    for tip in analysis.tips:
        by_number.setdefault(tip.number, []).append(tip)
    assert {n: [(t.output, round(t.x, 1)) for t in tips] for n, tips in by_number.items()} == {
        1: [(0, 4.0), (1, 4.0), (2, 4.0)],
        2: [(0, 16.0), (1, 16.0)],
        3: [(1, 10.0), (2, 10.0)],
    }
    seconds = TIMES[1] - TIMES[0]
    speeds = {n: [t.speed and t.speed * seconds for t in tips] for n, tips in by_number.items()}
    assert speeds[1] == [None, pytest.approx(2), pytest.approx(2)]
    assert speeds[2] == [None, pytest.approx(1)]
    assert speeds[3] == [None, pytest.approx(0, abs=1e-12)]


# Boundaries and grains


def quarters(x: Floats, y: Floats) -> Floats:
    """Four grains, two of each electrolyte."""
    return np.array(3.0 + (x > 10) + 2.0 * (y > 15))


def test_boundaries_are_named_by_what_they_part(measured: Measured) -> None:
    analysis = measured(plane(2.0), grain=quarters)
    found = find_boundaries(analysis.run.mesh)
    edge = np.hypot(*(found.corners[:, 1] - found.corners[:, 0]).T)
    sums = dict(zip(found.pairs, np.bincount(found.pair, edge), strict=True))
    assert sums == pytest.approx({"LGPS|LPSC1.0": 30, "LPSC1.0|LPSC1.0": 10, "LGPS|LGPS": 10})
    points = np.array([[9.6, 4.0], [4.0, 14.6], [14.0, 15.4], [9.4, 4.0], [9.7, 14.8]])
    names = [found.pairs[k] if k >= 0 else "" for k in found.near(points, 0.5)]
    assert names == ["LGPS|LPSC1.0", "LPSC1.0|LPSC1.0", "LGPS|LGPS", "", "LPSC1.0|LPSC1.0"]


def test_a_single_grain_has_no_boundaries(measured: Measured) -> None:
    analysis = measured(plane(2.0), grain=lambda x, y: np.ones_like(x))
    assert analysis.run.mesh.boundaries.pairs == ()
    assert lengths_near(analysis.attached[0], analysis.run.mesh.boundaries, 0.5) == {}


def test_grains_have_areas_centres_and_materials(measured: Measured) -> None:
    analysis = measured(plane(2.0), grain=quarters)
    grains = analysis.run.mesh.grains
    assert grains.number.tolist() == [3, 4, 5, 6]
    np.testing.assert_allclose(grains.size, 150.0)
    np.testing.assert_allclose(grains.centre, [[5, 7.5], [15, 7.5], [5, 22.5], [15, 22.5]])
    assert [analysis.run.names[k] for k in grains.material] == ["LPSC1.0", "LGPS"] * 2


def test_shares_of_grains_are_areas_inside_the_contour(measured: Measured) -> None:
    """A plane between rows of nodes is exact; lithium that is cut off counts."""
    analysis = measured(plane(6.3), union(plane(6.3), disc(15, 22, 4)), grain=quarters, step=0.25)
    np.testing.assert_allclose(analysis.grain_shares[0], [0.42, 0.42, 0, 0], atol=1e-12)
    assert analysis.grain_shares[1] == pytest.approx([0.42, 0.42, 0, np.pi * 16 / 150], rel=5e-3)


def test_the_share_of_a_triangle_above_one_half() -> None:
    corners = np.array(
        [[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 1], [1, 0.25, 0], [0.5, 0.5, 0.5], [0.5, 0, 0]]
    )
    expected = [1, 0, 0.25, 0.75, 0.5 / 0.75 * 0.5, 1, 0]
    for turn in range(3):
        np.testing.assert_allclose(share_above_half(np.roll(corners, turn, axis=1)), expected, atol=1e-15)


def test_the_area_inside_a_circle_converges() -> None:
    points, cells = grid(10, 10, 0.1)
    xi = 0.5 + (3 - np.hypot(*(points - 5).T)) / 2
    area = 0.005 * share_above_half(xi[cells]).sum()
    assert area == pytest.approx(9 * np.pi, rel=1e-3)


def test_crossing_times_lie_between_outputs() -> None:
    times = np.array([0.0, 10.0, 20.0])
    shares = np.array([[0.3, 0.0, 0.0, 0.0], [0.5, 0.02, 0.0, 0.0], [0.7, 1.0, 0.5, 0.005]])
    np.testing.assert_allclose(crossing_times(times, shares, 0.01), [0.0, 5.0, 10.2, np.nan])
    np.testing.assert_allclose(
        crossing_times(times, shares, 0.5), [10.0, 10 + 10 * 0.48 / 0.98, 20.0, np.nan]
    )


def test_a_front_that_passes_stacked_bands(measured: Measured) -> None:
    """6 µm an output through bands of 15 µm: the times follow from the height alone."""
    analysis = measured(*(plane(6.0 * k + 0.1) for k in range(5)), bands="horizontal")
    reached = crossing_times(analysis.run.times, analysis.grain_shares, 0.5)
    rate = 6.0 / (TIMES[1] - TIMES[0])
    assert reached[0] == pytest.approx((7.5 - 0.1) / rate)
    assert reached[1] == pytest.approx((22.5 - 0.1) / rate)


def test_areas_fill_the_domain(measured: Measured) -> None:
    assert measured(plane(2.0)).run.mesh.sizes.sum() == pytest.approx(600.0)
