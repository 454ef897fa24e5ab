"""Particles in space, and what both dimensions share: sizes, pores, clustering; the case and its errors."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem_model.base import machine
from fem_model.base.errors import InputError
from fem_model.base.machine import machine_memory
from fem_model.case import Case, case_to_toml, derive, load_case
from fem_model.case.layouts import Grains, Layers, Particles
from fem_model.mesh.cache import build_mesh
from fem_model.mesh.repair import quality
from fem_model.microstructure import Microstructure, Polyhedra, build_microstructure, transport
from fem_model.microstructure.grain_sizes import distance_from_law, draw_volumes, share_below
from fem_model.microstructure.power_diagram import PowerDiagram
from fem_model.microstructure.statistics import GrainGraph
from fem_model.microstructure.transport import fit_weights, relaxed_diagram
from fem_model.tasks.mesh_tables import deviation

CASE = """\
[microstructure]
layout = "particles"
width = "20 um"
breadth = "18 um"
depth = "22 um"
[[microstructure.grains]]
material = "LPSC1.0"
mass_share = 0.8
size = "5 um"
[[microstructure.grains]]
material = "LGPS"
mass_share = 0.2
size = "3 um"
[mesh]
cell_size_front = "0.5 um"
cell_size_bulk = "1 um"
front_height = "10 um"
[phase_field]
lam = "0.5 um"
[anode.initial]
kind = "film"
thickness = "2 um"
[drive]
mode = "galvanostatic"
current = "1 mA/cm^2"
[time]
end = "1 h"
"""
KINDS = "microstructure.grains=[{material='LGPS', mass_share=1.0, "
BOX = (1.0, 0.8, 0.6)


def load(tmp_path: Path, *overrides: str, text: str = CASE) -> Case:
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    return load_case(path, overrides)


def section(dim: int = 3, share: float = 0.2, **more: Any) -> Particles:
    kinds = [
        {"material": "A", "mass_share": 1 - share, "size": "5 um"},
        {"material": "B", "mass_share": share, "size": "3 um"},
    ]
    sides = {"width": "15 um", "breadth": "13 um", "depth": "14 um"}
    if dim == 2:
        sides = {"width": "50 um", "depth": "40 um"}
    return Particles.model_validate({"layout": "particles", "grains": kinds} | sides | more)


def grains(**law: Any) -> Grains:
    return Grains.model_validate({"material": "A", "mass_share": 1.0} | law)


# The case


def test_the_case_reads_back_the_same(tmp_path: Path) -> None:
    case = load(tmp_path, "microstructure.relative_density=0.9", "microstructure.clustering=dispersed")
    assert load(tmp_path, text=case_to_toml(case)) == case
    assert case.microstructure.extent == pytest.approx((20e-6, 18e-6, 22e-6))
    assert case.area_shares() == pytest.approx(
        {"LPSC1.0": 0.9 * 0.81407, "LGPS": 0.9 * 0.18593, "pore": 0.1}, abs=1e-5
    )
    assert case.material_table()["pore"].sigma == 1e-6
    assert isinstance(case.microstructure, Particles)
    assert case.microstructure.pore_size == 3e-6
    assert "pore" not in derive(case).wagner_length_m
    assert not any("pore" in warning for warning in derive(case).warnings)


def test_a_size_of_pores_that_are_not_there_is_told(tmp_path: Path) -> None:
    size = "microstructure.pore_size=3 um"
    for density, told in (("1.0", True), ("0.9", False)):
        warnings = derive(load(tmp_path, size, f"microstructure.relative_density={density}")).warnings
        assert any("pore_size" in warning for warning in warnings) == told


def test_a_list_of_sizes_has_its_median_and_spread(tmp_path: Path) -> None:
    kinds = "[{material='LGPS', mass_share=1.0, sizes=['2 um', '3 um', '4.5 um']}]"
    case = load(tmp_path, f"microstructure.grains={kinds}")
    (kind,) = case.microstructure.parts
    assert isinstance(kind, Grains)
    assert (kind.size, kind.smallest, kind.largest) == pytest.approx((3e-6, 2e-6, 4.5e-6))
    assert kind.spread == pytest.approx(math.exp(math.log(1.5) * math.sqrt(2 / 3)))
    assert kind.mean_volume(3) == pytest.approx(math.pi / 6 * (8 + 27 + 91.125) / 3 * 1e-18)
    assert load(tmp_path, text=case_to_toml(case)) == case


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["microstructure.breadth=4 um"], ["grains[0].size", "in a domain of only 4 µm"]),
        (["microstructure.breadth=-4 um"], ["breadth", "must be positive"]),
        (["microstructure.breadth=0 um"], ["breadth", "must be positive"]),
        ([f"{KINDS}size='30 um'}}]"], ["grains[0].size and spread", "grains of up to 57.8 µm"]),
        ([f"{KINDS}size='0 um'}}]"], ["grains[0].size", "must be positive"]),
        ([f"{KINDS}size='-3 um'}}]"], ["grains[0].size", "must be positive"]),
        ([f"{KINDS}size='1 nm'}}]"], ["grains would be about", "from 4 to 20000"]),
        ([f"{KINDS}size='17 um', spread=1.0}}]"], ["grains would be about 3.08"]),
        ([f"{KINDS}size='3 um', spread=0.9}}]"], ["grains[0].spread", "greater than or equal to 1"]),
        ([f"{KINDS}sizes=['3 um', '25 um']}}]"], ["grains[0].sizes has grains of up to 25 µm"]),
        ([f"{KINDS}sizes=['3 um', '0 um']}}]"], ["grains[0].sizes[1]", "must be positive"]),
        ([f"{KINDS}sizes=['3 um', '-1 um']}}]"], ["grains[0].sizes[1]", "must be positive"]),
        ([f"{KINDS}sizes='3 um'}}]"], ["grains[0].sizes", "must be a list"]),
        (
            ["microstructure.grains=[{material='pore', mass_share=1.0, size='3 um'}]"],
            ["grains[0].material", "relative_density and pore_size make them"],
        ),
        (
            [
                "microstructure.grains=[{material='LPSC1.0', mass_share=0.9999, size='5 um'}, "
                "{material='LGPS', mass_share=0.0001, size='5 um'}]"
            ],
            ["grains[1].mass_share leaves room for 0.0084 grains", "at least half a grain"],
        ),
        (["microstructure.relative_density=0.7"], ["relative_density", "0.8"]),
        (["microstructure.relative_density=1.01"], ["relative_density", "less than or equal to 1"]),
        (["microstructure.relative_density=95"], ["relative_density", "less than or equal to 1"]),
        (["microstructure.clustering=even"], ["clustering", "Allowed: random, dispersed, clustered"]),
        (
            ["microstructure.relative_density=0.9", "microstructure.pore_size=10 um"],
            ["pore_size", "grains of up to 19.3 µm"],
        ),
        (
            ["microstructure.relative_density=0.9999"],
            ["relative_density", "leaves room for", "at least half a grain"],
        ),
        (
            ["microstructure.relative_density=0.9", "microstructure.pore_size=1.5 um"],
            ["cell_size_bulk", "2 cells across grains of pore", "0.75 µm"],
        ),
        (
            [
                "microstructure.clustering=clustered",
                "microstructure.grains=[{material='LGPS', mass_share=1.0, size='3 um'}]",
            ],
            ["clustering", "needs grains of two materials"],
        ),
        (
            ["microstructure.grains=[{material='LGPS', mass_share=1.0}]"],
            ["grains[0].size is missing", "or a list of sizes"],
        ),
        (
            ["microstructure.grains=[{material='LGPS', mass_share=1.0, size='3 um', sizes=['4 um']}]"],
            ["grains[0].size and sizes exclude each other"],
        ),
        (
            ["microstructure.grains=[{material='LGPS', mass_share=1.0, sizes=[]}]"],
            ["grains[0].sizes = []", "1 or more entries"],
        ),
    ],
)
def test_bad_input_is_told_in_one_message(tmp_path: Path, changes: list[str], words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, *changes)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_the_estimate_of_cells_goes_with_the_cube_of_the_refinement(tmp_path: Path) -> None:
    one, two = (derive(load(tmp_path, f"mesh.refinement={factor}")) for factor in (1.0, 2.0))
    volume = 20 * 18 * (10 / 0.5**3 + 12)
    assert one.num_cells == pytest.approx(6 * volume, rel=1e-4)
    assert two.num_cells == pytest.approx(8 * one.num_cells, rel=1e-4)
    assert one.num_dofs == pytest.approx(0.36 * one.num_cells, rel=1e-4)
    assert one.memory_bytes == 250_000_000 + 4_500 * one.num_dofs


def test_the_memory_is_that_of_the_container_if_it_has_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "CONTAINER_LIMIT", limit)
    installed = machine_memory()
    assert installed > 10**8
    for text, expected in (("max\n", installed), ("1000000\n", 10**6)):
        limit.write_text(text)
        assert machine_memory() == expected


# The power diagram in space


def test_cells_hold_the_points_of_least_power() -> None:
    """Against counting the points of a fine grid."""
    random = np.random.default_rng(5)
    seeds, weights, h = random.random((25, 3)) * BOX, 0.02 * random.random(25), 1 / 80
    diagram = PowerDiagram.of(seeds, weights, BOX)
    grid = np.stack(np.meshgrid(*[np.arange(h / 2, side, h) for side in BOX]), axis=-1).reshape(-1, 3)
    owner = (((grid[:, None] - seeds) ** 2).sum(axis=2) - weights).argmin(axis=1)
    assert diagram.volumes == pytest.approx(np.bincount(owner, minlength=25) * h**3, abs=4e-4)
    assert diagram.volumes.sum() == pytest.approx(math.prod(BOX), rel=1e-12)
    for cell in np.flatnonzero(diagram.volumes > 5e-3):
        assert diagram.centroids[cell] == pytest.approx(grid[owner == cell].mean(axis=0), abs=5e-3)


def test_coupling_is_the_derivative_of_the_volumes() -> None:
    random = np.random.default_rng(2)
    seeds, weights = random.random((30, 3)) * BOX, 1e-3 * random.random(30)
    slope = PowerDiagram.of(seeds, weights, BOX).coupling.toarray()
    for cell in (0, 11, 29):
        step = 1e-6 * np.eye(30)[cell]
        difference = PowerDiagram.of(seeds, weights + step, BOX).volumes
        difference -= PowerDiagram.of(seeds, weights - step, BOX).volumes
        assert difference / 2e-6 == pytest.approx(slope[:, cell], abs=1e-5)


def test_volumes_that_differ_by_a_factor_of_three_million_are_met() -> None:
    """To round-off, below which no step lessens the error of the smallest."""
    random = np.random.default_rng(2)
    volumes = 10.0 ** (-6.5 * random.random(60))
    volumes *= math.prod(BOX) / volumes.sum()
    diagram = relaxed_diagram(random.random((60, 3)) * BOX, volumes, BOX)
    assert diagram.volumes == pytest.approx(volumes, rel=1e-10, abs=1e-14)


def test_volumes_that_are_not_met_are_told_as_wrong_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "LARGEST_NUMBER_OF_STEPS", 1)
    case = load(tmp_path)
    with pytest.raises(InputError, match=r"cannot be met: another microstructure\.seed"):
        build_mesh(case, tmp_path / "mesh.msh")
    assert [path.name for path in tmp_path.iterdir()] == ["case.toml"]


def test_polyhedra_have_the_volumes_of_their_cells_and_conform() -> None:
    random = np.random.default_rng(7)
    volumes = 10.0 ** (1.5 * random.random(40))
    volumes *= math.prod(BOX) / volumes.sum()
    _, diagram = fit_weights(random.random((40, 3)) * BOX, np.zeros(40), volumes, BOX, 1e-9)
    points, faces, beside = diagram.polyhedra()
    solid = Polyhedra(points, tuple(faces), beside, ("A", "B") * 20)
    assert solid.volumes() == pytest.approx(volumes, rel=1e-8)
    assert solid.extent == BOX
    assert len(points) - len(solid.edges) + len(faces) - 40 == 1  # Euler's formula for a ball
    walls = {"left", "right", "front", "back", "anode", "counter"}
    assert set(solid.face_names) == walls | {"A|A", "A|B", "B|B"}
    for name, axis, place in (("left", 0, 0.0), ("back", 1, 0.8), ("anode", 2, 0.0), ("counter", 2, 0.6)):
        corners = [face for face, called in zip(faces, solid.face_names, strict=True) if called == name]
        assert (points[np.concatenate(corners), axis] == place).all()


def test_polyhedra_that_leave_gaps_or_are_inside_out_are_refused() -> None:
    unit = {"layout": "layers", "width": "1 m", "breadth": "1 m", "depth": "2 m"}
    layers = [{"material": "A", "share": 0.5}, {"material": "B", "share": 0.5}]
    solid = build_microstructure(Layers.model_validate(unit | {"layers": layers}), [0.5, 0.5])
    assert isinstance(solid, Polyhedra)
    assert solid.volumes() == pytest.approx([1.0, 1.0])
    with pytest.raises(ValueError, match="anticlockwise"):
        Polyhedra(solid.points, tuple(face[::-1] for face in solid.faces), solid.beside, ("A", "B"))
    with pytest.raises(ValueError, match="gaps"):
        Polyhedra(solid.points, solid.faces[:-1], solid.beside[:-1], ("A", "B"))


@pytest.mark.parametrize(("bands", "axis"), [("vertical", 0), ("horizontal", 2)])
def test_bands_become_slabs(bands: str, axis: int) -> None:
    layers = [{"material": name, "share": share} for name, share in (("A", 0.2), ("B", 0.5), ("A", 0.3))]
    data = {"layout": "layers", "width": "2 um", "breadth": "3 um", "depth": "4 um", "bands": bands}
    solid = build_microstructure(Layers.model_validate(data | {"layers": layers}), [0.2, 0.5, 0.3])
    assert isinstance(solid, Polyhedra)
    assert solid.volume_fractions() == pytest.approx({"A": 0.5, "B": 0.5}, rel=1e-12)
    assert solid.extent == pytest.approx((2e-6, 3e-6, 4e-6), rel=1e-15)
    between = [face for face, name in zip(solid.faces, solid.face_names, strict=True) if "|" in name]
    assert [solid.points[face[0], axis] for face in between] == pytest.approx(
        [0.2 * solid.extent[axis], 0.7 * solid.extent[axis]]
    )


# Sizes


@pytest.mark.parametrize("count", [1, 5, 60])
def test_in_space_every_sample_has_the_law_of_its_sizes(count: int) -> None:
    kind = grains(size="2 um", spread=1.5)
    volumes = draw_volumes(kind, count * kind.mean_volume(3) * 1e18, 1e-6, np.random.default_rng(1), 3)
    assert len(volumes) == count
    assert volumes.sum() == pytest.approx(count * kind.mean_volume(3) * 1e18, rel=1e-12)
    diameters = np.cbrt(6 / math.pi * volumes) * 1e-6
    assert distance_from_law(diameters, [(kind, 1.0)], 3) < 1 / count
    if count == 60:
        assert np.median(diameters) == pytest.approx(2e-6, rel=0.02)
        assert diameters.max() < 1.02 * kind.largest


@pytest.mark.parametrize(("spread", "most"), [(1.1, 1.6), (1.2, 1.0), (1.3, 1.0), (1.7, 1.0), (3.0, 1.6)])
def test_the_distance_from_the_law_is_what_the_docs_state(spread: float, most: float) -> None:
    """Kolmogorov-Smirnov times the number of grains, wherever the volume lies between two numbers."""
    kind = grains(size="2 um", spread=spread)
    for count in np.concatenate([n + np.array([-0.49, 0.0, 0.49]) for n in (1, 2, 5, 10, 20, 60, 300)]):
        total = count * kind.mean_volume(3) * 1e18
        volumes = draw_volumes(kind, total, 1e-6, np.random.default_rng(1), 3)
        diameters = np.cbrt(6 / math.pi * volumes) * 1e-6
        assert distance_from_law(diameters, [(kind, 1.0)], 3) <= most / len(volumes)


@pytest.mark.parametrize("dim", [2, 3])
def test_a_list_of_sizes_is_gone_through(dim: int) -> None:
    kind = grains(sizes=["1 um", "2 um", "3 um", "4 um"])
    ball = math.pi / (2 * dim)
    total = 5 * ball * sum(size**dim for size in (1, 2, 3, 4))
    volumes = draw_volumes(kind, total, 1e-6, np.random.default_rng(3), dim)
    diameters = (volumes / ball) ** (1 / dim)
    assert np.sort(diameters) == pytest.approx(np.repeat([1, 2, 3, 4], 5))
    assert share_below(kind, np.array([0.5e-6, 1e-6, 3.5e-6, 5e-6])) == pytest.approx([0, 0.25, 0.75, 1])


def test_a_list_longer_than_the_grains_is_sampled_evenly_in_space() -> None:
    kind = grains(sizes=[f"{1 + k / 1000} um" for k in range(2000)])
    volumes = draw_volumes(kind, 100.2 * kind.mean_volume(3) * 1e18, 1e-6, np.random.default_rng(1), 3)
    diameters = np.cbrt(6 / math.pi * volumes)
    assert len(diameters) == 100
    assert np.sort(diameters) == pytest.approx(1 + (np.arange(100) + 0.5) / 50, rel=0.002)


def test_the_law_of_two_kinds_counts_grains_not_volume() -> None:
    small, large = grains(size="1 um", spread=1.0), grains(size="2 um", spread=1.0)
    diameters = np.repeat([1.0000001e-6, 2.0000001e-6], [8, 1])  # as much volume of either
    assert distance_from_law(diameters, [(small, 0.5), (large, 0.5)], 3) == pytest.approx(8 / 9)
    assert share_below(small, np.array([0.9e-6, 1.1e-6])).tolist() == [0.0, 1.0]


# Grains of both dimensions


@pytest.mark.parametrize("dim", [2, 3])
def test_pores_fill_their_share(dim: int) -> None:
    kinds = section(dim, relative_density=0.85, pore_size="4 um")
    shares = kinds.part_shares(lambda _: 1000.0)
    assert shares == pytest.approx((0.68, 0.17, 0.15))
    solid = build_microstructure(kinds, shares)
    got = solid.volume_fractions() if isinstance(solid, Polyhedra) else solid.area_fractions()
    assert got == pytest.approx({"A": 0.68, "B": 0.17, "pore": 0.15}, abs=1e-9)


@pytest.mark.parametrize("dim", [2, 3])
def test_clustering_changes_contacts_and_not_volumes(dim: int) -> None:
    like, volumes = [], []
    for clustering in ("dispersed", "random", "clustered"):
        found = [
            build_microstructure(section(dim, 0.1, clustering=clustering, seed=seed), [0.9, 0.1])
            for seed in (1, 2, 3)
        ]
        like.append(sum(like_contact(grains) for grains in found) / 3)
        volumes.append([sorted(sizes(grains)) for grains in found])
    assert like[0] < 0.6 * like[1]
    assert like[2] > 1.8 * like[1]
    for k in range(3):
        assert volumes[0][k] == pytest.approx(volumes[1][k], rel=1e-7)


def sizes(solid: Microstructure | Polyhedra) -> Any:
    return solid.volumes() if isinstance(solid, Polyhedra) else solid.areas()


def like_contact(solid: Microstructure | Polyhedra) -> float:
    """Share of the contacts of B that are with B."""
    names = solid.face_names if isinstance(solid, Polyhedra) else tuple(solid.edge_names.values())
    return 2 * names.count("B|B") / (2 * names.count("B|B") + names.count("A|B"))


def test_the_seed_fixes_the_grains() -> None:
    first, again, other = (build_microstructure(section(seed=seed), [0.8, 0.2]) for seed in (1, 1, 2))
    assert np.array_equal(first.points, again.points)
    assert first.points.shape != other.points.shape or not np.allclose(first.points, other.points)


# Cells


def test_quality_is_one_for_a_regular_tetrahedron_and_zero_for_a_flat_one() -> None:
    corners = np.array([[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 1], [1.0, 0.5, 0.5]])
    cells = np.array([[0, 1, 3, 2], [0, 1, 2, 3], [1, 2, 4, 3]])
    assert np.abs(quality(corners, cells)) == pytest.approx([1.0, 1.0, 0.0], abs=1e-12)
    assert quality(corners, cells)[0] == -quality(corners, cells)[1]


def test_the_deviation_is_told_only_of_laws_without_steps() -> None:
    """Sizes that miss one step by 1e-9 would deviate by 1."""
    two = GrainGraph(3, ("A",), np.zeros(2, int), np.array([30.0, 40.0]), np.empty((0, 2), int), {})
    assert float(deviation(two, "A", [(grains(size="4 um", spread=1.5), 1.0)])) > 0.0
    for kind in (grains(size="4 um", spread=1.0), grains(sizes=["3 um", "4 um"])):
        assert deviation(two, "A", [(kind, 1.0)]) == "-"
