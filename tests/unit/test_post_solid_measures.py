"""What is measured on fronts in 3D whose areas, heights, tips, pieces and skeletons are known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fem_model.base.arrays import Floats
from fem_model.post import Analysis, load_run
from fem_model.post.division import divide_triangles
from fem_model.post.grains import crossing_times, share_above_half
from fem_model.post.pieces import Pieces
from fem_model.post.skeleton import find_skeleton
from fem_model.post.surface import find_surface
from fem_model.post.surface_measures import areas_near, height_map
from tests.unit.post_runs import LAM, TIMES
from tests.unit.post_runs_3d import (
    SIZE,
    Solid,
    ball,
    both,
    box_grid,
    eighths,
    less,
    level,
    make_solid_run,
    needle,
    pyramid,
    rod,
    write_solid_run,
)

Measured = Callable[..., Analysis]
WIDTH, BREADTH, DEPTH = SIZE


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    """`measured(shape, ..., **options)`: the analysis of a run with these shapes."""

    def make(*shapes: Solid, **options: object) -> Analysis:
        folder = write_solid_run(tmp_path / "run", shapes, **options)  # type: ignore[arg-type]
        return Analysis(load_run(folder))

    return make


def area(analysis: Analysis, attached: bool = True) -> float:
    return float(analysis.run.surfaces[0].pieces(attached).size.sum())


def heights(analysis: Analysis) -> Floats:
    return analysis.heights(0)


def places(analysis: Analysis) -> list[tuple[float, ...]]:
    return sorted(tuple(round(c, 1) for c in tip.point) for tip in analysis.tips)


# The surface itself


@pytest.mark.parametrize("height", [7.3, 7.5])
def test_a_plane_has_the_area_of_the_anode(measured: Measured, height: float) -> None:
    """7.5 puts a whole plane of nodes at exactly ξ = ½."""
    analysis = measured(level(height))
    assert area(analysis) == pytest.approx(WIDTH * BREADTH)
    assert heights(analysis) == pytest.approx(np.full((150, 150), height))
    surface = analysis.run.surfaces[0]
    assert (surface.count(attached=True), surface.count(attached=False)) == (1, 0)
    (tip,) = analysis.tips
    assert tip.height == tip.prominence == pytest.approx(height)


def test_a_sphere_has_its_area_and_its_volume(measured: Measured) -> None:
    analysis = measured(ball(6, 5, 7, 3), step=0.25)
    assert area(analysis, attached=False) == pytest.approx(4 * np.pi * 9, rel=1e-2)
    assert area(analysis) == 0
    grains = analysis.run.mesh.grains
    volume = (analysis.grain_shares[0] * grains.size).sum()
    assert volume == pytest.approx(4 / 3 * np.pi * 27, rel=1e-2)
    assert analysis.grain_shares[0, 0] == pytest.approx(analysis.grain_shares[0, 1], rel=1e-2)


def test_normals_point_out_of_the_lithium_and_triangles_lie_in_their_cells() -> None:
    points, cells = box_grid((4.0, 4.0, 4.0), 0.5)
    centre = np.array([2.0, 2.0, 2.0])
    surface = find_surface(points, cells, 0.5 + (1.4 - np.linalg.norm(points - centre, axis=1)) / 2)
    corners = surface.points[surface.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    middles = corners.mean(axis=1)
    assert ((normals * (middles - centre)).sum(axis=1) > 0).all()
    box = points[cells[surface.cell]]
    assert (middles >= box.min(axis=1) - 1e-9).all() and (middles <= box.max(axis=1) + 1e-9).all()
    edges = np.sort(surface.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all(), "the surface is closed"


def test_noise_leaves_closed_surfaces_that_end_at_the_box() -> None:
    points, cells = box_grid((3.0, 3.0, 3.0), 0.5)
    xi = np.random.default_rng(1).choice(np.array([0.2, 0.5, 0.9]), len(points))
    surface = find_surface(points, cells, xi)
    edges = np.sort(surface.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    found, count = np.unique(edges, axis=0, return_counts=True)
    open_ends = surface.points[found[count % 2 == 1]]
    walls = (open_ends == 0) | (open_ends == 3)
    assert (walls[:, 0] & walls[:, 1]).any(axis=1).all()


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_uniform_field_has_no_front(value: float) -> None:
    points, cells = box_grid((1.0, 1.0, 1.0), 0.5)
    assert len(find_surface(points, cells, np.full(len(points), value)).triangles) == 0


def test_the_share_of_a_tetrahedron_above_one_half() -> None:
    """Against the formula for all values different, Σ (v_i − ½)³/Π (v_i − v_j) over those above."""
    corners = np.random.default_rng(2).random((200, 4))
    exact = [
        sum((v - 0.5) ** 3 / np.prod(v - np.delete(row, i)) for i, v in enumerate(row) if v > 0.5)
        for row in corners
    ]
    np.testing.assert_allclose(share_above_half(corners), exact, atol=1e-9)
    special = np.array([[1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 1], [1, 1, 0, 0], [0.5] * 4])
    np.testing.assert_allclose(share_above_half(special), [1, 0, 1 / 8, 7 / 8, 1 / 2, 1])


# Measures


def test_two_fingers_and_an_island(measured: Measured) -> None:
    """Rods of radius 2 with flat tops, and a ball above them that does not hang on the anode."""
    analysis = measured(both(rod(3, 5, 9), rod(9, 5, 6), ball(6, 5, 11.5, 1.8)), step=0.25)
    surface = analysis.run.surfaces[0]
    assert (surface.count(attached=True), surface.count(attached=False)) == (2, 1)
    assert area(analysis, attached=False) == pytest.approx(4 * np.pi * 1.8**2, rel=2e-2)
    assert area(analysis) == pytest.approx(2 * np.pi * 4 + 2 * np.pi * 2 * (9 + 6), rel=2e-2)
    assert [round(tip.height, 2) for tip in analysis.tips] == [9, 6]
    assert [tip.prominence for tip in analysis.tips] == pytest.approx([9, 6])
    assert [analysis.material_of(tip) for tip in analysis.tips] == ["LPSC1.0", "LGPS"]
    mean = np.pi * 4 * (9 + 6) / (WIDTH * BREADTH)
    assert heights(analysis).mean() == pytest.approx(mean, rel=2e-2)
    square = np.pi * 4 * (81 + 36) / (WIDTH * BREADTH)
    assert heights(analysis).std() == pytest.approx(np.sqrt(square - mean**2), rel=2e-2)


@pytest.mark.parametrize(("excess", "count"), [(-0.25, 1), (0.25, 2)])
def test_a_tip_stands_out_by_the_width_of_the_front(measured: Measured, excess: float, count: int) -> None:
    saddle = 3.0
    lower = saddle + 4.39 * LAM + excess
    hills = both(pyramid(3, 5, 9, 2), pyramid(9, 5, lower, 2), level(saddle))
    analysis = measured(hills, step=0.25)
    assert len(analysis.tips) == count
    assert places(analysis)[0] == (3.0, 5.0, 9.0)
    if count == 2:
        assert analysis.tips[1].prominence == pytest.approx(lower - saddle, abs=0.05)


def test_the_top_of_a_pore_is_no_tip(measured: Measured) -> None:
    analysis = measured(less(level(12.0), both(ball(6, 5, 6, 2.5), ball(3, 5, 0, 2.5))), step=0.25)
    (tip,) = analysis.tips
    assert tip.height == pytest.approx(12.0)
    assert area(analysis) == pytest.approx(WIDTH * BREADTH + 6 * np.pi * 2.5**2, rel=2e-2)


def test_tips_are_followed_and_timed(tmp_path: Path) -> None:
    analysis = Analysis(load_run(make_solid_run(tmp_path / "run")))
    found = {n: [t for t in analysis.tips if t.number == n] for n in (1, 2)}
    assert [round(tip.height) for tip in found[1]] == [3, 5, 7, 9]
    assert [round(tip.height) for tip in found[2]] == [3, 4, 5, 6]
    speeds = [tip.speed and tip.speed * (TIMES[1] - TIMES[0]) for tip in found[1]]
    assert speeds == [None, *[pytest.approx(2)] * 3]


@pytest.mark.parametrize("distance", [0.3, 0.5, 1.2])
def test_a_plane_is_near_the_seam_where_it_crosses_it(measured: Measured, distance: float) -> None:
    analysis = measured(level(7.3))
    near = areas_near(analysis.attached[0], analysis.run.mesh.boundaries, distance)
    assert near == pytest.approx({"LGPS|LPSC1.0": 2 * distance * BREADTH}, rel=0.02)


def test_grains_have_volumes_centres_and_boundaries(measured: Measured) -> None:
    analysis = measured(level(3.5), grain=eighths)
    grains = analysis.run.mesh.grains
    np.testing.assert_allclose(grains.size, WIDTH * BREADTH * DEPTH / 8)
    np.testing.assert_allclose(grains.centre[0], [3, 2.5, 3.5])
    np.testing.assert_allclose(analysis.grain_shares[0], [0.5] * 4 + [0.0] * 4, atol=1e-12)
    found = analysis.run.mesh.boundaries
    sides = found.corners[:, 1:] - found.corners[:, :1]
    areas = np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1) / 2
    sums = dict(zip(found.pairs, np.bincount(found.pair, areas), strict=True))
    along, flat = WIDTH * DEPTH / 2, WIDTH * BREADTH / 2
    same = pytest.approx(along + flat)
    assert sums == {
        "LGPS|LPSC1.0": pytest.approx(BREADTH * DEPTH),
        "LPSC1.0|LPSC1.0": same,
        "LGPS|LGPS": same,
    }


def test_a_front_passes_grains_at_known_times(measured: Measured) -> None:
    """3 µm an output, through grains of 7 µm."""
    analysis = measured(*(level(3.0 * k + 0.1) for k in range(5)), grain=eighths)
    reached = crossing_times(analysis.run.times, analysis.grain_shares, 0.5)
    rate = 3.0 / (TIMES[1] - TIMES[0])
    assert reached[0] == pytest.approx((3.5 - 0.1) / rate)
    assert reached[4] == pytest.approx((10.5 - 0.1) / rate)


def test_volumes_fill_the_domain(measured: Measured) -> None:
    assert measured(level(2.0)).run.mesh.sizes.sum() == pytest.approx(WIDTH * BREADTH * DEPTH)


def test_no_lithium_measures_nothing(measured: Measured) -> None:
    analysis = measured(level(-5.0))
    assert area(analysis) == 0 and analysis.tips == [] and analysis.skeletons[0].lengths.sum() == 0
    assert not heights(analysis).any() and not analysis.grain_shares.any()
    assert analysis.near_boundaries(0) == {"LGPS|LPSC1.0": 0.0}


def test_a_steep_wall_counts_in_the_heights_by_what_it_covers() -> None:
    corners = np.array([[[0.0, 0, 2], [4, 0, 2], [0, 4, 2]], [[1.0, 1, 0], [1, 1, 5], [1, 3, 5]]])
    found = height_map(Pieces(corners, np.zeros(2, dtype=np.int64)), np.zeros(3), np.array([4.0, 4, 9]), 40)
    assert found.max() == 2.0
    assert (found > 0).mean() == pytest.approx(0.5, abs=0.03)


def test_the_parts_of_triangles_are_small_and_fill_them() -> None:
    corners = np.random.default_rng(3).random((5, 3, 3)) * np.arange(1, 6)[:, None, None]
    middles, whose = divide_triangles(corners, 0.3)
    for k in range(5):
        own = middles[whose == k]
        np.testing.assert_allclose(own.mean(axis=0), corners[k].mean(axis=0), atol=1e-12)
        longest = np.linalg.norm(corners[k] - np.roll(corners[k], 1, axis=0), axis=1).max()
        assert len(own) == np.ceil(longest / 0.3) ** 2


# Skeletons


@pytest.mark.parametrize("step", [0.5, 0.35])
def test_the_skeleton_of_a_straight_needle_is_straight(measured: Measured, step: float) -> None:
    analysis = measured(needle((6, 5, 0), (6, 5, 9.5)), step=step)
    (tortuosity,) = analysis.skeletons[0].tortuosities()
    assert 1.0 <= tortuosity < 1.01
    assert analysis.skeletons[0].branchings == 0


def test_the_skeleton_follows_a_leaning_needle(measured: Measured) -> None:
    """Its highest point lies above the end of its axis, by the radius."""
    analysis = measured(needle((2, 5, 0), (9, 5, 10.5)))
    skeleton = analysis.skeletons[0]
    way = skeleton.points[(skeleton.points[:, 2] > 2) & (skeleton.points[:, 2] < 9)]
    np.testing.assert_allclose(way[:, 0], 2 + 7 / 10.5 * way[:, 2], atol=0.4)
    np.testing.assert_allclose(way[:, 1], 5, atol=0.2)
    exact = (np.hypot(7, 10.5) + 1.5) / 12
    assert skeleton.tortuosities()[0] == pytest.approx(exact, rel=0.03)


def test_a_crooked_needle_has_its_tortuosity(measured: Measured) -> None:
    """4 µm up, 6 aside, 6 up; bends are cut short by up to the radius on both sides of each."""
    analysis = measured(needle((3, 5, 0), (3, 5, 5), (9, 5, 5), (9, 5, 10.5)))
    tip = analysis.tips[0]
    assert tip.height == pytest.approx(12, abs=0.1) and tip.x == pytest.approx(9, abs=0.3)
    way = analysis.skeletons[0].way[analysis.skeletons[0].tips[0]]
    sharp = 5 + 6 + 7
    assert sharp - 2 * 2 * (2 - np.sqrt(2)) * 1.5 < way < sharp


def test_branches_meet_in_the_skeleton(measured: Measured) -> None:
    """A stem of 5 µm that forks: the ways to both tips share it."""
    arms = (needle((6, 5, 0), (6, 5, 5), (side, 5, 11), radius=1.2) for side in (3, 9))
    analysis = measured(both(*arms))
    tips, skeleton = analysis.tips, analysis.skeletons[0]
    assert len(tips) == 2 and skeleton.branchings == 1
    (crossing,) = np.flatnonzero(np.bincount(skeleton.edges[:, 0]) > 1)
    assert skeleton.points[crossing] == pytest.approx(np.array([6, 5, 5.5]), abs=0.8)
    arm = np.hypot(3, 6) + 1.2
    assert skeleton.way[skeleton.tips] == pytest.approx(np.full(2, 5 + arm), rel=0.04)
    assert skeleton.lengths.sum() == pytest.approx(5 + 2 * arm, rel=0.06)


def test_a_skeleton_needs_tips(measured: Measured) -> None:
    run = measured(level(3.0)).run
    assert len(find_skeleton(run, 0, []).points) == 0
