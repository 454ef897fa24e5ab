"""Meshes: the file recomputed with meshio, the cache, the domain, imported files, and the distance field."""

import importlib
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gmsh
import meshio
import numpy as np
import pytest
import ufl
from matplotlib.image import imread
from mpi4py import MPI

from fem_model.base.errors import FemModelError, InputError
from fem_model.case.layouts import Layers
from fem_model.case.sections import Mesh as MeshSection
from fem_model.mesh import picture_3d
from fem_model.mesh.builder import write_mesh
from fem_model.mesh.cache import build_mesh, cached_mesh, is_intact, mesh_name
from fem_model.mesh.distance import boundary_distance
from fem_model.mesh.domain import Domain, build_domain, read_domain
from fem_model.mesh.msh import read_msh
from fem_model.mesh.nearest import distance_to_facets
from fem_model.mesh.picture import plot_mesh
from fem_model.mesh.statistics import mesh_statistics
from fem_model.microstructure import Microstructure, Region
from fem_model.plot.drawing import Scene, rendered
from fem_model.plot.palette import material_colours
from fem_model.plot.style import pale

fem = importlib.import_module("dolfinx.fem")  # after fem_model, which loads MPI in the right order

COMM = MPI.COMM_WORLD
BANDS = (("A", 0.3), ("B", 0.5), ("A", 0.2))  # interfaces at x = 6 um and 16 um of 20 um


def recipe(bands: str = "vertical", layers: Any = BANDS, **sizes: Any) -> Any:
    """The part of a case that a mesh depends on: 20 um wide, 10 um deep."""
    entries = [{"material": material, "share": share} for material, share in layers]
    section = {"layout": "layers", "width": "20 um", "depth": "10 um", "bands": bands, "layers": entries}
    defaults = {"cell_size_front": "0.5 um", "cell_size_bulk": "1.5 um", "front_height": "4 um"}
    return SimpleNamespace(
        microstructure=Layers.model_validate(section),
        mesh=MeshSection.model_validate(defaults | sizes),
        part_shares=lambda: tuple(share for _, share in layers),
    )


@pytest.fixture(scope="module")
def path() -> Path:
    return cached_mesh(recipe())


@pytest.fixture(scope="module")
def domain(path: Path) -> Domain:
    return read_domain(path, COMM)


def integral(form: ufl.Form) -> float:
    return float(COMM.allreduce(fem.assemble_scalar(fem.form(form))))


def one(domain: Domain) -> Any:
    return fem.Constant(domain.mesh, 1.0)


# The file, read by meshio and recomputed


def test_every_facet_lies_between_two_cells_or_outside(path: Path) -> None:
    mesh = meshio.read(path)
    corners = mesh.points[:, :2]
    cells = np.concatenate([block.data for block in mesh.cells if block.type == "triangle"])
    assert len(np.unique(cells)) == len(corners)  # no node without a cell
    count = Counter(tuple(sorted(edge)) for cell in cells.tolist() for edge in combinations(cell, 2))
    assert set(count.values()) == {1, 2}
    outside = np.array([edge for edge, cells_beside in count.items() if cells_beside == 1])
    middle = corners[outside].mean(axis=1)
    on_side = np.isclose(middle, 0.0) | np.isclose(middle, [20.0, 10.0])
    assert on_side.any(axis=1).all()


def test_groups_partition_the_cells_and_name_the_facets(path: Path) -> None:
    mesh = meshio.read(path)
    names = {int(tag): name for name, (tag, dim) in mesh.field_data.items() if dim == 2}
    assert sorted(names.values()) == ["A", "B"]
    length: Counter[str] = Counter()
    area: Counter[str] = Counter()
    grains: dict[int, str] = {}
    facet_names = {int(tag): name for name, (tag, dim) in mesh.field_data.items() if dim == 1}
    groups, entities = mesh.cell_data["gmsh:physical"], mesh.cell_data["gmsh:geometrical"]
    for block, group, entity in zip(mesh.cells, groups, entities, strict=True):
        p = mesh.points[block.data]
        if block.type == "line":
            length[facet_names[group[0]]] += np.linalg.norm(p[:, 1] - p[:, 0], axis=1).sum()
        else:
            area[names[group[0]]] += 0.5 * np.abs(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])[:, 2]).sum()
            grains[int(entity[0])] = names[group[0]]
    assert dict(area) == pytest.approx({"A": 100.0, "B": 100.0}, rel=1e-9)
    expected = {"anode": 20.0, "counter": 20.0, "left": 10.0, "right": 10.0, "A|B": 20.0}
    assert dict(length) == pytest.approx(expected, rel=1e-9)
    assert grains == {1: "A", 2: "B", 3: "A"}


def test_cells_are_small_below_the_front_height_and_grow_above(path: Path) -> None:
    mesh = meshio.read(path)
    p = mesh.points[np.concatenate([block.data for block in mesh.cells if block.type == "triangle"])]
    size = np.linalg.norm(p - np.roll(p, 1, axis=1), axis=2).max(axis=1)
    below = p[:, :, 1].max(axis=1) < 4.0
    assert size[below].mean() == pytest.approx(0.5, rel=0.15)
    assert size[below].max() < 0.8
    assert 1.0 < size.max() < 1.5 * 1.5


def test_statistics_agree_and_quality_is_good(path: Path) -> None:
    statistics = mesh_statistics(path)
    assert statistics.area_fractions == pytest.approx({"A": 0.5, "B": 0.5}, abs=1e-9)
    assert statistics.boundary_sizes["A|B"] == pytest.approx(20.0, rel=1e-9)
    assert 0.5 < statistics.min_quality < statistics.mean_quality <= 1.0
    mesh = meshio.read(path)
    assert statistics.nodes == len(mesh.points)
    assert statistics.cells == sum(len(block.data) for block in mesh.cells if block.type == "triangle")


def test_many_polygons_that_meet_in_points(tmp_path: Path) -> None:
    """A fan of four triangles and grains of one material: what a particle packing will look like."""
    points = np.array([[0, 0], [8, 0], [8, 8], [0, 8], [3, 5]]) * 1e-6
    corners = [("A", (0, 1, 4)), ("A", (1, 2, 4)), ("B", (2, 3, 4)), ("A", (3, 0, 4))]
    regions = tuple(Region(material, 10 + i, polygon) for i, (material, polygon) in enumerate(corners))
    worst = write_mesh(Microstructure(points, regions), recipe().mesh, tmp_path / "fan.msh")
    domain = read_domain(tmp_path / "fan.msh", COMM)
    assert worst > 0.3
    assert set(domain.pairs) == {"A|A", "A|B"}
    assert sorted(set(domain.grain)) == [10, 11, 12, 13]
    areas = {name: integral(one(domain) * domain.dx(tag)) for name, tag in domain.materials.items()}
    assert areas["B"] == pytest.approx(64e-12 * 3 / 16, rel=1e-9)


# The cache


def test_the_same_recipe_gives_the_same_file(tmp_path: Path) -> None:
    first = build_mesh(recipe(), tmp_path / "first.msh").read_bytes()
    assert build_mesh(recipe(), tmp_path / "second.msh").read_bytes() == first
    assert sorted(file.name for file in tmp_path.iterdir()) == ["first.msh", "second.msh"]


def test_the_name_depends_on_what_the_mesh_depends_on() -> None:
    name = mesh_name(recipe())
    assert name.startswith("layers-")
    assert mesh_name(recipe(degree=2)) == name
    others = [
        recipe(bands="horizontal"),
        recipe(layers=BANDS[::-1]),
        recipe(cell_size_front="0.4 um"),
        recipe(cell_size_bulk="2 um"),
        recipe(front_height="5 um"),
    ]
    assert len({name, *(mesh_name(other) for other in others)}) == 6


def test_a_cached_mesh_is_not_built_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "new" / "folder"))
    path = cached_mesh(recipe())
    assert path.parent == tmp_path / "new" / "folder"
    written = path.stat().st_mtime_ns
    assert cached_mesh(recipe()) == path
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", ["truncated", "empty", "one byte changed"])
def test_a_damaged_file_is_built_again(damage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path))
    path = cached_mesh(recipe())
    good = path.read_bytes()
    middle = len(good) // 2
    changed = good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]
    path.write_bytes({"truncated": good[:middle], "empty": b"", "one byte changed": changed}[damage])
    assert not is_intact(path)
    assert cached_mesh(recipe()).read_bytes() == good


def test_an_unwritable_cache_falls_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "file"))
    run_dir = tmp_path / "run"
    assert cached_mesh(recipe(), run_dir).parent == run_dir
    with pytest.raises(InputError, match="FEM_MODEL_MESHES"):
        cached_mesh(recipe())


# The domain


def test_domain_is_in_metres_and_knows_every_name(domain: Domain) -> None:
    assert (domain.width, domain.depth) == pytest.approx((20e-6, 10e-6), rel=1e-12)
    assert set(domain.materials) == {"A", "B"}
    assert set(domain.faces) == {"anode", "counter", "left", "right"}
    assert set(domain.pairs) == {"A|B"}
    for material in ("A", "B"):
        area = integral(one(domain) * domain.dx(domain.materials[material]))
        assert area == pytest.approx(100e-12, rel=1e-9)
    for face, length in {"anode": 20e-6, "counter": 20e-6, "left": 10e-6, "right": 10e-6}.items():
        assert integral(one(domain) * domain.ds(domain.faces[face])) == pytest.approx(length, rel=1e-9)


def test_faces_lie_where_their_names_say(domain: Domain) -> None:
    x, y = ufl.SpatialCoordinate(domain.mesh)
    assert integral(y * domain.ds(domain.faces["anode"])) == pytest.approx(0.0, abs=1e-20)
    assert integral(y * domain.ds(domain.faces["counter"])) == pytest.approx(20e-6 * 10e-6)
    assert integral(x * domain.ds(domain.faces["left"])) == pytest.approx(0.0, abs=1e-20)
    inside = ufl.Measure("dS", domain=domain.mesh, subdomain_data=domain.facet_tags)(domain.pairs["A|B"])
    assert integral(ufl.avg(one(domain)) * inside) == pytest.approx(20e-6, rel=1e-9)
    assert integral(ufl.avg(x) * inside) == pytest.approx(10e-6 * (6e-6 + 16e-6), rel=1e-9)


def test_grains_are_the_bands(domain: Domain) -> None:
    middle = domain.mesh.geometry.x[domain.mesh.geometry.dofmaps[0]].mean(axis=1)[:, 0]
    expected = 1 + (middle > 6e-6).astype(int) + (middle > 16e-6)
    assert domain.grain.tolist() == expected.tolist()
    assert domain.grain.dtype == np.int32


def test_material_values_are_constant_within_each_material(domain: Domain) -> None:
    sigma = domain.material_values({"A": 2.0, "B": 5.0, "unused": 7.0})
    assert integral(sigma * domain.dx) == pytest.approx(7.0 * 100e-12, rel=1e-9)
    assert integral(sigma * domain.dx(domain.materials["B"])) == pytest.approx(5.0 * 100e-12, rel=1e-9)
    with pytest.raises(InputError, match="B"):
        domain.material_values({"A": 2.0})


def test_build_domain_takes_the_cached_mesh(domain: Domain) -> None:
    again = build_domain(recipe(), COMM)
    assert np.array_equal(again.mesh.geometry.x, domain.mesh.geometry.x)


# Imported files


@pytest.fixture
def session() -> Any:
    gmsh.initialize([], readConfigFiles=False)
    gmsh.option.setNumber("General.Terminal", 0)
    yield gmsh
    if gmsh.isInitialized():
        gmsh.finalize()


def two_boxes(gmsh: Any, path: Path, named: bool = True, faces: bool = False) -> Path:
    """A 3D mesh by another route: boxes of 1 x 1 x 1 (low) and 1 x 1 x 2 (high), lifted off the origin."""
    low = gmsh.model.occ.addBox(5, 5, 5, 1, 1, 1)
    high = gmsh.model.occ.addBox(5, 5, 6, 1, 1, 2)
    gmsh.model.occ.fragment([(3, low)], [(3, high)])
    gmsh.model.occ.synchronize()
    if named:
        gmsh.model.addPhysicalGroup(3, [low], name="low")
        gmsh.model.addPhysicalGroup(3, [high], name="high")
    if faces:
        bottom = gmsh.model.getEntitiesInBoundingBox(4.9, 4.9, 4.9, 6.1, 6.1, 5.1, 2)
        gmsh.model.addPhysicalGroup(2, [tag for _, tag in bottom], name="counter")
    gmsh.option.setNumber("Mesh.MeshSizeMax", 0.4)
    gmsh.model.mesh.generate(3)
    gmsh.write(str(path))
    gmsh.finalize()
    return path


def test_an_imported_3d_mesh_without_named_faces(session: Any, tmp_path: Path) -> None:
    domain = read_domain(two_boxes(session, tmp_path / "boxes.msh"), COMM, unit=1e-3)
    assert domain.depth == pytest.approx(3e-3)
    assert domain.width == pytest.approx(1e-3)
    assert integral(one(domain) * domain.dx(domain.materials["high"])) == pytest.approx(2e-9, rel=1e-9)
    assert integral(one(domain) * domain.ds(domain.faces["anode"])) == pytest.approx(1e-6, rel=1e-9)
    z = ufl.SpatialCoordinate(domain.mesh)[2]
    assert integral(z * domain.ds(domain.faces["counter"])) == pytest.approx(3e-9, rel=1e-9)
    assert set(domain.pairs) == {"high|low"}
    distance = boundary_distance(domain)
    nodes = distance.function_space.tabulate_dof_coordinates()
    assert distance.x.array == pytest.approx(np.abs(nodes[:, 2] - 1e-3), abs=1e-15)
    statistics = mesh_statistics(tmp_path / "boxes.msh")
    assert statistics.area_fractions == pytest.approx({"high": 2 / 3, "low": 1 / 3}, abs=1e-9)
    assert statistics.boundary_sizes["high|low"] == pytest.approx(1.0, rel=1e-9)


def test_names_in_the_file_win_over_positions(session: Any, tmp_path: Path) -> None:
    """The lowest face is called the counter electrode, so no facet is left that could be the anode."""
    path = two_boxes(session, tmp_path / "boxes.msh", faces=True)
    with pytest.raises(InputError, match="anode"):
        read_domain(path, COMM)


def test_a_mesh_with_flat_cells_is_refused(session: Any, tmp_path: Path) -> None:
    session.model.addDiscreteEntity(2, 1)
    corners = [(0, 0), (10, 0), (10, 10), (0, 10), (5, 5)]  # the last one on the diagonal of the others
    session.model.mesh.addNodes(2, 1, [1, 2, 3, 4, 5], [x for a, b in corners for x in (a, b, 0.0)])
    session.model.mesh.addElementsByType(1, 2, [], [1, 2, 3, 1, 3, 5, 1, 5, 4, 5, 3, 4])
    session.model.addPhysicalGroup(2, [1], name="A")
    session.write(str(tmp_path / "flat.msh"))
    session.finalize()
    with pytest.raises(InputError, match="without any area"):
        read_domain(tmp_path / "flat.msh", COMM)


def test_a_mesh_without_named_regions_is_refused(session: Any, tmp_path: Path) -> None:
    path = two_boxes(session, tmp_path / "boxes.msh", named=False)
    with pytest.raises(InputError, match="no regions: write physical groups"):
        read_domain(path, COMM)


@pytest.mark.parametrize("content", ['Point(1) = {0, 0, 0};\nSystemCall "touch {}";\n', "", "garbage"])
def test_what_is_no_mesh_is_refused_and_not_run(content: str, tmp_path: Path) -> None:
    path, trace = tmp_path / "script.msh", tmp_path / "trace"
    path.write_text(content.replace("{}", str(trace)))
    with pytest.raises(InputError, match=r"script\.msh"):
        read_domain(path, COMM)
    assert not trace.exists()


def test_a_truncated_or_missing_import_is_told(path: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.msh"
    half.write_bytes(path.read_bytes()[:20000])
    with pytest.raises(InputError, match=r"half\.msh"):
        read_domain(half, COMM)
    with pytest.raises(InputError, match=r"none\.msh"):
        read_domain(tmp_path / "none.msh", COMM)


def test_an_open_gmsh_session_is_left_alone(session: Any, path: Path) -> None:
    with pytest.raises(FemModelError, match="already open"):
        read_domain(path, COMM)
    assert session.isInitialized()


# Distances


def test_distance_from_straight_interfaces_is_exact(domain: Domain) -> None:
    distance = boundary_distance(domain)
    x = distance.function_space.tabulate_dof_coordinates()[:, 0]
    assert distance.x.array == pytest.approx(np.minimum(abs(x - 6e-6), abs(x - 16e-6)), abs=1e-16)


def test_distance_without_such_a_boundary_is_the_diameter() -> None:
    domain = build_domain(recipe(layers=(("A", 0.5), ("A", 0.5))), COMM)
    assert set(domain.pairs) == {"A|A"}
    assert boundary_distance(domain).x.array == pytest.approx(np.hypot(20e-6, 10e-6))
    between_grains = boundary_distance(domain, ["A|A"])
    x = between_grains.function_space.tabulate_dof_coordinates()[:, 0]
    assert between_grains.x.array == pytest.approx(abs(x - 10e-6), abs=1e-16)
    with pytest.raises(InputError, match=r"A\|B"):
        boundary_distance(domain, ["A|B"])


@pytest.mark.parametrize("dim", [2, 3])
def test_the_search_agrees_with_dense_sampling(dim: int) -> None:
    """Sampling each facet gives an upper bound that exceeds the distance by no more than the spacing."""
    random = np.random.default_rng(1)
    facets = random.random((40, 1, dim)) + 0.3 * random.random((40, dim, dim)) ** 3
    points = 1.6 * random.random((100, dim)) - 0.3
    distance = distance_to_facets(points, facets)
    steps = np.linspace(0.0, 1.0, 61)
    grid = np.stack(np.meshgrid(*[steps] * (dim - 1)), axis=-1).reshape(-1, dim - 1)
    shares = grid[grid.sum(axis=1) <= 1.0 + 1e-12]
    weights = np.column_stack([1.0 - shares.sum(axis=1), shares])
    samples = np.einsum("sk,mkd->msd", weights, facets).reshape(-1, dim)
    sampled = np.linalg.norm(points[:, None] - samples, axis=2).min(axis=1)
    assert (distance <= sampled + 1e-14).all()
    assert (sampled - distance).max() < 0.3 * np.sqrt(dim) / 60


def test_the_search_is_exact_for_a_point_far_from_unequal_facets() -> None:
    """The nearest facet is a long one whose centre is farther than those of many short ones."""
    long = np.array([[[-100.0, 1.0], [1.0, 1.0]]])
    starts = np.column_stack([np.linspace(-1, 1, 200), np.full(200, 2.0)])
    short = np.stack([starts, starts + np.array([0.01, 0.0])], axis=1)
    assert distance_to_facets(np.zeros((1, 2)), np.concatenate([short, long])) == pytest.approx([1.0])


# The picture


@pytest.mark.parametrize("rendering", [None, np.full((8, 8, 3), 0.5)])
def test_pictures_are_drawn_also_where_nothing_can_be_rendered(
    rendering: Any, session: Any, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes = two_boxes(session, tmp_path / "boxes.msh")
    monkeypatch.setattr(picture_3d, "rendered", lambda _: rendering)
    for file in (path, boxes):
        plot_mesh(file, tmp_path / "mesh.png")
        pixels = imread(tmp_path / "mesh.png")[:, :, :3].reshape(-1, 3)
        for colour in material_colours(read_msh(file).materials).values():
            assert (abs(pixels - pale(colour)) < 0.01).all(axis=1).any()


def test_a_renderer_that_fails_gives_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert rendered(Scene((1.0, 1.0, 1.0))) is None
