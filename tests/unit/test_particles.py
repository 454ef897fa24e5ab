"""Particles: the section of the case, the tessellation, the cure of short edges, and the descriptors."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.case import Case, case_to_toml, derive, json_schema, load_case
from fem_model.case.layouts import Grains, Layers, Particles
from fem_model.microstructure import Microstructure, Region, build_microstructure, merge_short_edges
from fem_model.microstructure.areas import restore_areas
from fem_model.microstructure.grain_sizes import draw_volumes
from fem_model.microstructure.power_diagram import PowerDiagram
from fem_model.microstructure.statistics import GrainGraph
from fem_model.microstructure.transport import fit_weights, relaxed_diagram

CASE = """\
[microstructure]
layout = "particles"
width = "60 um"
depth = "50 um"
seed = 3
[[microstructure.grains]]
material = "LPSC1.0"
mass_share = 0.8
size = "5 um"
[[microstructure.grains]]
material = "LGPS"
mass_share = 0.2
size = "3 um"
spread = 1.5
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
BOX = (1.0, 0.7)
SHARES = CASE[CASE.index("mass_share") : CASE.index('size = "3 um"')]


def load(tmp_path: Path, *overrides: str, text: str = CASE) -> Case:
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    return load_case(path, overrides)


def section(seed: int = 1, share: float = 0.2, **more: Any) -> Particles:
    kinds = [
        {"material": "A", "mass_share": 1 - share, "size": "5 um"},
        {"material": "B", "mass_share": share, "size": "3 um"},
    ]
    data = {"layout": "particles", "width": "60 um", "depth": "50 um", "seed": seed, "grains": kinds}
    return Particles.model_validate(data | more)


def random_diagram(count: int = 60) -> PowerDiagram:
    random = np.random.default_rng(5)
    return PowerDiagram.of(random.random((count, 2)) * BOX, 0.02 * random.random(count), BOX)


# The case


@pytest.mark.parametrize(("mass", "area"), [(0.1, 0.0922), (0.2, 0.1859), (0.3, 0.2814)])
def test_area_shares_follow_from_masses_and_densities(tmp_path: Path, mass: float, area: float) -> None:
    kinds = (
        f"[{{material='LPSC1.0', mass_share={1 - mass}, size='5 um'}},"
        f" {{material='LGPS', mass_share={mass}, size='3 um'}}]"
    )
    case = load(tmp_path, f"microstructure.grains={kinds}")
    assert case.area_shares() == pytest.approx({"LPSC1.0": 1 - area, "LGPS": area}, abs=1e-4)
    assert list(case.material_table()) == ["LPSC1.0", "LGPS"]
    expected = (1 - area) * 0.357 + area * 0.526
    assert case.mean_sigma() == pytest.approx(expected, rel=1e-3)


def test_a_density_of_the_case_goes_over_that_of_the_library(tmp_path: Path) -> None:
    case = load(tmp_path, "materials.LGPS.density=0.93 g/cm^3")
    assert case.area_shares()["LGPS"] == pytest.approx(0.4 / 1.2)


def test_kinds_of_one_material_add_up_and_an_empty_kind_is_left_out(tmp_path: Path) -> None:
    kinds = (
        "[{material='LGPS', mass_share=0.5, size='3 um'}, {material='LGPS', mass_share=0.5, size='6 um'},"
        " {material='LPSC1.5', mass_share=0.0, size='3 um'}]"
    )
    case = load(tmp_path, f"microstructure.grains={kinds}")
    assert case.part_shares() == pytest.approx((0.5, 0.5, 0.0))
    assert case.area_shares() == {"LGPS": 1.0}
    assert list(case.material_table()) == ["LGPS"]


def test_the_resolved_case_reads_back_the_same(tmp_path: Path) -> None:
    case = load(tmp_path, "mesh.cell_size_boundary=0.7 um")
    assert load(tmp_path, text=case_to_toml(case)) == case
    assert isinstance(case.microstructure, Particles)
    assert case.microstructure.grains[0].spread == 1.3
    assert case.microstructure.seed == 3
    assert case.mesh.cell_size_boundary == pytest.approx(0.7e-6)


def test_the_schema_knows_the_section() -> None:
    schema = json_schema()
    mapping = schema["properties"]["microstructure"]["discriminator"]["mapping"]
    assert set(mapping) == {"layers", "particles", "image", "mesh"}
    keys = schema["$defs"]["Grains"]["properties"]
    assert set(keys) == {"material", "mass_share", "size", "spread", "sizes"}
    assert "default" in keys["spread"]


BAD = {  # what is replaced, by what: line of the message, and what it says
    "shares": (
        "mass_share = 0.2",
        "mass_share = 0.3",
        1,
        ["grains have mass shares", "1.1", "must sum to 1"],
    ),
    "no layout": ('layout = "particles"\n', "", 1, ["layout is missing", "layers, particles"]),
    "wrong layout": (
        '"particles"',
        '"particle"',
        2,
        ["Allowed: layers, particles", "Did you mean particles?"],
    ),
    "unit": ('size = "3 um"', 'size = "3 s"', 13, ["grains[1].size", "does not convert to m"]),
    "bare number": ('size = "3 um"', "size = 3", 13, ["grains[1].size", "needs a unit"]),
    "spread": ("spread = 1.5", "spread = 0.9", 14, ["grains[1].spread"]),
    "seed": ("seed = 3", "seed = -1", 5, ["[microstructure] seed"]),
    "material": ('"LGPS"', '"LGSP"', 11, ["grains[1].material", "Did you mean LGPS?"]),
    "unknown key": ("spread = 1.5", "spred = 1.5", 14, ["spred is not a key", "Did you mean spread?"]),
    "too large": ('size = "5 um"', 'size = "40 um"', 9, ["grains[0].size", "grains of up to", "50 µm"]),
    "too few": (
        CASE[CASE.index("[[") : CASE.index("[mesh]")],
        '[[microstructure.grains]]\nmaterial = "LGPS"\nmass_share = 1.0\nsize = "40 um"\nspread = 1.0\n',
        1,
        ["[microstructure] grains", "about 2.39", "from 4 to 20000"],
    ),
    "too many": ('size = "5 um"', 'size = "0.2 um"', 1, ["[microstructure] grains", "from 4 to 20000"]),
    "empty material": (
        SHARES,
        SHARES.replace("0.8", "0.999").replace("0.2", "0.001"),
        12,
        ["grains[1].mass_share", "leaves room for 0.29 grains", "half a grain"],
    ),
    "coarse cells": (
        'cell_size_bulk = "1 um"',
        'cell_size_bulk = "1.6 um"',
        17,
        ["[mesh] cell_size_bulk", "2 cells across grains of LGPS", "at most 1.5 µm"],
    ),
    "coarse boundaries": (
        'cell_size_bulk = "1 um"',
        'cell_size_bulk = "1 um"\ncell_size_boundary = "1.2 um"',
        18,
        ["[mesh] cell_size_boundary must not be larger than cell_size_bulk"],
    ),
    "no density": (
        'material = "LGPS"',
        'material = "X"\n',
        None,
        ["[materials.X] density is missing", "mass shares"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_in_one_message(tmp_path: Path, name: str) -> None:
    old, new, line, words = BAD[name]
    text = CASE.replace(old, new) + ('[materials.X]\nsigma = "1 S/m"\n' if name == "no density" else "")
    with pytest.raises(InputError) as caught:
        load(tmp_path, text=text)
    message = str(caught.value)
    assert "\n" not in message
    assert f"case.toml:{line}: " in message or line is None
    for word in words:
        assert word in message


def test_a_warning_tells_of_grains_smaller_than_a_cell(tmp_path: Path) -> None:
    """A fine front over the whole depth, or fine boundaries, make up for a coarse bulk."""
    coarse = "mesh.cell_size_bulk=1.5 um"
    assert any(
        "LGPS" in warning and "1.09 µm" in warning for warning in derive(load(tmp_path, coarse)).warnings
    )
    for cure in ("mesh.front_height=50 um", "mesh.cell_size_boundary=1 um"):
        assert not any("smallest grains" in w for w in derive(load(tmp_path, coarse, cure)).warnings)


def test_the_estimate_of_cells_counts_those_at_boundaries(tmp_path: Path) -> None:
    fine, coarse = "mesh.cell_size_boundary=0.25 um", "mesh.cell_size_boundary=1 um"
    without = derive(load(tmp_path)).num_cells
    assert derive(load(tmp_path, coarse)).num_cells == pytest.approx(without, rel=1e-6)
    assert derive(load(tmp_path, fine)).num_cells > 2 * without


# The power diagram


def test_cells_hold_the_points_of_least_power() -> None:
    """Against counting the points of a fine grid."""
    diagram, h = random_diagram(), 1 / 400
    weights = 0.02 * np.random.default_rng(5).random(180)[120:]
    x, y = np.meshgrid(np.arange(h / 2, BOX[0], h), np.arange(h / 2, BOX[1], h))
    grid = np.column_stack([x.ravel(), y.ravel()])
    power = ((grid[:, None] - diagram.seeds) ** 2).sum(axis=2) - weights
    owner = power.argmin(axis=1)
    counted = np.bincount(owner, minlength=60) * h * h
    assert diagram.volumes == pytest.approx(counted, abs=0.1 * h)
    assert diagram.volumes.sum() == pytest.approx(BOX[0] * BOX[1], rel=1e-12)
    full = diagram.volumes > 0.0
    centres = np.array([grid[owner == cell].mean(axis=0) for cell in np.flatnonzero(full)])
    with np.errstate(invalid="ignore"):
        assert diagram.centroids[full] == pytest.approx(centres, abs=0.02)


def test_coupling_is_the_derivative_of_the_areas() -> None:
    random = np.random.default_rng(2)
    seeds, weights = random.random((40, 2)) * BOX, 1e-3 * random.random(40)
    slope = PowerDiagram.of(seeds, weights, BOX).coupling.toarray()
    for cell in (0, 17, 39):
        step = 1e-7 * np.eye(40)[cell]
        difference = PowerDiagram.of(seeds, weights + step, BOX).volumes
        difference -= PowerDiagram.of(seeds, weights - step, BOX).volumes
        assert difference / 2e-7 == pytest.approx(slope[:, cell], abs=1e-6)


def test_weights_meet_areas_that_differ_by_a_factor_of_a_hundred() -> None:
    random = np.random.default_rng(7)
    seeds, areas = random.random((80, 2)) * BOX, 10.0 ** (2.0 * random.random(80))
    areas *= BOX[0] * BOX[1] / areas.sum()
    _, diagram = fit_weights(seeds, np.zeros(80), areas, BOX, 1e-9)
    assert diagram.volumes == pytest.approx(areas, rel=1e-9)


def test_relaxing_rounds_the_cells() -> None:
    random = np.random.default_rng(7)
    seeds, areas = random.random((100, 2)) * BOX, np.full(100, BOX[0] * BOX[1] / 100)

    def roundness(diagram: PowerDiagram) -> float:
        perimeter = np.bincount(diagram.cell, diagram.measure)
        return float(np.median(4 * np.pi * diagram.volumes / perimeter**2))

    raw = fit_weights(seeds, np.zeros(100), areas, BOX, 1e-9)[1]
    assert roundness(relaxed_diagram(seeds, areas, BOX)) > 0.8 > 0.75 > roundness(raw)


# Grains


def test_equal_grains_are_equal_and_a_spread_is_met() -> None:
    random = np.random.default_rng(1)
    equal = Grains(material="A", mass_share=1.0, size="2 um", spread=1.0)  # type: ignore[arg-type]
    areas = draw_volumes(equal, 5000.0, 1e-6, random, 2)
    assert len(areas) == round(5000 / math.pi)
    assert areas == pytest.approx(5000 / len(areas), rel=1e-12)
    wide = Grains(material="A", mass_share=1.0, size="2 um", spread=1.5)  # type: ignore[arg-type]
    areas = draw_volumes(wide, 50000.0, 1e-6, random, 2)
    diameters = np.sqrt(4 / math.pi * areas)
    assert areas.sum() == pytest.approx(50000.0, rel=1e-12)
    assert np.median(diameters) == pytest.approx(2.0, rel=0.03)
    assert np.exp(np.log(diameters).std()) == pytest.approx(1.5, rel=0.03)  # 1.46 with the tails cut off
    assert diameters.max() < 1.02 * wide.largest * 1e6
    assert areas.mean() == pytest.approx(wide.mean_volume(2) * 1e12, rel=0.03)


def test_nothing_is_drawn_for_no_share() -> None:
    grains = Grains(material="A", mass_share=0.0, size="2 um")  # type: ignore[arg-type]
    assert len(draw_volumes(grains, 0.0, 1e-6, np.random.default_rng(1), 2)) == 0


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_particles_meet_their_shares(share: float) -> None:
    grains = build_microstructure(section(share=share), [1 - share, share])
    expected = {"A": 1.0} if share == 0 else {"A": 1 - share, "B": share}
    assert grains.area_fractions() == pytest.approx(expected, abs=1e-9)
    assert (grains.width, grains.depth) == (60e-6, 50e-6)
    assert [region.grain for region in grains.regions] == list(range(1, len(grains.regions) + 1))
    assert len(grains.regions) > 100


def test_the_seed_fixes_the_grains_whatever_they_are_made_of() -> None:
    first, again, other = (build_microstructure(section(seed), [0.8, 0.2]) for seed in (1, 1, 2))
    assert np.array_equal(first.points, again.points)
    assert first.regions == again.regions
    assert first.points.shape != other.points.shape or not np.allclose(first.points, other.points)
    kinds = [
        {"material": "C", "mass_share": 0.5, "size": "5 um"},
        {"material": "D", "mass_share": 0.5, "size": "3 um"},
    ]
    renamed = build_microstructure(section(grains=kinds), [0.8, 0.2])
    assert np.array_equal(first.points, renamed.points)


# Short edges


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_merging_leaves_no_short_edge_and_keeps_areas_and_walls(seed: int) -> None:
    before = build_microstructure(section(seed), [0.8, 0.2])
    after = merge_short_edges(before, lambda points: np.full(len(points), 0.5e-6))
    assert lengths(before).min() < 0.1e-6
    assert lengths(after).min() > 0.4e-6  # restoring the areas moves points by a little
    assert after.areas() == pytest.approx(before.areas(), rel=1e-9)
    assert [region.material for region in after.regions] == [region.material for region in before.regions]
    corners = {(0.0, 0.0), (60e-6, 0.0), (60e-6, 50e-6), (0.0, 50e-6)}
    assert corners <= {(float(x), float(y)) for x, y in after.points}


def lengths(microstructure: Microstructure) -> Any:
    edges = np.array(list(microstructure.edge_names))
    return np.linalg.norm(np.diff(microstructure.points[edges], axis=1)[:, 0], axis=1)


def test_merging_depends_on_the_place() -> None:
    before = build_microstructure(section(), [0.8, 0.2])
    after = merge_short_edges(before, lambda points: np.where(points[:, 1] < 25e-6, 0.0, 0.5e-6))
    edges = np.array(list(after.edge_names))
    middle = after.points[edges].mean(axis=1)
    short = lengths(after) < 0.3e-6
    assert short[middle[:, 1] < 22e-6].any()
    assert not short[middle[:, 1] > 28e-6].any()


def test_what_has_no_short_edge_or_would_lose_a_region_stays() -> None:
    bands = [
        {"material": "A", "share": 0.499},
        {"material": "B", "share": 0.002},
        {"material": "A", "share": 0.499},
    ]
    data = {"layout": "layers", "width": "50 um", "depth": "50 um", "layers": bands}
    thin = build_microstructure(Layers.model_validate(data), [0.499, 0.002, 0.499])
    assert merge_short_edges(thin, lambda points: np.full(len(points), 1e-6)) is thin
    grains = build_microstructure(section(), [0.8, 0.2])
    assert merge_short_edges(grains, lambda points: np.full(len(points), 1e-12)) is grains


def test_a_cut_corner_is_not_merged_over_the_corner() -> None:
    """A short edge from the left wall to the anode: its ends have no place in common."""
    points = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.1, 0], [0, 0.1]]) * 1e-5
    regions = (Region("A", 1, (0, 4, 5)), Region("B", 2, (4, 1, 2, 3, 5)))
    cut = Microstructure(points, regions)
    assert merge_short_edges(cut, lambda middle: np.full(len(middle), 2e-6)) is cut


def test_areas_are_restored_by_the_smallest_motion() -> None:
    """Two squares with a common side: it moves as a whole, and the walls stay."""
    points = np.array([[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]], dtype=float)
    free = np.array([[0, 0], [1, 0], [0, 0], [0, 0], [1, 0], [0, 0]], dtype=bool)
    moved = restore_areas(points, [(0, 1, 4, 3), (1, 2, 5, 4)], np.array([1.2, 0.8]), free)
    assert moved == pytest.approx(points + 0.2 * free)


# Descriptors


def graph(*contacts: tuple[int, int]) -> GrainGraph:
    """Grains 0-3 of A with areas 1, 1, 1, 4; 4 and 5 of B; 0 lies at the anode, 2 and 5 at the counter."""
    return GrainGraph(
        dim=2,
        materials=("A", "B"),
        material=np.array([0, 0, 0, 0, 1, 1]),
        volume=np.array([1.0, 1.0, 1.0, 4.0, 2.0, 2.0]),
        contacts=np.array(contacts, dtype=np.int64).reshape(-1, 2),
        touches={"anode": np.arange(6) == 0, "counter": np.isin(np.arange(6), [2, 5])},
    )


def test_percolation_needs_a_chain_of_grains_of_the_material() -> None:
    chain = graph((0, 1), (1, 2), (3, 4)).percolation("A")
    assert chain.connects
    assert (chain.spanning, chain.largest) == pytest.approx((3 / 7, 4 / 7))
    broken = graph((0, 1), (1, 4), (2, 4), (2, 3)).percolation("A")
    assert not broken.connects
    assert (broken.spanning, broken.largest) == pytest.approx((0.0, 5 / 7))


def test_sizes_and_neighbours() -> None:
    grains = graph((0, 1), (1, 2), (3, 4), (1, 4))
    sizes = grains.sizes("A")
    assert (sizes.count, sizes.median) == (4, pytest.approx(math.sqrt(4 / math.pi)))
    assert sizes.spread == pytest.approx(math.exp(math.log(2) * math.sqrt(3) / 4))
    assert grains.mean_neighbours("A", "A") == pytest.approx(4 / 4)
    assert grains.mean_neighbours("A", "B") == pytest.approx(2 / 4)
    assert grains.mean_neighbours("B", "A") == pytest.approx(2 / 2)
    assert grains.mean_neighbours("B", "B") == 0.0
