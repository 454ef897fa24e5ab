"""Nets between the regions of an image: they conform, are smooth, keep volumes, and do not cross."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from fem_model.microstructure import Microstructure, Surfaces
from fem_model.microstructure.images import UnfitLabel, from_image
from fem_model.microstructure.surface_net import WALL, surface_net
from fem_model.microstructure.triangles import crossing, halved_or_fanned
from fem_model.microstructure.voxels import Voxels

RANDOM = np.random.default_rng(5)
NOISE = {dim: RANDOM.integers(0, 3, (9,) * dim) for dim in (2, 3)}  # as rough as an image can be


def ball(voxels: int, radius: float, dim: int, centre: float = 0.5) -> Any:
    """1 within a ball around `centre` (shares of the image, as is the radius), else 0."""
    places = np.meshgrid(*[(np.arange(voxels) + 0.5) / voxels - centre] * dim, indexing="ij")
    return (sum(x * x for x in places) < radius**2).astype(int)


def regions(labels: Any, step: float = 1.0, smoothing: float = 1.0) -> Any:
    image = Voxels(labels, np.ones(labels.ndim))
    return from_image(image, [(int(v), f"M{v}") for v in np.unique(labels)], step, smoothing)


def volumes(found: Microstructure | Surfaces) -> dict[str, float]:
    """Volume or area by material."""
    total: Counter[str] = Counter()
    if isinstance(found, Surfaces):
        pairs = zip(found.materials, found.volumes().tolist(), strict=True)
    else:
        pairs = zip((region.material for region in found.regions), found.areas(), strict=True)
    for material, volume in pairs:
        total[material] += volume
    return dict(total)


def boundary(found: Surfaces) -> Any:
    """Points on boundaries between two regions."""
    return found.points[np.unique(found.triangles[(found.beside >= 0).all(axis=1)])]


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("smoothing", [0.5, 1.0])
def test_every_label_has_the_volume_of_its_voxels(dim: int, smoothing: float) -> None:
    found = volumes(regions(NOISE[dim], smoothing=smoothing))
    for value in range(3):
        assert found[f"M{value}"] == pytest.approx(np.count_nonzero(NOISE[dim] == value), rel=1e-9)


def test_each_edge_of_a_surface_belongs_to_closed_boundaries() -> None:
    """Around an edge, the triangles that bound one region come in pairs."""
    found = regions(NOISE[3])
    for region in range(len(found.materials)):
        own = found.triangles[(found.beside == region).any(axis=1)]
        edges = np.sort(np.concatenate([own[:, [0, 1]], own[:, [1, 2]], own[:, [2, 0]]]), axis=1)
        _, count = np.unique(edges, axis=0, return_counts=True)
        assert (count % 2 == 0).all()


@pytest.mark.parametrize("smoothing", [0.5, 1.0])
def test_triangles_do_not_cross_even_in_noise(smoothing: float) -> None:
    found = regions(NOISE[3], smoothing=smoothing)
    assert len(crossing(found.points, found.triangles, len(found.points))) == 0


@pytest.mark.parametrize("seed", [1, 13, 32])
def test_segments_do_not_cross_even_in_noise(seed: int) -> None:
    """In these images they would, if no limit were set to the motion that restores the volumes."""
    found = regions(np.random.default_rng(seed).integers(0, 3, (20, 20)))
    ends = found.points[np.array(list(found.edge_names))]
    (a, b), (c, d) = ends[:, None].transpose(2, 0, 1, 3), ends[None].transpose(2, 0, 1, 3)
    apart = (side_of(a, b, c) * side_of(a, b, d) < 0) & (side_of(c, d, a) * side_of(c, d, b) < 0)
    assert not apart.any()


def side_of(a: Any, b: Any, c: Any) -> Any:
    """1 where c lies on the left of the line from a to b, -1 on its right."""
    (x, y), (u, v) = np.moveaxis(b - a, -1, 0), np.moveaxis(c - a, -1, 0)
    return np.sign(x * v - y * u)


def test_fans_do_not_cross_wherever_the_points_lie_in_their_cubes() -> None:
    fields = (NOISE[3] == np.arange(3)[:, None, None, None]).astype(float)
    net = surface_net(fields)
    inside = (net.points > 0.0) & (net.points < 9.0)
    points = np.where(inside, np.rint(net.points) + RANDOM.uniform(-0.45, 0.45, net.points.shape), net.points)
    everywhere = np.ones(len(net.facets), dtype=bool)
    halved, triangles, _ = halved_or_fanned(points, net.facets, ~everywhere)
    assert len(crossing(halved, triangles, len(points))) > 0  # the test sees what it looks for
    fanned, triangles, _ = halved_or_fanned(points, net.facets, everywhere)
    assert len(crossing(fanned, triangles, len(points))) == 0


def test_crossing_triangles_are_found_only_where_they_pierce() -> None:
    points = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [1, 0.5, -1], [1, 0.5, 1], [1, 0.5, 3]], dtype=float)
    assert set(crossing(points, np.array([[0, 1, 2], [0, 3, 4]]), 6)) == {0, 1}
    assert len(crossing(points, np.array([[0, 1, 2], [0, 4, 5]]), 6)) == 0


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_flat_boundary_is_flat(axis: int) -> None:
    labels = (np.indices((10, 9, 8))[axis] >= 4).astype(int)
    place = boundary(regions(labels))[:, axis]
    assert np.abs(place - 4.0).max() < 1e-6


def test_a_tilted_boundary_has_no_stairs() -> None:
    """Voxels miss a plane by up to 0.87, in the mean by 0.4; the boundary does by a seventh of that."""
    normal = np.array([1.0, 0.37, 0.61]) / np.linalg.norm([1.0, 0.37, 0.61])
    offset = 10.0 * normal.sum()
    labels = ((np.indices((20, 20, 20)) + 0.5).T @ normal > offset).T.astype(int)
    points = boundary(regions(labels))
    inner = points[((points > 3) & (points < 17)).all(axis=1)]
    assert np.sqrt(np.mean((inner @ normal - offset) ** 2)) < 0.07


def test_a_ball_is_round() -> None:
    found = regions(ball(24, 0.3, 3))
    assert np.linalg.norm(boundary(found) - 12.0, axis=1).std() < 0.1


def test_boundaries_meet_walls_at_right_angles() -> None:
    """The boundary of the eighth of a ball in a corner, where it meets x = 0."""
    found = regions(ball(16, 0.6, 3, centre=0.0))
    corners = found.points[found.triangles[(found.beside >= 0).all(axis=1)]]
    at_wall = corners[(corners[:, :, 0] == 0.0).sum(axis=1) == 2]
    normal = np.cross(at_wall[:, 1] - at_wall[:, 0], at_wall[:, 2] - at_wall[:, 0])
    tilt = np.degrees(np.arcsin(normal[:, 0] / np.linalg.norm(normal, axis=1)))
    assert len(tilt) > 10
    assert abs(tilt.mean()) == pytest.approx(
        np.degrees(0.5 / 9.6), abs=2.0
    )  # that of the ball, half a cell off


def test_an_island_is_a_hole_in_what_surrounds_it() -> None:
    found = regions(ball(20, 0.25, 2))
    matrix, disc = found.regions
    assert len(matrix.holes) == 1
    assert set(matrix.holes[0]) == set(disc.polygon)
    assert not disc.holes


def test_a_checkerboard_keeps_its_corners() -> None:
    i, j = np.indices((12, 12))
    found = regions((i // 6 + j // 6) % 2)
    assert len(found.regions) == 4
    assert found.areas() == pytest.approx([36.0] * 4, rel=1e-9)
    middle = np.abs(found.points - 6.0).max(axis=1)
    assert middle.min() < 1e-9  # the point where four tiles meet


def test_three_labels_meet_in_a_line() -> None:
    x, y, _ = np.indices((12, 12, 12))
    found = regions(np.where(x < 6, 0, np.where(y < 6, 1, 2)))
    beside, _, patch = found.patches
    sets: list[set[int]] = [set() for _ in found.points]
    for corners, pair in zip(found.triangles.tolist(), beside[patch].tolist(), strict=True):
        for corner in corners:
            sets[corner] |= set(pair) - {WALL}
    line = found.points[[len(beside) == 3 for beside in sets]]
    assert len(line) >= 12
    assert np.abs(line[:, :2] - 6.0).max() < 0.3


def test_parts_of_a_label_are_grains_of_their_own() -> None:
    labels = np.zeros((16, 16, 16), dtype=int)
    labels[2:6, 2:6, 2:6] = labels[10:14, 10:14, 10:14] = 1
    assert sorted(regions(labels).materials) == ["M0", "M1", "M1"]


def test_what_is_too_thin_for_the_lattice_is_named() -> None:
    labels = np.zeros((24, 24), dtype=int)
    labels[10] = 7
    with pytest.raises(UnfitLabel, match="label 7"):
        regions(labels, step=4.0)


def test_voxels_that_are_lost_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    """Three specks, and of a rod on a ball all but what is near the ball; the ball itself loses nothing."""
    labels = ball(24, 0.3, 3)
    regions(labels)
    assert not caplog.messages
    labels[2::8, 2, 2] = 1
    labels[18:, 12, 12] = 1
    regions(labels, smoothing=0.5)
    assert not caplog.messages
    regions(labels)
    [told] = caplog.messages
    assert "of label 1" in told and f"7 of {labels.sum()} ({7 / labels.sum():.2%})" in told


@pytest.mark.filterwarnings("error")
def test_what_is_too_rough_for_the_lattice_is_named() -> None:
    """Columns of one voxel are a uniform grey on a lattice of two."""
    with pytest.raises(UnfitLabel, match=r"label [01] is"):
        regions(np.indices((40, 40))[1] % 2, step=2.0)


def test_edges_are_halved_where_asked_and_nothing_moves() -> None:
    found = regions(ball(12, 0.3, 3))
    fine = found.refined(lambda points: np.where(points[:, 2] < 4.0, 0.5, 10.0))
    edges = fine.points[fine.triangles] - fine.points[np.roll(fine.triangles, 1, axis=1)]
    low = fine.points[fine.triangles][:, :, 2].max(axis=1) < 4.0
    assert np.linalg.norm(edges[low], axis=2).max() <= 0.5
    assert np.linalg.norm(edges, axis=2).max() > 1.0
    assert fine.volumes() == pytest.approx(found.volumes(), rel=1e-12)
    assert len(fine.triangles) > 2 * len(found.triangles)


def test_voxels_need_not_be_cubes() -> None:
    places = np.meshgrid(*[np.arange(size / 2, 24, size) - 12.0 for size in (1.0, 1.0, 2.0)], indexing="ij")
    image = Voxels((sum(x * x for x in places) < 7.2**2).astype(int), np.array([1.0, 1.0, 2.0]))
    found = from_image(image, [(0, "A"), (1, "B")], 1.0, 1.0)
    assert isinstance(found, Surfaces)
    assert found.extent == (24.0, 24.0, 24.0)
    radius = np.linalg.norm(boundary(found) - 12.0, axis=1)
    assert radius.std() < 0.2
