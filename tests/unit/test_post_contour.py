"""The front as lines: lengths, heights, loops, and what is connected to the anode."""

import numpy as np
import pytest

from fem_model.base.arrays import Floats, Ints
from fem_model.post.contour import FrontLine, find_front


def grid(nx: int, ny: int, width: float = 1.0, depth: float = 1.0) -> tuple[Floats, Ints]:
    """A rectangle of triangles, the lower left halves clockwise, the others not."""
    x, y = np.meshgrid(np.linspace(0, width, nx + 1), np.linspace(0, depth, ny + 1))
    corner = (np.arange(ny)[:, None] * (nx + 1) + np.arange(nx)).ravel()
    right, up, across = corner + 1, corner + nx + 1, corner + nx + 2
    cells = np.concatenate([np.stack([corner, up, right], axis=1), np.stack([right, across, up], axis=1)])
    return np.stack([x.ravel(), y.ravel()], axis=1), cells


def length(line: FrontLine) -> float:
    return float(np.linalg.norm(np.diff(line.points, axis=0), axis=1).sum())


def lithium_on_the_left(line: FrontLine, value: Floats, where: Floats) -> bool:
    """Whether a step to the left of the middle of each piece goes to the nearest node with ξ ≥ ½."""
    a, b = line.points[:-1], line.points[1:]
    turned = (b - a)[:, ::-1] * [-1, 1]
    probe = (a + b) / 2 + 0.05 * turned / np.linalg.norm(turned, axis=1)[:, None]
    nearest = np.linalg.norm(probe[:, None] - where, axis=2).argmin(axis=1)
    return bool((value[nearest] >= 0.5).all())


@pytest.mark.parametrize("height", [0.31, 0.5])
def test_a_plane_is_one_straight_line(height: float) -> None:
    """0.5 puts a whole row of nodes at exactly ξ = ½."""
    points, cells = grid(7, 10)
    xi = 0.5 + height - points[:, 1]
    (line,) = find_front(points, cells, xi)
    assert line.attached
    assert length(line) == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(line.points[:, 1], height, atol=1e-12)
    assert lithium_on_the_left(line, xi, points)


def test_a_circle_is_one_loop_cut_off_from_the_anode() -> None:
    points, cells = grid(100, 100)
    xi = 0.5 + 0.3 - np.linalg.norm(points - 0.5, axis=1)
    (line,) = find_front(points, cells, xi)
    assert not line.attached
    np.testing.assert_array_equal(line.points[0], line.points[-1])
    assert length(line) == pytest.approx(2 * np.pi * 0.3, rel=1e-3)
    np.testing.assert_allclose(np.linalg.norm(line.points - 0.5, axis=1), 0.3, atol=1e-3)
    assert lithium_on_the_left(line, xi, points)


def test_two_fingers_and_an_island() -> None:
    points, cells = grid(60, 60, 6.0, 6.0)
    x, y = points.T
    fingers = np.maximum(0.5 - abs(x - 1.5), 0.5 - abs(x - 4.5))
    fingers = np.minimum(fingers, np.where(x < 3, 2.0, 4.0) - y)
    island = 0.7 - np.hypot(x - 3, y - 5)
    front = find_front(points, cells, 0.5 + np.maximum(fingers, island))
    heights = sorted(line.points[:, 1].max() for line in front if line.attached)
    assert heights == pytest.approx([2.0, 4.0], abs=1e-12)
    assert [line.points[:, 1].max() for line in front if not line.attached] == pytest.approx([5.7], abs=0.01)


def test_fingers_that_touch_are_one_line() -> None:
    points, cells = grid(40, 40)
    x, y = points.T
    xi = 0.5 + np.maximum(0.35 - np.hypot(x - 0.3, y), 0.35 - np.hypot(x - 0.7, y))
    (line,) = find_front(points, cells, xi)
    assert line.attached
    assert sorted(line.points[[0, -1], 0]) == pytest.approx([0.0, 1.0])


def test_a_plateau_at_exactly_one_half_belongs_to_the_lithium() -> None:
    points, cells = grid(10, 10)
    xi = np.where(points[:, 1] < 0.25, 1.0, np.where(points[:, 1] < 0.55, 0.5, 0.0))
    (line,) = find_front(points, cells, xi)
    np.testing.assert_allclose(line.points[:, 1], 0.5, atol=1e-12)


def test_a_single_node_at_exactly_one_half_is_no_line() -> None:
    points, cells = grid(4, 4)
    xi = np.zeros(len(points))
    xi[12] = 0.5
    assert find_front(points, cells, xi) == ()


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_uniform_field_has_no_front(value: float) -> None:
    points, cells = grid(3, 3)
    assert find_front(points, cells, np.full(len(points), value)) == ()


def test_noise_leaves_loops_and_lines_that_end_on_the_edge() -> None:
    """Every cut edge is on exactly one line, whatever the field."""
    points, cells = grid(30, 20)
    xi = np.random.default_rng(1).choice(np.array([0.2, 0.5, 0.9]), len(points))
    front = find_front(points, cells, xi)
    assert len(front) > 10
    for line in front:
        ends = line.points[[0, -1]]
        on_the_edge = ((ends == 0) | (ends == 1)).any(axis=1).all()
        assert on_the_edge or (ends[0] == ends[1]).all()
