"""Cracks on boundaries drawn by hand and at random, against closed forms and another search."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from fem_model.base.arrays import Bools, Floats
from fem_model.base.constants import F
from fem_model.base.errors import InputError
from fem_model.case.intrusion import Intrusion
from fem_model.ccd.invasion import Way, from_anode, from_flaw
from fem_model.ccd.network import Network
from fem_model.materials import V_m

UM, K, Y, LEAST = 1e-6, 0.2e6, 1.12, 0.5e-6
FLAW = np.column_stack([np.full(21, 10.0), np.linspace(0.0, 2.0, 21)]) * UM
"""Points on a flaw of 2 µm, in the middle of a face of 20 µm."""
RADIUS = 0.2 * UM


def section(law: str = "height") -> Intrusion:
    given = {"toughness": "0.2 MPa m^0.5", "length": "0.5 um", "half_width": "0.5 um", "geometry_factor": Y}
    return Intrusion.model_validate(given | {"law": law, "closing_stress": "10 MPa"})


def network(
    corners: object, toughness: float | Floats = K, law: str = "height", pair: str = "A|B"
) -> Network:
    """Facets with corners in µm, on a face of 20 µm."""
    places = np.array(corners, dtype=float) * UM
    m, dim = places.shape[:2]
    box = (20 * UM,) * (dim - 1)
    return Network(places, np.full(m, toughness), [pair] * m, section(law), box, 0.1 * UM)


def line(*points: tuple[float, float], parts: int = 20) -> list[list[list[float]]]:
    """Facets along straight lines through points, so many on each; in steps of 1/64, so that they meet."""
    facets = []
    for a, b in pairwise(points):
        nodes = np.round(np.linspace(a, b, parts + 1) * 64) / 64
        facets += [[one.tolist(), other.tolist()] for one, other in pairwise(nodes)]
    return facets


def volts(toughness: float, length: float) -> float:
    """P at a crack length in m."""
    return V_m / F * (toughness / (Y * np.sqrt(np.pi * length)) + 10e6)


def found(way: Way | None) -> Way:
    assert way is not None
    return way


# One boundary


def test_a_straight_boundary_needs_most_where_the_flaw_ends() -> None:
    """a = z: the first facet beyond the flaw decides, and P falls from there on."""
    straight = network(line((10, 0), (10, 16), parts=64))
    way = found(from_flaw(straight, FLAW, RADIUS, 16 * UM))
    assert way.resistance == pytest.approx(volts(K, 2.25 * UM))
    assert way.place == pytest.approx([10 * UM, 2.375 * UM])
    assert way.profile.resistance[1:] == pytest.approx([volts(K, z / 4 * UM) for z in range(9, 64)])
    assert way.profile.length.sum() == pytest.approx(13.75 * UM)
    assert way.materials == ("A", "B")
    assert way.height_at(0.99 * way.resistance) == pytest.approx(2.25 * UM)
    assert way.height_at(1.01 * way.resistance) == 16 * UM


def test_without_a_flaw_the_least_crack_length_counts_at_the_anode() -> None:
    straight = network(line((10, 0), (10, 16), parts=64))
    way = found(from_anode(straight, 16 * UM))
    assert way.resistance == pytest.approx(volts(K, LEAST))
    assert way.profile.resistance == pytest.approx([volts(K, max(z / 4 * UM, LEAST)) for z in range(64)])
    assert way.profile.length.sum() == pytest.approx(15.875 * UM)
    assert way.height_at(0.9 * way.resistance) == 0.0


@pytest.mark.parametrize(("law", "length"), [("fixed", LEAST), ("relief", 20 * UM / (2 * np.pi * Y**2))])
def test_the_length_goes_by_the_law_of_the_case(law: str, length: float) -> None:
    """Between the sides, which mirror, a high crack counts with W/(2πY²), whatever its height."""
    straight = network(line((10, 0), (10, 16), parts=64), law=law)
    way = found(from_flaw(straight, FLAW, RADIUS, 16 * UM))
    assert way.profile.resistance[-20:] == pytest.approx(volts(K, length), rel=0.01)


# Several


DETOUR = line((10, 0), (10, 8), (14, 4), (18, 4), (18, 16), parts=32)
DIRECT = line((10, 8), (10, 16), parts=32)
"""Tough, while the detour is weak: from the junction at 8 µm down to 4 µm and up again."""
TOUGH = 2.0 * K


def with_detour(law: str) -> Network:
    weak = np.arange(len(DETOUR + DIRECT)) < len(DETOUR)
    return network(DETOUR + DIRECT, toughness=np.where(weak, K, TOUGH), law=law)


def test_a_tough_boundary_is_gone_round() -> None:
    assert volts(TOUGH, 8 * UM) > volts(K, 2.25 * UM)
    way = found(from_flaw(with_detour("height"), FLAW, RADIUS, 16 * UM))
    assert way.profile.length.sum() == pytest.approx((6 + 4 * np.sqrt(2) + 4 + 12) * UM, rel=0.03)
    assert way.resistance == pytest.approx(volts(K, 2.25 * UM))


def test_a_crack_cannot_go_down_in_its_own_shadow() -> None:
    """By relief only the least length is left there, and more is needed than straight on."""
    mirrored = 20 * UM / (2 * np.pi * Y**2)
    assert volts(TOUGH, mirrored) < volts(K, LEAST)
    way = found(from_flaw(with_detour("relief"), FLAW, RADIUS, 16 * UM))
    assert way.profile.length.sum() == pytest.approx(14 * UM, rel=0.03)
    assert way.place == pytest.approx([10 * UM, 8.125 * UM])
    assert way.resistance == pytest.approx(volts(TOUGH, mirrored), rel=0.03)
    assert way.heights[-1] == pytest.approx(8 * UM)


def test_a_tougher_boundary_sends_the_crack_another_way() -> None:
    flaw, left, right = (
        line((10, 0), (10, 2)),
        line((10, 2), (6, 8), (6, 16)),
        line((10, 2), (14, 8), (14, 16)),
    )
    grains = network(flaw + left + right)
    beside = np.arange(len(grains.corners)) >= len(flaw + left)
    bare = replace(grains, toughness=np.where(beside, 0.9 * K, K))
    way = found(from_flaw(bare, FLAW, RADIUS, 16 * UM))
    assert bare.middle[way.facets[-1], 0] == pytest.approx(14 * UM)
    tougher = replace(grains, toughness=np.where(beside, 4 * K, K))
    way = found(from_flaw(tougher, FLAW, RADIUS, 16 * UM))
    assert bare.middle[way.facets[-1], 0] == pytest.approx(6 * UM)


def test_boundaries_that_do_not_lead_to_a_depth_have_no_way() -> None:
    gap = network(line((10, 0), (10, 6)) + line((10, 7), (10, 16)))
    assert from_flaw(gap, FLAW, RADIUS, 16 * UM) is None
    assert found(from_flaw(gap, FLAW, RADIUS, 5 * UM)).depth == 5 * UM
    assert from_anode(gap, 16 * UM) is None
    assert from_flaw(gap, FLAW + np.array([5, 0]) * UM, RADIUS, 5 * UM) is None


def test_a_depth_within_the_flaw_is_refused() -> None:
    with pytest.raises(InputError, match=r"the flaw reaches 2\.25 µm: a depth of 1\.5 µm is no way"):
        from_flaw(network(line((10, 0), (10, 16), parts=64)), FLAW, RADIUS, 1.5 * UM)


# At random


def lattice(seed: int, n: int = 16) -> Network:
    """Boundaries on the links of a lattice in the pattern of bricks, and their toughness at random."""
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    up, across = y < n - 1, (x < n - 1) & ((x + y) % 2 == 0)
    links = [
        ((x[chosen], y[chosen]), (x[chosen] + dx, y[chosen] + 1 - dx))
        for chosen, dx in ((up, 0), (across, 1))
    ]
    corners = np.concatenate([np.moveaxis(np.array(link), 2, 0) for link in links]) * (20 / (n - 1))
    return network(corners, toughness=K * np.random.default_rng(seed).weibull(4.0, len(corners)))


def touching(facets: Network) -> Bools:
    """The pairs of facets with a corner in common."""
    gap = np.abs(facets.corners[:, None, :, None] - facets.corners[None, :, None, :]).sum(axis=-1)
    return np.asarray((gap < 1e-3 * UM).any(axis=(2, 3)))


@pytest.mark.parametrize("seed", range(4))
def test_no_way_needs_less_than_the_one_that_is_found(seed: int) -> None:
    """Facets with less than that do not connect flaw and depth; those with as much do."""
    grains, depth = lattice(seed), 20 * UM
    way = found(from_flaw(grains, FLAW, 1.0 * UM, depth))
    height = np.maximum(grains.corners[:, :, 1].min(axis=1), LEAST)
    needed = np.array([volts(*both) for both in zip(grains.toughness, height, strict=True)])
    in_flaw = way.facets[0]
    needed[in_flaw] = 0.0
    beside = touching(grains)
    for level, connected in ((way.resistance * 0.999999, False), (way.resistance * 1.000001, True)):
        kept = np.flatnonzero(needed <= level)
        part = connected_components(sparse.csr_matrix(beside[np.ix_(kept, kept)]))[1]
        ends = part[grains.corners[kept, :, 1].max(axis=1) >= depth * (1 - 1e-9)]
        assert (part[kept == in_flaw][0] in ends) == connected
    assert beside[way.facets[:-1], way.facets[1:]].all()
    assert way.profile.resistance == pytest.approx(needed[way.facets])
    assert way.profile.resistance.max() == way.resistance == needed[way.decisive]
    assert (np.diff(way.levels) > 0).all()
    assert (np.diff(way.heights) >= 0).all()


# 3D


def wall(heights: Sequence[float]) -> list[list[list[float]]]:
    """Triangles of a wall at y = 10 between heights, 1 µm wide, two for each."""
    triangles = []
    for low, high in pairwise(heights):
        a, b, c, d = [9.5, 10, low], [10.5, 10, low], [10.5, 10, high], [9.5, 10, high]
        triangles += [[a, b, c], [a, c, d]]
    return triangles


def test_in_3d_a_crack_goes_on_over_edges() -> None:
    way = found(from_anode(network(wall(range(9))), 8 * UM))
    expected = [volts(K, max(z * UM, LEAST)) for z in range(8)]
    assert way.levels == pytest.approx(expected[:1])
    assert sorted(set(way.profile.resistance), reverse=True) == pytest.approx(expected)


def test_in_3d_it_does_not_go_on_over_a_corner() -> None:
    beyond = [[[10.5, 10, 4.0], [11.5, 10, 4.0], [11.5, 10, 8.0]]]
    assert from_anode(network(wall(range(5)) + beyond), 8 * UM) is None
    edge = [[[9.5, 10, 4.0], [10.5, 10, 4.0], [10.5, 10, 8.0]]]
    assert from_anode(network(wall(range(5)) + edge), 8 * UM) is not None


def test_in_3d_it_starts_from_edges_at_the_anode() -> None:
    on_a_corner = [[[10, 10, 0.0], [10.5, 10, 8.0], [9.5, 10, 8.0]]]
    assert from_anode(network(on_a_corner), 8 * UM) is None
    on_an_edge = [[[9.5, 10, 0.0], [10.5, 10, 0.0], [10, 10, 8.0]]]
    assert from_anode(network(on_an_edge), 8 * UM) is not None
