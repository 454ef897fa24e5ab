"""Descriptors from mesh files against what is known of the shapes in them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from math import pi
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from matplotlib.tri import Triangulation
from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.cli import app
from fem_model.mesh.cache import cached_mesh
from fem_model.mesh.descriptors import Descriptors, descriptors
from fem_model.mesh.domain import read_domain
from fem_model.mesh.lattice import sample_lattice
from fem_model.mesh.msh import read_msh
from fem_model.mesh.spanning import spanning_in
from fem_model.mesh.statistics import ends_of, statistics_of
from fem_model.study.bounds import wiener
from fem_model.study.conductivity import ConductivityStudy
from fem_model.study.tortuosity import tortuosity_factors
from fem_model.study.verification.conductivity import rayleigh
from fem_model.study.verification.samples import Draw, disc, tiles, write_sample
from fem_model.tasks.conductivity import conductivity
from tests.fem.particles import SMALL, load, load_3d

MICROMETRE = 1e-6


def described(folder: Path, draw: Draw, h: float, dim: int = 2, points: int | None = None) -> Descriptors:
    return descriptors(write_sample(folder / "sample.msh", draw, h, dim), points)


def ball(gmsh: ModuleType) -> dict[str, list[int]]:
    """A ball "b" of radius 3 in the middle of a cube "a" of side 10."""
    occ = gmsh.model.occ
    cube, inner = occ.addBox(0, 0, 0, 10, 10, 10), occ.addSphere(5, 5, 5, 3)
    occ.fragment([(3, cube)], [(3, inner)])
    occ.synchronize()
    small, large = sorted((tag for _, tag in gmsh.model.getEntities(3)), key=lambda tag: occ.getMass(3, tag))
    return {"a": [large], "b": [small]}


# Areas of interfaces, and the slope of the two-point probability


def test_a_disc_has_its_circumference(tmp_path: Path) -> None:
    found = described(tmp_path, disc(3.0, 10.0), 0.2)
    exact = 2 * pi * 3 / 100
    areas = found.as_json()["interface_area_1_m"]
    assert areas["by_pair"] == pytest.approx({"a|b": exact / MICROMETRE}, rel=1e-3)
    assert areas["between_grains_of_one_material"] == 0.0
    two = found.correlation["b"]
    assert two.fraction == pytest.approx(found.statistics.area_fractions["b"], abs=1e-4)
    assert two.interface_area == pytest.approx(exact / MICROMETRE, rel=5e-3)


def test_a_ball_has_its_surface(tmp_path: Path) -> None:
    found = described(tmp_path, ball, 0.6, dim=3, points=2**19)
    surface = found.statistics.interface_area("b")
    assert surface == pytest.approx(4 * pi * 9 / 1000, rel=0.01)
    assert found.correlation["a"].interface_area == pytest.approx(surface / MICROMETRE, rel=0.01)
    assert found.correlation["b"].fraction == pytest.approx(found.statistics.area_fractions["b"], abs=1e-4)


def test_pairs_of_grains_are_told_apart(tmp_path: Path) -> None:
    """Tiles of side 5 in a 15 x 10 rectangle: two seams a|a, three a|b, two b|b."""
    found = described(tmp_path, tiles(["aab", "abb"], 5.0), 1.0)
    areas = found.as_json()["interface_area_1_m"]
    side = 5 / 150 / MICROMETRE
    assert areas["by_pair"] == pytest.approx({"a|a": 2 * side, "a|b": 3 * side, "b|b": 2 * side})
    assert areas["between_materials"] == pytest.approx(3 * side)
    assert areas["between_grains_of_one_material"] == pytest.approx(4 * side)
    assert areas["by_phase"] == pytest.approx({"a": 3 * side, "b": 3 * side})
    contacts = found.as_json()["grains_by_phase"]
    assert contacts["a"]["mean_contacts_with"] == pytest.approx({"a": 4 / 3, "b": 1.0})
    assert contacts["b"]["mean_contacts_with"] == pytest.approx({"a": 1.0, "b": 4 / 3})


@pytest.mark.parametrize("dim", [2, 3])
def test_particles_have_one_area_by_two_routes(tmp_path: Path, dim: int) -> None:
    case = load(tmp_path) if dim == 2 else load_3d(tmp_path, box=SMALL)
    found = descriptors(cached_mesh(case), 2**19)
    for name, two in found.correlation.items():
        meshed = found.statistics.interface_area(name) / MICROMETRE
        assert two.interface_area == pytest.approx(meshed, rel=0.02)
        assert two.fraction == pytest.approx(found.statistics.area_fractions[name], abs=1e-3)


def test_pairs_at_random_say_the_same(tmp_path: Path) -> None:
    """Pairs thrown into the mesh, found by Matplotlib's search of triangles: no lattice, no lags."""
    path = cached_mesh(load(tmp_path))
    found, mesh = descriptors(path, 2**18), read_msh(path)
    cell_of = Triangulation(*mesh.points.T, mesh.cells).get_trifinder()
    rng = np.random.default_rng(7)
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    two = found.correlation["LGPS"]
    for k in (4, 15, 60):
        first = rng.uniform(low, high, (300_000, 2))
        angle = rng.uniform(0, 2 * pi, len(first))
        second = first + two.r[k] / MICROMETRE * np.column_stack([np.cos(angle), np.sin(angle)])
        cells = np.array([cell_of(*ends.T) for ends in (first, second)])
        ends = mesh.material[cells[:, (cells >= 0).all(axis=0)]] == mesh.materials.index("LGPS")
        weight = 4 * np.sqrt(0.25 / ends.shape[1])  # four standard errors at most
        assert two.both[k] == pytest.approx(ends.all(axis=0).mean(), abs=weight)
        assert two.unlike[k] == pytest.approx((ends[0] != ends[1]).mean() / 2, abs=weight)


# Percolation


def test_corners_in_common_do_not_connect(tmp_path: Path) -> None:
    found = described(tmp_path, tiles(["abab", "baba", "abab"], 5.0), 1.25, points=1000)
    for ways in found.as_json()["percolation_by_phase"].values():
        assert ways["anode_to_counter"] == ways["x"] == {"connects": False, "share_connected": 0.0}
        assert ways["share_in_largest_cluster"] == pytest.approx(1 / 6)


def test_percolation_goes_by_direction(tmp_path: Path) -> None:
    """a: a column from anode to counter, and a tile apart; b reaches from side to side in no row."""
    found = described(tmp_path, tiles(["abb", "aba", "abb"], 5.0), 1.25, points=1000)
    ways = found.as_json()["percolation_by_phase"]
    assert ways["a"]["anode_to_counter"] == {"connects": True, "share_connected": pytest.approx(3 / 4)}
    assert not ways["a"]["x"]["connects"]
    assert ways["b"]["anode_to_counter"] == {"connects": True, "share_connected": pytest.approx(1.0)}
    assert not ways["b"]["x"]["connects"]


def test_grains_are_what_hangs_together(tmp_path: Path) -> None:
    """A file with one number for all cells of a material: its parts count, not the number."""
    mesh = read_msh(write_sample(tmp_path / "b.msh", tiles(["aba", "bab"], 5.0), 1.25))
    merged = statistics_of(replace(mesh, grain=mesh.material + 1)).grains
    apart = statistics_of(mesh).grains
    for name in ("a", "b"):
        assert merged.sizes(name).count == apart.sizes(name).count == 3
        assert not merged.percolation(name, ends_of(0)).connects
    assert merged.mean_neighbours("a", "b") == pytest.approx(7 / 3)


# The lattice


def test_points_are_in_the_cell_that_holds_them(tmp_path: Path) -> None:
    """An L: of the points of the square around it those in the missing tile are outside."""
    mesh = read_msh(write_sample(tmp_path / "l.msh", tiles(["ab", "c"], 5.0), 0.7))
    lattice = sample_lattice(mesh, 40 * 40)
    a, b, c, outside = 0, 1, 2, -1
    expected = np.block(
        [[np.full((20, 20), a), np.full((20, 20), c)], [np.full((20, 20), b), np.full((20, 20), outside)]]
    )
    assert np.array_equal(lattice.label, expected)
    assert lattice.spacing == pytest.approx([0.25, 0.25])


def test_an_outside_has_no_say(tmp_path: Path) -> None:
    """Pairs with an end outside do not count: S₂ of the long leg of an L along it."""
    found = described(tmp_path, tiles(["ab", "a"], 5.0), 1.0, points=40 * 40)
    r, both = found.correlation["a"].along[1]
    k = np.arange(len(r))  # steps of a quarter: columns of 40 points in a, of 20 in b
    assert found.correlation["a"].fraction == pytest.approx(2 / 3)
    own, other = 40.0 - k, np.maximum(20.0 - k, 0.0)
    assert both == pytest.approx(own / (own + other))


# Tortuosity


def tortuosity(folder: Path, draw: Draw, h: float, dim: int = 2) -> dict[str, dict[str, float | None]]:
    path = write_sample(folder / "t.msh", draw, h, dim)
    domain = read_domain(path, MPI.COMM_SELF)
    study = ConductivityStudy(domain, {"a": 3.0, "b": 0.2})
    return tortuosity_factors(study, spanning_in(domain, path))


def test_layers_are_straight_along_and_cut_across(tmp_path: Path) -> None:
    path = write_sample(tmp_path / "t.msh", tiles(["aab"], 5.0), 1.0)
    sigma = ["materials.a.sigma=3 S/m", "materials.b.sigma=0.2 S/m"]
    conductivity(path, tmp_path / "out", sigma, MPI.COMM_SELF, tortuosity=True)
    written = json.loads((tmp_path / "out" / "conductivity.json").read_text())
    assert written["y"]["tortuosity_factor_by_phase"] == pytest.approx({"a": 1.0, "b": 1.0}, rel=1e-9)
    assert written["x"]["tortuosity_factor_by_phase"] == {"a": None, "b": None}
    assert written["y"]["sigma_eff_S_m"] == pytest.approx(wiener([3.0, 0.2], [2 / 3, 1 / 3])[1])
    assert any("infinite" in note for note in written["notes"])


def test_islands_count_as_volume_that_does_not_conduct(tmp_path: Path) -> None:
    """4 of 9 tiles are a, three of them a straight column: τ = (4/9)/(1/3)."""
    found = tortuosity(tmp_path, tiles(["abb", "aba", "abb"], 5.0), 1.0)
    assert found["y"]["a"] == pytest.approx(4 / 3, rel=1e-9)
    assert found["x"] == {"a": None, "b": None}
    series, straight = 10 / 9, 5 / 3  # b: equal potentials, and no current, across its row of one tile
    assert series < (found["y"]["b"] or 0.0) < straight


def test_nothing_is_conducted_through_corners(tmp_path: Path) -> None:
    """Two tiles of a that meet at a corner beside a straight column: τ = φ/(1/4); none in a checkerboard."""
    found = tortuosity(tmp_path, tiles(["abab", "abba"], 5.0), 1.0)
    assert found["y"]["a"] == pytest.approx(2.0, rel=1e-9)
    board = tortuosity(tmp_path, tiles(["ab", "ba"], 5.0), 1.0)
    assert all(factor is None for factors in board.values() for factor in factors.values())


def test_discs_that_insulate(tmp_path: Path) -> None:
    """A square array of holes: (1 − f)/σ_eff by Perrins et al., reached from below with order 2."""
    f = pi * 4.0**2 / 144
    exact = (1 - f) / rayleigh(0.0, f)
    errors = []
    for h in (0.6, 0.3):
        found = tortuosity(tmp_path, disc(4.0, 12.0), h)
        assert found["x"]["a"] == pytest.approx(found["y"]["a"], rel=1e-3)
        assert found["x"]["b"] is found["y"]["b"] is None
        errors.append(exact - (found["x"]["a"] or 0.0))
    assert 0 < errors[1] < 2e-3
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.2)


def test_a_few_discs_add_their_share(tmp_path: Path) -> None:
    """τ − 1 = f of discs far apart (Maxwell)."""
    factor = tortuosity(tmp_path, disc(1.0, 12.0), 0.15)["x"]["a"] or 0.0
    assert factor - 1 == pytest.approx(pi / 144, rel=0.02)


def test_slabs_in_3d(tmp_path: Path) -> None:
    def slabs(gmsh: ModuleType) -> dict[str, list[int]]:
        occ = gmsh.model.occ
        low, high = occ.addBox(0, 0, 0, 4, 4, 2), occ.addBox(0, 0, 2, 4, 4, 4)
        occ.fragment([(3, low)], [(3, high)])
        occ.synchronize()
        return {"a": [low], "b": [high]}

    found = tortuosity(tmp_path, slabs, 1.0, dim=3)
    assert found["x"] == pytest.approx({"a": 1.0, "b": 1.0}, rel=1e-9)
    assert found["y"] == pytest.approx({"a": 1.0, "b": 1.0}, rel=1e-9)
    assert found["z"] == {"a": None, "b": None}


# The command


def call(*arguments: str | Path) -> None:
    app([str(a) for a in arguments], exit_on_error=False, print_error=False, result_action="return_value")


def test_the_command_writes_what_it_promises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_sample(tmp_path / "d.msh", disc(3.0, 10.0), 0.5)
    call("mesh", path, "--descriptors", tmp_path / "new" / "d.json")
    written = json.loads((tmp_path / "new" / "d.json").read_text())
    by_phase = {"fraction_by_phase", "grains_by_phase", "percolation_by_phase"}
    assert set(written) == {"dim", "extent_m", "interface_area_1_m", "two_point", *by_phase}
    assert written["extent_m"] == pytest.approx([10e-6, 10e-6])
    assert written["fraction_by_phase"]["b"] == pytest.approx(pi * 9 / 100, rel=0.01)
    of_disc = written["two_point"]["by_phase"]["b"]
    assert len(of_disc["S2"]) == len(of_disc["unlike"]) == len(written["two_point"]["r_m"])
    assert len(of_disc["S2_along"]["x"]) == len(written["two_point"]["r_along_m"]["x"])
    assert 1e-6 < of_disc["correlation_length_m"] < 3e-6
    assert (tmp_path / "new" / "d.png").read_bytes()[:4] == b"\x89PNG"
    told = capsys.readouterr().out
    assert "interface per volume" in told and "connects anode and counter" in told


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--descriptors", "x.txt"], "must be the name of a .json file"),
        (["--set", "mesh.refinement=2"], "is a mesh and has no keys"),
        (["--out", "x.msh"], "must be the name of a .vtu"),
    ],
)
def test_wrong_options_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: Sequence[str], hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_sample(tmp_path / "d.msh", tiles(["ab"], 5.0), 2.5)
    with pytest.raises(InputError, match=hint):
        call("mesh", "d.msh", *options)
    assert [path.name for path in tmp_path.iterdir()] == ["d.msh"]
