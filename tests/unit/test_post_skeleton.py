"""The skeleton of lithium in 2D: ways whose lengths are known, and where arms part."""

from collections.abc import Callable
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import pytest

from fem_model.post import Analysis, load_run
from fem_model.post.skeleton import Skeleton
from tests.unit.post_runs import cone, plane, track, union, write_run

Sketched = Callable[..., Analysis]
STEM = ((10.0, -3.0), (10.0, 6.0))


@pytest.fixture
def sketched(tmp_path: Path) -> Sketched:
    """`sketched(shape)`: the analysis of a run with this lithium at its only output."""
    numbers = count()
    return lambda shape: Analysis(load_run(write_run(tmp_path / str(next(numbers)), [shape])))


def leaves(skeleton: Skeleton) -> list[tuple[float, ...]]:
    """The points on which no other hangs, in order."""
    free = np.setdiff1d(np.arange(len(skeleton.points)), skeleton.edges[:, 0])
    return sorted(tuple(point) for point in skeleton.points[free].tolist())


@pytest.mark.parametrize(
    "corners",
    [
        ((10.0, -3.0), (10.0, 20.0)),
        ((4.0, 0.0), (14.0, 24.0)),
        ((5.0, -3.0), (5.0, 8.0), (15.0, 8.0), (15.0, 20.0)),
        ((3.0, -3.0), (3.0, 6.0), (16.0, 10.0), (9.0, 22.0)),
    ],
)
def test_the_way_is_that_along_the_filament(
    sketched: Sketched, corners: tuple[tuple[float, float], ...]
) -> None:
    """From the anode to the highest point; each bend is cut short by less than the width of the filament."""
    half = 1.0
    analysis = sketched(track(*corners, half=half))
    [tip] = analysis.tips
    axis = sum(float(np.linalg.norm(np.subtract(b, a))) for a, b in pairwise(corners)) + min(corners[0][1], 0)
    bends = len(corners) - 2
    skeleton = analysis.skeletons[0]
    way = float(skeleton.way[skeleton.tips[0]])
    assert 0.97 * (axis + half) - 2 * half * bends < way < 1.03 * (axis + half)
    assert skeleton.tortuosities()[0] == pytest.approx(way / tip.y)
    assert skeleton.branchings == 0


@pytest.mark.parametrize("aside", [(18.0, 6.0), (18.0, 3.0)])
def test_an_arm_that_points_anywhere_is_a_branch(sketched: Sketched, aside: tuple[float, float]) -> None:
    """The stem goes on up; the arm has no tip where it points aside or down."""
    skeleton = sketched(union(track(*STEM, (10, 20)), track((10, 6), aside))).skeletons[0]
    assert skeleton.branchings == 1
    arm, tip = leaves(skeleton)[::-1]
    assert tip == pytest.approx((10, 21.5), abs=0.6)
    along = np.subtract(aside, STEM[1])
    assert arm == pytest.approx(aside + 1.5 * along / np.linalg.norm(along), abs=0.8)


def test_two_arms_that_have_met_have_no_end(sketched: Sketched) -> None:
    """A stem parts to both sides of a grain; the longer arm has an end until it meets the other one."""
    left = track((4, -3), (4, 24))
    for gap, branchings in ((5, 1), (0, 0)):
        right = track((4, 5), (17, 5), (17, 18), (4 + gap, 18))
        skeleton = sketched(union(left, right)).skeletons[0]
        assert skeleton.branchings == branchings
        near = [leaf for leaf in leaves(skeleton) if np.hypot(leaf[0] - 8, leaf[1] - 18) < 2]
        assert len(near) == branchings


def test_lithium_without_a_shape_of_its_own_has_no_branches(sketched: Sketched) -> None:
    for shape in (plane(9.3), plane(0.4), cone(10, 8, 1.0)):
        skeleton = sketched(shape).skeletons[0]
        assert skeleton.branchings == 0 and len(skeleton.tips) == 1
    assert len(sketched(plane(-5.0)).skeletons[0].points) == 0
