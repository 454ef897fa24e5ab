"""Meshes of particles in 3D: volumes, sizes, conformity, quality, groups, contacts recomputed with meshio."""

from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest
from mpi4py import MPI
from scipy.spatial import KDTree
from scipy.stats import kstest, truncnorm

from fem_model.base.errors import InputError
from fem_model.case import Case, derive
from fem_model.mesh import memory
from fem_model.mesh.builder import write_mesh
from fem_model.mesh.cache import build_mesh, cached_mesh
from fem_model.mesh.domain import read_domain
from fem_model.mesh.statistics import mesh_statistics
from fem_model.microstructure import Polyhedra, build_microstructure
from fem_model.study.conductivity import ConductivityStudy
from tests.command import call
from tests.fem.particles import AREA_SHARE, AXES, BOX, SEEDS, SMALL, load_3d

PAIRS = {"LPSC1.0|LPSC1.0", "LGPS|LPSC1.0", "LGPS|LGPS"}
WALLS = (("left", "right"), ("front", "back"), ("anode", "counter"))


class SolidFile:
    """A 3D .msh file as meshio sees it."""

    def __init__(self, path: Path) -> None:
        mesh = meshio.read(path)
        self.points = mesh.points
        self.names = {(int(dim), int(tag)): name for name, (tag, dim) in mesh.field_data.items()}
        self.cells, self.material, self.grain = self._blocks(mesh, "tetra", 3)
        self.triangles, self.group, _ = self._blocks(mesh, "triangle", 2)
        corners = self.points[self.cells]
        self.volumes = np.linalg.det(corners[:, 1:] - corners[:, :1]) / 6
        self.facets, self.beside = self._facets()

    def _blocks(self, mesh: Any, kind: str, dim: int) -> tuple[Any, Any, Any]:
        nodes = np.concatenate([block.data for block in mesh.cells if block.type == kind])
        tags, entity = (self._data(mesh, kind, f"gmsh:{what}") for what in ("physical", "geometrical"))
        return nodes, np.array([self.names[dim, tag] for tag in tags]), entity

    def _data(self, mesh: Any, kind: str, what: str) -> Any:
        pairs = zip(mesh.cells, mesh.cell_data[what], strict=True)
        return np.concatenate([data for block, data in pairs if block.type == kind])

    def _facets(self) -> tuple[Any, Any]:
        """Every facet once, and the cells beside it (twice the same outside)."""
        of_cells = np.sort(self.cells[:, list(combinations(range(4), 3))].reshape(-1, 3), axis=1)
        facets, place, count = np.unique(of_cells, axis=0, return_inverse=True, return_counts=True)
        assert set(count) == {1, 2}
        cell = np.argsort(place.ravel(), kind="stable") // 4
        end = np.cumsum(count)
        return facets, np.column_stack([cell[end - count], cell[end - 1]])

    def quality(self) -> Any:
        """Signed inverse condition number against the regular tetrahedron, from the matrices themselves."""
        regular = np.array([[1, 0.5, 0.5], [0, 3**0.5 / 2, 3**0.5 / 6], [0, 0, (2 / 3) ** 0.5]])
        corners = self.points[self.cells]
        shape = (corners[:, 1:] - corners[:, :1]).transpose(0, 2, 1) @ np.linalg.inv(regular)
        norms = [np.linalg.norm(matrix, axis=(1, 2)) for matrix in (shape, np.linalg.inv(shape))]
        return 3 * np.sign(np.linalg.det(shape)) / (norms[0] * norms[1])

    def areas(self) -> Any:
        """Area of every facet."""
        a, b, c = (self.points[self.facets[:, k]] for k in range(3))
        return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2

    def names_of_facets(self, box: Any) -> list[str | None]:
        """What every facet is to be called: its wall, the pair of grains, nothing inside a grain."""
        middle = self.points[self.facets].mean(axis=1)
        names: list[str | None] = []
        for (one, other), place in zip(self.beside.tolist(), middle, strict=True):
            if one == other:
                near = [
                    name
                    for axis, walls in enumerate(WALLS)
                    for name, wall in zip(walls, (0.0, box[axis]), strict=True)
                    if abs(place[axis] - wall) < 1e-6
                ]
                assert len(near) == 1
                names += near
            elif self.grain[one] != self.grain[other]:
                names.append("|".join(sorted((self.material[one], self.material[other]))))
            else:
                names.append(None)
        return names


def check(path: Path, case: Case, least: float = 0.3) -> SolidFile:
    """All that a mesh of particles promises, whatever the materials."""
    mesh, box = SolidFile(path), np.multiply(case.microstructure.extent, 1e6)
    shares = case.area_shares()
    assert {name for (dim, _), name in mesh.names.items() if dim == 3} == set(shares)
    assert (mesh.volumes > 0).all()
    assert mesh.volumes.sum() == pytest.approx(box.prod(), rel=1e-9)
    assert len(np.unique(mesh.cells)) == len(mesh.points)
    for material, share in shares.items():
        got = mesh.volumes[mesh.material == material].sum() / box.prod()
        assert got == pytest.approx(share, abs=1e-7)
    assert mesh.quality().min() >= least
    assert mesh.quality().mean() > 0.68
    check_groups(mesh, box)
    return mesh


def check_groups(mesh: SolidFile, box: Any) -> None:
    """The facets in the file are those on walls and between grains, each in the group of that name."""
    expected = mesh.names_of_facets(box)
    file = {
        tuple(facet): name for facet, name in zip(np.sort(mesh.triangles).tolist(), mesh.group, strict=True)
    }
    assert len(file) == len(mesh.triangles)
    named = {tuple(f): name for f, name in zip(mesh.facets.tolist(), expected, strict=True) if name}
    assert named == file


def check_sizes(mesh: SolidFile, material: str, size: float) -> None:
    """The distance of the diameters from the cut-off log-normal law is below one over their number."""
    grain, volume = mesh.grain, mesh.volumes
    kept = np.isin(np.arange(grain.max() + 1), grain[mesh.material == material])
    diameter = np.cbrt(6 / np.pi * np.bincount(grain, volume)[kept])
    law = truncnorm(-2.5, 2.5, loc=np.log(size), scale=np.log(1.3)).cdf
    assert kstest(np.log(diameter), law).statistic < 1 / len(diameter)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return load_3d(tmp_path_factory.mktemp("case"), 1, 0.2, box=SMALL)


@pytest.fixture(scope="module")
def path(case: Case) -> Path:
    return cached_mesh(case)


@pytest.fixture(scope="module")
def mesh(path: Path, case: Case) -> SolidFile:
    return check(path, case)


def test_the_mesh_keeps_its_promises(mesh: SolidFile) -> None:
    assert set(mesh.group) == PAIRS | {name for pair in WALLS for name in pair}
    assert 30 <= len(np.unique(mesh.grain)) <= 60
    check_sizes(mesh, "LPSC1.0", 5.0)
    check_sizes(mesh, "LGPS", 3.0)


@pytest.mark.slow
@pytest.mark.parametrize("density", [1.0, 0.8])
@pytest.mark.parametrize("filler", AREA_SHARE)
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_seeds_at_three_ratios(tmp_path: Path, seed: int, filler: float, density: float) -> None:
    case = load_3d(tmp_path, seed, filler, f"microstructure.relative_density={density}")
    mesh = check(build_mesh(case, tmp_path / "mesh.msh"), case)
    assert len(np.unique(mesh.grain)) >= 200
    shares = case.area_shares()
    assert shares["LGPS"] == pytest.approx(density * AREA_SHARE[filler], abs=1e-4)
    assert shares.get("pore", 0.0) == pytest.approx(1.0 - density)
    for material in shares:
        check_sizes(mesh, material, 5.0 if material == "LPSC1.0" else 3.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_seeds_with_pores_dispersed_and_clustered(tmp_path: Path, seed: int) -> None:
    """The rarer material touches its own kind least where it is dispersed, most where it is clustered."""
    own: list[float] = []
    for clustering in ("dispersed", "random", "clustered"):
        options = ["relative_density=0.9", f"clustering={clustering}"]
        case = load_3d(tmp_path, seed, 0.1, *(f"microstructure.{option}" for option in options))
        mesh = check(build_mesh(case, tmp_path / "mesh.msh"), case)
        check_sizes(mesh, "LGPS", 3.0)
        names, areas = np.array(mesh.names_of_facets(BOX), dtype=str), mesh.areas()
        like = 2 * areas[names == "LGPS|LGPS"].sum()
        unlike = areas[np.isin(names, ["LGPS|LPSC1.0", "LGPS|pore"])].sum()
        own.append(like / (like + unlike))
    assert own[0] < 0.5 * own[1] < 0.3 * own[2]


def test_statistics_are_those_of_the_file(path: Path, mesh: SolidFile) -> None:
    statistics = mesh_statistics(path)
    assert (statistics.cells, statistics.nodes) == (len(mesh.cells), len(mesh.points))
    quality = mesh.quality()
    assert (statistics.min_quality, statistics.mean_quality) == pytest.approx((quality.min(), quality.mean()))
    area: Counter[str] = Counter()
    for name, size in zip(mesh.names_of_facets([13.0, 12.0, 14.0]), mesh.areas(), strict=True):
        area[name or "inside"] += size
    del area["inside"]
    assert statistics.boundary_sizes == pytest.approx(dict(area), rel=1e-9)
    grains = mesh.grain[mesh.beside]
    contacts = {tuple(sorted(pair)) for pair in grains.tolist() if pair[0] != pair[1]}
    assert len(contacts) == len(statistics.grains.contacts)
    material = dict(zip(mesh.grain.tolist(), mesh.material, strict=True))
    own = [grain for grain in material if material[grain] == "LGPS"]
    like = sum(2 for a, b in contacts if material[a] == material[b] == "LGPS") / len(own)
    assert statistics.grains.mean_neighbours("LGPS", "LGPS") == pytest.approx(like)
    diameters = np.cbrt(6 / np.pi * np.bincount(mesh.grain, mesh.volumes)[sorted(own)])
    assert statistics.grains.sizes("LGPS").median == pytest.approx(
        np.exp(np.median(np.log(diameters))), rel=1e-9
    )


def test_the_same_case_gives_the_same_file_and_a_refined_one_the_same_grains(
    case: Case, path: Path, mesh: SolidFile, tmp_path: Path
) -> None:
    again = load_3d(tmp_path, 1, 0.2, box=SMALL)
    assert build_mesh(again, tmp_path / "again.msh").read_bytes() == path.read_bytes()
    finer = load_3d(tmp_path, 1, 0.2, "mesh.refinement=1.4", box=SMALL)
    fine = check(build_mesh(finer, tmp_path / "fine.msh"), finer)
    assert 1.8 < len(fine.cells) / len(mesh.cells) < 3.5
    volumes = [np.bincount(file.grain, file.volumes) for file in (mesh, fine)]
    assert volumes[1] == pytest.approx(volumes[0], rel=1e-7)


def test_cells_are_small_at_the_anode_and_at_boundaries(tmp_path: Path) -> None:
    sizes = ["mesh.cell_size_boundary=0.7 um", "mesh.cell_size_bulk=1.5 um", "mesh.front_height=1 um"]
    case = load_3d(tmp_path, 1, 0.2, *sizes, box=(10.0, 10.0, 14.0))
    mesh = check(build_mesh(case, tmp_path / "mesh.msh"), case)
    ends = mesh.points[mesh.triangles[np.isin(mesh.group, list(PAIRS))]]
    edge = np.linalg.norm(ends - np.roll(ends, 1, axis=1), axis=2)
    assert np.median(edge) == pytest.approx(0.7, rel=0.15)
    size = np.cbrt(6 * 2**0.5 * mesh.volumes)
    middle = mesh.points[mesh.cells].mean(axis=1)
    away, _ = KDTree(ends.mean(axis=1)).query(middle)
    assert np.median(size[away > 1.2]) > 1.25 * np.median(size[away < 0.5])


def test_pores_are_a_material_of_their_own(tmp_path: Path) -> None:
    case = load_3d(tmp_path, 2, 0.2, "microstructure.relative_density=0.85", box=SMALL)
    mesh = check(build_mesh(case, tmp_path / "mesh.msh"), case)
    assert mesh.volumes[mesh.material == "pore"].sum() == pytest.approx(0.15 * 13 * 12 * 14, rel=1e-6)
    assert {"LGPS|pore", "LPSC1.0|pore"} <= set(mesh.group)


def test_the_domain_knows_names_grains_and_walls(path: Path, mesh: SolidFile) -> None:
    domain = read_domain(path, MPI.COMM_SELF)
    assert domain.extent == pytest.approx((13e-6, 12e-6, 14e-6), rel=1e-9)
    assert set(domain.materials) == {"LPSC1.0", "LGPS"}
    assert set(domain.faces) == {name for pair in WALLS for name in pair}
    assert set(domain.pairs) == PAIRS
    assert Counter(domain.grain.tolist()) == Counter(mesh.grain.tolist())


def test_conductivity_lies_within_its_bounds(path: Path, case: Case) -> None:
    sigma = {name: material.sigma for name, material in case.material_table().items()}
    result = ConductivityStudy(read_domain(path, MPI.COMM_SELF), sigma).run()
    assert set(result.directions) == {"x", "y", "z"}
    for direction in result.directions.values():
        assert result.wiener[0] < direction.sigma_eff < result.wiener[1]


def test_bands_in_3d(tmp_path: Path) -> None:
    layers = "layers=[{material='LPSC1.0', share=0.3}, {material='LGPS', share=0.7}]"
    for bands, normal in (("vertical", 0), ("horizontal", 2)):
        sides = f"layout='layers', width='6 um', breadth='5 um', depth='8 um', bands='{bands}'"
        section = f"{{{sides}, {layers}}}"
        case = load_3d(tmp_path, 1, 0.2, f"microstructure={section}", box=SMALL)
        mesh = check(build_mesh(case, tmp_path / "mesh.msh"), case)
        between = mesh.points[mesh.triangles[mesh.group == "LGPS|LPSC1.0"]]
        assert between[:, :, normal] == pytest.approx(0.3 * (6.0, 5.0, 8.0)[normal])


def test_a_mesh_too_large_for_the_memory_is_refused(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its estimate, before any grain is made: the message tells cells and memory, and no file appears."""
    monkeypatch.setattr(memory, "machine_memory", lambda: 2_000_000)
    with pytest.raises(InputError, match=r"about 8\.9e\+03 cells and need 0\.0089\d GB; .* has 0\.002 GB"):
        build_mesh(case, tmp_path / "mesh.msh")
    assert list(tmp_path.iterdir()) == []


def test_the_estimate_of_the_cells_is_good_to_a_factor_of_two(mesh: SolidFile, case: Case) -> None:
    assert 0.5 < len(mesh.cells) / derive(case).num_cells < 2.0


def test_a_wedge_that_cannot_be_cured_does_not_get_worse(tmp_path: Path, case: Case) -> None:
    """Two boxes and between them a wedge of 1 degree, nowhere as thick as a sixth of a cell."""
    x = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])
    low, high = [[0, 0, 0.5], [0, 1, 0.5]], [[1, 0, 0.517], [1, 1, 0.517], [1, 0, 0.5], [1, 1, 0.5]]
    faces = [
        (0, 2, 3, 1), (0, 1, 12, 8), (2, 9, 13, 3), (0, 8, 9, 2), (1, 3, 13, 12), (8, 12, 13, 9),
        (8, 12, 10), (9, 11, 13), (12, 13, 11, 10), (8, 10, 11, 9),
        (4, 5, 7, 6), (8, 10, 5, 4), (9, 6, 7, 11), (8, 4, 6, 9), (10, 11, 7, 5),
    ]  # fmt: skip
    beside = [(0, -1)] * 5 + [(0, 1)] + [(1, -1)] * 3 + [(1, 2)] + [(2, -1)] * 5
    points = 8e-6 * np.concatenate([x, low, high])
    wedge = Polyhedra(points, tuple(faces), np.array(beside), ("A", "B", "A"))
    assert wedge.volumes()[1] == pytest.approx(512e-18 * 0.0085)
    assert write_mesh(wedge, case.mesh, tmp_path / "wedge.msh") > 0.01
    mesh = SolidFile(tmp_path / "wedge.msh")
    assert mesh.volumes[mesh.material == "B"].sum() == pytest.approx(512 * 0.0085, rel=1e-7)


def test_the_command_tells_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    load_3d(tmp_path, 1, 0.2, box=SMALL)
    sides = [f"microstructure.{key}={side} um" for key, side in zip(AXES, SMALL, strict=True)]
    settings = [*sides, "mesh.cell_size_front=0.9 um", "phase_field.lam=0.85 um"]
    words = ["mesh", "case.toml", "--plot", "mesh.png"]
    words += [word for setting in settings for word in ("--set", setting)]
    assert call(words, monkeypatch) == 0
    out = capfd.readouterr().out
    for said in ("0.1859 (wanted 0.1859)", "boundary front", "µm²", "connects anode and counter"):
        assert said in out
    assert (tmp_path / "mesh.png").read_bytes().startswith(b"\x89PNG")
    assert call([*words, "--set", "mesh.refinement=45"], monkeypatch) == 2
    refused = capfd.readouterr().err
    assert refused.count("\n") == 1 and "GB" in refused


def test_the_microstructure_has_exact_volumes(case: Case) -> None:
    grains = build_microstructure(case.microstructure, case.part_shares())
    assert isinstance(grains, Polyhedra)
    assert grains.volume_fractions() == pytest.approx(case.area_shares(), abs=1e-9)
