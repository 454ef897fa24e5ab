"""Refined meshes hold what the coarse ones do, and fields that cross to another mesh keep what they hold."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.errors import FemModelError, SolverError
from fem_model.mesh.refinement import refined
from fem_model.numerics.crossing import Crossing, Side, keep_share
from fem_model.numerics.face_crossing import FaceCrossing, FaceSide
from fem_model.numerics.interpolation import Interpolation
from tests.fem.crossings import (
    FACE_FIELDS,
    OTHER,
    by_number,
    converted,
    corners,
    crossed,
    crossed_at_face,
    face,
    fem,
    field,
    flat,
    front,
    held,
    in_materials,
    linear,
    over_face,
    side,
    sizes,
    solid,
    start,
    weights,
)

COMM = MPI.COMM_WORLD
FIELDS = {"linear": linear, "xi": front, "rate": lambda side: front(side) - 0.4}
CELL_FIELDS = {"z": converted, "cell rate": lambda side: converted(side) - 0.3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crossing")


@pytest.fixture(scope="module", params=["2D", "3D"])
def coarse(request: pytest.FixtureRequest, folder: Path) -> Side:
    return start((flat if request.param == "2D" else solid)(folder), COMM)


@pytest.fixture(scope="module")
def fine(coarse: Side) -> Side:
    return side(refined(coarse.domain))


@pytest.fixture(scope="module")
def pair(folder: Path) -> tuple[Side, Side]:
    """The same grains in 2D, in cells of two sizes."""
    return start(flat(folder), COMM), start(flat(folder, *OTHER), COMM)


# Refinement


def test_refinement_keeps_names_and_sizes(coarse: Side, fine: Side) -> None:
    before, after = coarse.domain, fine.domain
    assert sizes(after) == pytest.approx(sizes(before), rel=1e-12, abs=0)
    assert min(value for name, value in sizes(before).items() if not name.startswith("grain")) > 0
    names = [(d.materials, d.faces, d.pairs, d.extent, d.fingerprints) for d in (before, after)]
    assert names[0] == names[1]
    dim = after.mesh.topology.dim
    assert after.mesh.topology.index_map(dim).num_ghosts == 0
    assert len(after.facet_tags.values) == 2 ** (dim - 1) * len(before.facet_tags.values)


def test_children_have_the_numbers_of_their_parent(coarse: Side, fine: Side) -> None:
    """Each lies in its parent, has its grain and its material, and its share of the volume."""
    inside, parents = corners(fine.domain), corners(coarse.domain)
    dim, children = coarse.domain.mesh.topology.dim, len(inside) // len(parents)
    assert children == 2**dim
    parents = np.repeat(parents, children, axis=0)[:, :, :dim]
    edges = parents[:, 1:] - parents[:, :1]
    place = (inside[:, :, :dim] - parents[:, :1]) @ np.linalg.inv(edges)
    assert min(place.min(), (1 - place.sum(axis=2)).min()) > -1e-9
    own = inside[:, 1:, :dim] - inside[:, :1, :dim]
    assert np.abs(np.linalg.det(own)) == pytest.approx(np.abs(np.linalg.det(edges)) / children, rel=1e-9)
    for values in (lambda domain: domain.grain, lambda domain: domain.cell_tags.values):
        of_parents, of_children = (by_number(s.cells, values(s.domain))[:, 0] for s in (coarse, fine))
        assert np.array_equal(of_children, np.repeat(of_parents, children))


# The same mesh, and nested ones


def test_on_the_same_mesh_nothing_changes(coarse: Side) -> None:
    there = crossed(coarse, coarse)
    for name, law in (FIELDS | CELL_FIELDS).items():
        assert np.array_equal(there[name], law(coarse)), name


def test_a_finer_mesh_takes_fields_as_they_are(coarse: Side, fine: Side) -> None:
    there = crossed(coarse, fine)
    assert there["linear"] == pytest.approx(linear(fine), abs=1e-12)
    children = len(by_number(fine.cells, there["z"])) // len(by_number(coarse.cells, converted(coarse)))
    parents = np.repeat(by_number(coarse.cells, converted(coarse)), children, axis=0)
    assert by_number(fine.cells, there["z"]) == pytest.approx(parents, abs=1e-13)
    check_what_is_kept(coarse, fine, there)


def test_back_on_the_coarse_mesh_fields_are_what_they_were(coarse: Side, fine: Side) -> None:
    up, down = Crossing(coarse, fine), Crossing(fine, coarse)
    xi, z, rate = front(coarse), converted(coarse), converted(coarse) - 0.3
    before, after = weights(coarse), weights(fine)
    assert down.amount(up.amount(xi, before, after), after, before) == pytest.approx(xi, abs=1e-12)
    density = down.density(up.density(xi - 0.4, before, after), after, before)
    assert density == pytest.approx(xi - 0.4, abs=1e-12)
    assert down.smooth(up.smooth(xi)) == pytest.approx(xi, abs=1e-12)
    assert down.share(up.share(z)) == pytest.approx(z, abs=1e-13)
    assert down.cell_density(up.cell_density(rate)) == pytest.approx(rate, abs=1e-13)


def test_a_coarser_mesh_keeps_what_a_finer_one_holds(coarse: Side, fine: Side) -> None:
    there = crossed(fine, coarse)
    check_what_is_kept(fine, coarse, there)
    volumes = in_cells(fine)
    mean = (volumes * by_number(fine.cells, converted(fine))[:, 0]).reshape(
        -1, len(volumes) // len(there["z"])
    )
    mean = mean.sum(axis=1) / volumes.reshape(mean.shape).sum(axis=1)
    assert by_number(coarse.cells, there["z"])[:, 0] == pytest.approx(mean, abs=1e-13)


def in_cells(side: Side) -> Floats:
    """Volumes of the cells by their numbers, up to a factor."""
    edges = np.diff(corners(side.domain)[:, :, : side.domain.mesh.topology.dim], axis=1)
    volumes: Floats = np.abs(np.linalg.det(edges))
    return volumes


def check_what_is_kept(source: Side, target: Side, there: dict[str, Floats]) -> None:
    """Integrals to 1e-13, and the range of ξ and of z."""
    for name in ("xi", "rate"):
        assert held(target, there[name]) == pytest.approx(held(source, FIELDS[name](source)), rel=1e-13)
    for name, law in CELL_FIELDS.items():
        expected = in_materials(source, law(source))
        assert in_materials(target, there[name]) == pytest.approx(expected, rel=1e-13, abs=0)
    for name, before in (("xi", front(source)), ("z", converted(source))):
        assert before.min() <= there[name].min()
        assert there[name].max() <= before.max()


# Meshes that are not nested


def test_other_cells_keep_integrals_and_bounds(pair: tuple[Side, Side]) -> None:
    for source, target in (pair, pair[::-1]):
        there = crossed(source, target)
        assert there["linear"] == pytest.approx(linear(target), abs=1e-12)
        check_what_is_kept(source, target, there)
        assert np.abs(there["xi"] - front(target)).max() < 0.02
        assert np.abs(there["z"] - converted(target)).max() < 0.2


def test_the_error_of_a_front_falls_with_the_square_of_the_cells(pair: tuple[Side, Side]) -> None:
    halved = [side(refined(each.domain)) for each in pair]
    errors = [held(b, (crossed(a, b)["xi"] - front(b)) ** 2) ** 0.5 for a, b in (pair, halved)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.15)


def test_quadratic_elements_keep_quadratic_fields(pair: tuple[Side, Side]) -> None:
    spaces = [fem.functionspace(each.domain.mesh, ("Lagrange", 2)) for each in pair]
    here, there = (
        field(space, each.domain, lambda x, y: (x - 2 * y) ** 2)
        for space, each in zip(spaces, pair, strict=True)
    )
    assert Interpolation(*spaces)(here) == pytest.approx(there, abs=1e-12)


def test_a_mesh_of_another_body_is_refused(pair: tuple[Side, Side], folder: Path) -> None:
    higher = start(flat(folder, "microstructure.depth=19 um"), COMM)
    with pytest.raises(FemModelError, match=r"\d+ points of a mesh are outside"):
        Crossing(pair[0], higher)


# Fields of a face


def test_fields_of_a_face_come_back_as_they_were(coarse: Side, fine: Side) -> None:
    """And are found in all children at the face, and in no other cells."""
    there = crossed_at_face(coarse, fine)
    for name, law in FACE_FIELDS.items():
        before = law(coarse)
        assert np.array_equal(crossed_at_face(coarse, coarse)[name], before), name
        parents = np.repeat(by_number(coarse.cells, before), len(there[name]) // len(before), axis=0)
        found = by_number(fine.cells, there[name])
        assert np.count_nonzero(found) <= np.count_nonzero(parents)
        assert found[found != 0] == pytest.approx(parents[found != 0], abs=1e-12)
        back = FaceCrossing(face(fine), face(coarse))
        assert getattr(back, name)(there[name], len(before)) == pytest.approx(before, abs=1e-12), name


def test_fields_of_a_face_keep_integral_and_bounds(coarse: Side, fine: Side) -> None:
    for source, target in ((coarse, fine), (fine, coarse)):
        check_at_face(source, target)


def test_other_facets_keep_integral_and_bounds(pair: tuple[Side, Side]) -> None:
    for source, target in (pair, pair[::-1]):
        check_at_face(source, target)


def check_at_face(source: Side, target: Side) -> None:
    """Integrals to 1e-12 and the range of a share; nothing in cells that are not at the face."""
    found, places = crossed_at_face(source, target), face(target).places
    for name, law in FACE_FIELDS.items():
        before, there = law(source), found[name]
        size = over_face(source, np.abs(before))
        assert over_face(target, there) == pytest.approx(over_face(source, before), rel=0, abs=1e-12 * size)
        assert not np.delete(there, places).any()
        assert np.abs(there - law(target))[places].mean() < 0.2
    before = FACE_FIELDS["share"](source)[face(source).places]
    assert before.min() <= found["share"][places].min()
    assert found["share"][places].max() <= before.max()


# What is put right


@pytest.mark.parametrize("distance", [0.0, 0.03, -0.4])
def test_a_front_is_shifted_as_a_whole(distance: float) -> None:
    """ξ of a front that is `distance` λ too low, with lithium and electrolyte beside it."""
    n = np.linspace(-60, 60, 4001)
    weight = 1 + 0.1 * np.cos(n)
    there, expected = (0.5 * (1 - np.tanh((n - shift) / 2)) for shift in (0.0, distance))
    moved = keep_share(COMM, there, weight, float(weight @ expected), 0.0, 1.0)
    assert moved == pytest.approx(expected, abs=1e-13)


def test_without_a_front_what_is_left_to_the_bounds_is_shared() -> None:
    there, weight = np.array([0.0, 0.0, 1.0]), np.array([1.0, 3.0, 2.0])
    assert keep_share(COMM, there, weight, 2.4, 0.0, 1.0) == pytest.approx([0.1, 0.1, 1.0], abs=1e-15)
    assert keep_share(COMM, there, weight, 1.8, 0.0, 1.0) == pytest.approx([0.0, 0.0, 0.9], abs=1e-15)
    with pytest.raises(SolverError, match="cannot keep its integral"):
        keep_share(COMM, there, weight, 6.1, 0.0, 1.0)


def test_each_material_keeps_its_own_at_a_face() -> None:
    """A facet of A has a small one of B nearer to it than the large one of A in which it lies."""
    source, target = line([0, 1, 1.1, 1.2, 1.4], 1), line([0, 0.4, 0.8, 1, 1.2, 1.4], 3)
    crossing, of_a = FaceCrossing(source, target), target.tags == 1
    assert crossing.share(np.where(source.tags == 1, 0.7, 0.0), 5) == pytest.approx(0.7 * of_a, rel=1e-12)
    assert crossing.rate(np.where(source.tags == 1, -2.0, 0.0), 5) == pytest.approx(-2.0 * of_a, rel=1e-12)


def line(ends: list[float], of_a: int) -> FaceSide:
    """Facets along a line, the first ones of the material A and the others of B."""
    side, x = object.__new__(FaceSide), np.array(ends)
    side.comm, side.places, side.areas = MPI.COMM_SELF, np.arange(len(x) - 1), np.diff(x)
    side.middles = np.outer((x[1:] + x[:-1]) / 2, [1.0, 0.0, 0.0])
    side.tags, side.materials = np.where(side.places < of_a, 1, 2), {"A": 1, "B": 2}
    return side
