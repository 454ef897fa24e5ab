"""Meshes of particles: areas, conformity, quality and groups recomputed from the file with meshio."""

import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import pytest

from fem_model.mesh.cache import build_mesh, cached_mesh, mesh_name
from fem_model.mesh.statistics import mesh_statistics
from tests.command import call
from tests.fem.particles import AREA_SHARE, SEEDS, load

AREA = 66.0 * 60.0
PAIRS = {"LPSC1.0|LPSC1.0", "LGPS|LPSC1.0", "LGPS|LGPS"}


class MeshFile:
    """A .msh file as meshio sees it."""

    def __init__(self, path: Path) -> None:
        mesh = meshio.read(path)
        self.corners = mesh.points[:, :2]
        names = {(int(dim), int(tag)): name for name, (tag, dim) in mesh.field_data.items()}
        self.cells, self.material = self._blocks(mesh, "triangle", 2, names)
        self.lines, self.line_name = self._blocks(mesh, "line", 1, names)
        self.grain = self._data(mesh, "triangle", "gmsh:geometrical")
        self.cell_names = [name for (dim, _), name in names.items() if dim == 2]

    def _blocks(self, mesh: Any, kind: str, dim: int, names: Any) -> tuple[Any, list[str]]:
        nodes = np.concatenate([block.data for block in mesh.cells if block.type == kind])
        return nodes, [names[dim, tag] for tag in self._data(mesh, kind, "gmsh:physical")]

    def _data(self, mesh: Any, kind: str, what: str) -> Any:
        pairs = zip(mesh.cells, mesh.cell_data[what], strict=True)
        return np.concatenate([data for block, data in pairs if block.type == kind])

    def areas(self) -> Any:
        a, b, c = (self.corners[self.cells[:, k]] for k in range(3))
        return np.linalg.det(np.stack([b - a, c - a], axis=1)) / 2

    def quality(self) -> Any:
        """Signed inverse condition number against the equilateral triangle: 4 sqrt(3) A / sum of sides²."""
        sides = [self.corners[self.cells[:, k]] - self.corners[self.cells[:, k - 1]] for k in range(3)]
        return 4 * np.sqrt(3) * self.areas() / sum((side**2).sum(axis=1) for side in sides)

    def facets(self) -> dict[tuple[int, ...], list[int]]:
        """The cells at every side of a triangle."""
        beside = defaultdict(list)
        for cell, nodes in enumerate(self.cells.tolist()):
            for side in combinations(sorted(nodes), 2):
                beside[side].append(cell)
        return beside


def check(path: Path, filler: float) -> MeshFile:
    """All that a mesh of particles promises."""
    mesh = MeshFile(path)
    assert set(mesh.cell_names) == {"LPSC1.0", "LGPS"}
    assert len(np.unique(mesh.grain)) >= 200
    areas = mesh.areas()
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(AREA, rel=1e-9)
    share = areas[np.array(mesh.material) == "LGPS"].sum() / AREA
    assert share == pytest.approx(AREA_SHARE[filler], abs=1e-4)
    assert mesh.quality().min() > 0.3
    assert mesh.quality().mean() > 0.95
    check_facets(mesh)
    return mesh


def check_facets(mesh: MeshFile) -> None:
    """Facets lie between two cells or on a side, and those between grains are in the group of their pair."""
    names = {
        tuple(sorted(line)): name for line, name in zip(mesh.lines.tolist(), mesh.line_name, strict=True)
    }
    assert len(names) == len(mesh.lines)
    seen: Counter[str] = Counter()
    for side, cells in mesh.facets().items():
        if len(cells) == 2:
            grains, materials = {mesh.grain[c] for c in cells}, sorted(mesh.material[c] for c in cells)
            expected = "|".join(materials) if len(grains) == 2 else None
        else:
            assert len(cells) == 1
            x, y = mesh.corners[list(side)].T
            walls = {"left": x, "right": 66.0 - x, "anode": y, "counter": 60.0 - y}
            (expected,) = [name for name, away in walls.items() if abs(away).max() < 1e-9]
        assert names.get(side) == expected
        seen[expected or "inside"] += 1
    assert set(seen) == PAIRS | {"left", "right", "anode", "counter", "inside"}


@pytest.mark.parametrize(("seed", "filler"), [(1, 0.2), (2, 0.3)])
def test_the_mesh_keeps_its_promises(tmp_path: Path, seed: int, filler: float) -> None:
    check(build_mesh(load(tmp_path, seed, filler), tmp_path / "mesh.msh"), filler)


@pytest.mark.slow
@pytest.mark.parametrize("filler", AREA_SHARE)
@pytest.mark.parametrize("seed", SEEDS)
def test_ten_seeds_at_three_ratios(tmp_path: Path, seed: int, filler: float) -> None:
    check(cached_mesh(load(tmp_path, seed, filler)), filler)


def test_the_grains_have_the_sizes_asked_for(tmp_path: Path) -> None:
    grains = mesh_statistics(cached_mesh(load(tmp_path))).grains
    for material, size in {"LPSC1.0": 5.0, "LGPS": 3.0}.items():
        got = grains.sizes(material)
        assert got.median == pytest.approx(size, rel=0.1)
        assert got.spread == pytest.approx(1.3, rel=0.1)
    assert grains.percolation("LPSC1.0").connects
    assert not grains.percolation("LGPS").connects
    neighbours = [sum(grains.mean_neighbours(a, b) for b in grains.materials) for a in grains.materials]
    assert all(3.0 < mean < 6.5 for mean in neighbours)


def test_one_seed_gives_one_file_and_another_seed_another(tmp_path: Path) -> None:
    first, again, other = (load(tmp_path, seed) for seed in (1, 1, 2))
    files = [
        build_mesh(case, tmp_path / f"{k}.msh").read_bytes() for k, case in enumerate((first, again, other))
    ]
    assert files[0] == files[1] != files[2]
    assert mesh_name(first) == mesh_name(again) != mesh_name(other)
    assert mesh_name(first).startswith("particles-")


def test_the_name_of_the_mesh_depends_on_the_densities(tmp_path: Path) -> None:
    heavier = load(tmp_path, 1, 0.2, "materials.LGPS.density=2.1 g/cm^3")
    assert mesh_name(heavier) != mesh_name(load(tmp_path))


def test_cells_are_small_at_boundaries_and_grow_away_from_them(tmp_path: Path) -> None:
    sizes = ["mesh.cell_size_boundary=0.5 um", "mesh.cell_size_bulk=2 um", "mesh.front_height=1 um"]
    small = ["microstructure.width=24 um", "microstructure.depth=24 um"]
    mesh = MeshFile(build_mesh(load(tmp_path, 1, 0.2, *sizes, *small), tmp_path / "mesh.msh"))
    inside = np.array([name in PAIRS for name in mesh.line_name])
    ends = mesh.corners[mesh.lines[inside]]
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    assert np.median(length) == pytest.approx(0.5, rel=0.1)
    middle = mesh.corners[mesh.cells].mean(axis=1)
    away = np.linalg.norm(middle[:, None] - ends.mean(axis=1), axis=2).min(axis=1)
    size = np.sqrt(4 / np.sqrt(3) * mesh.areas())
    high = middle[:, 1] > 3.0
    assert np.median(size[high & (away < 0.4)]) == pytest.approx(0.5, rel=0.15)
    assert np.median(size[high & (away > 1.5)]) > 0.7
    assert mesh.quality().min() > 0.3


def test_the_command_tells_what_the_mesh_is_like_and_draws_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    load(tmp_path)
    words = ["mesh", "case.toml", "--plot", "mesh.png"]
    assert call(words, monkeypatch) == 0
    out = capfd.readouterr().out
    for said in ("0.1859 (wanted 0.1859)", "LGPS|LPSC1.0", "median size", "connects anode and counter"):
        assert said in out
    assert (tmp_path / "mesh.png").read_bytes().startswith(b"\x89PNG")
    wrong = "microstructure.grains=[{material='LGPS', mass_share=0.9, size='3 um'}]"
    assert call([*words, "--set", wrong], monkeypatch) == 2
    refused = capfd.readouterr().err
    assert refused.count("\n") == 1 and "must sum to 1" in refused


@pytest.mark.slow
def test_a_thousand_grains_take_less_than_half_a_minute(tmp_path: Path) -> None:
    case = load(tmp_path, 1, 0.2, "microstructure.width=130 um", "microstructure.depth=130 um")
    start = time.perf_counter()
    path = build_mesh(case, tmp_path / "mesh.msh")
    assert time.perf_counter() - start < 30.0
    assert sum(mesh_statistics(path).grains.sizes(name).count for name in case.area_shares()) >= 1000
