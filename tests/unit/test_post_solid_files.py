"""What `fem-model post` writes of runs in 3D: tables with exact numbers, files for ParaView, figures."""

import csv
from pathlib import Path

import numpy as np
import pytest

from fem_model.plot.drawing import Patch, from_behind
from fem_model.post import Analysis, load_run
from fem_model.post.paraview import save_for_paraview
from fem_model.post.solid_scene import cut_scene
from fem_model.tasks.post import post, save_tables
from tests.unit.post_runs import TIMES
from tests.unit.post_runs_3d import SIZE, Solid, ball, both, eighths, level, needle, rod, write_solid_run

Table = list[dict[str, str]]
UM = 1e-6
FIRST, RATE = 0.1, 3.0
"""Height of a film at the first output, and how much it grows from one to the next, µm."""


def tables(folder: Path, *shapes: Solid, **options: object) -> dict[str, Table]:
    """The tables of a run with these shapes, as they are read from its folder."""
    analysis = Analysis(load_run(write_solid_run(folder, shapes, **options)))  # type: ignore[arg-type]
    save_tables(analysis)
    found = {}
    for path in (folder / "post").glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def value(fronts: Table, output: int, quantity: str, material: str = "") -> float:
    """The one number of this name."""
    key = TIMES[output], quantity, material
    [found] = [
        float(row["value"])
        for row in fronts
        if (float(row["time_s"]), row["quantity"], row["material"]) == key
    ]
    return found


def test_a_film_that_rises_has_exact_tables(tmp_path: Path) -> None:
    """Grains are 7 µm high; shares of their volume are linear in time within each of them."""
    width, breadth, depth = SIZE
    film = [level(FIRST + RATE * k) for k in range(5)]
    found = tables(tmp_path / "run", *film, grain=eighths)
    for k in range(5):
        height = (FIRST + RATE * k) * UM
        assert value(found["fronts"], k, "front_area_m2") == pytest.approx(width * breadth * UM**2)
        assert value(found["fronts"], k, "front_area_m2", "LGPS") == pytest.approx(
            width * breadth * UM**2 / 2
        )
        assert value(found["fronts"], k, "mean_height_m") == pytest.approx(height)
        assert value(found["fronts"], k, "roughness_m") == pytest.approx(0.0, abs=1e-9 * UM)
        assert value(found["fronts"], k, "tip_m", "LPSC1.0") == pytest.approx(height)
        assert value(found["fronts"], k, "pieces") == 1
    interval = TIMES[1] - TIMES[0]
    half = {"low": (depth / 4 - FIRST) / RATE * interval, "high": (depth * 3 / 4 - FIRST) / RATE * interval}
    enters = 0.01 * depth / 2  # 1 % of the upper grains; of the lower the film has as much at the start
    into = FIRST + 3 * RATE - depth / 2
    reached = {"low": TIMES[0], "high": TIMES[2] + enters / into * interval}
    assert len(found["grains"]) == 8
    for grain in found["grains"]:
        place = "low" if float(grain["centre_z_m"]) < depth / 2 * UM else "high"
        assert float(grain["volume_m3"]) == pytest.approx(width * breadth * depth / 8 * UM**3)
        assert float(grain["half_s"]) == pytest.approx(half[place])
        assert float(grain["reached_s"]) == pytest.approx(reached[place])


def test_a_leaning_needle_has_its_tip_and_its_way(tmp_path: Path) -> None:
    """Its tip lies above the end of its axis, by the radius; its way is the axis and the radius."""
    top, radius = 9.5, 1.5
    found = tables(tmp_path / "run", needle((3, 5, 0), (8, 5, top), radius=radius))
    [tip] = found["tips"]
    assert float(tip["z_m"]) == pytest.approx((top + radius) * UM, abs=0.1 * UM)
    assert (float(tip["x_m"]), float(tip["y_m"])) == pytest.approx((8 * UM, 5 * UM), abs=0.3 * UM)
    assert float(tip["way_m"]) == pytest.approx((np.hypot(5, top) + radius) * UM, rel=0.03)
    assert float(tip["tortuosity"]) == pytest.approx(float(tip["way_m"]) / float(tip["z_m"]))
    assert tip["material"] == "LGPS"
    assert value(found["fronts"], 0, "tortuosity") == float(tip["tortuosity"])


def test_the_command_writes_tables_figures_and_files_for_paraview(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pyvista = pytest.importorskip("pyvista")
    pair = both(rod(3, 5, 9), rod(9, 5, 6))
    folder = write_solid_run(tmp_path / "run", [pair, both(pair, ball(6, 5, 11.3, 1.6))])
    post([folder], paraview=True)
    said = capsys.readouterr().out
    assert "area of front (µm²)" in said and "way to the highest tip (µm)" in said
    assert {path.stem for path in (folder / "figures").glob("*.png")} == {
        *("front", "lithium", "skeleton", "tips", "voltage", "voltage_split")
    }
    run = load_run(folder)
    for name in ("fronts", "skeleton"):
        assert pyvista.get_reader(folder / "post" / f"{name}.pvd").time_values == run.times.tolist()
    front, skeleton = (pyvista.read(folder / "post" / f"{name}_1.vtp") for name in ("fronts", "skeleton"))
    assert front.n_cells == len(run.surfaces[1].triangles)
    assert front.area == pytest.approx(sum(run.surfaces[1].pieces(a).size.sum() for a in (True, False)))
    assert set(front.cell_data["attached"]) == {0, 1} and set(front.cell_data["time_s"]) == {TIMES[1]}
    assert set(front.cell_data["material"]) == {1, 2} and front.point_data["height_um"].max() > 11.3
    lengths, exact = skeleton.compute_cell_sizes().cell_data["Length"], Analysis(run).skeletons[1]
    assert lengths.sum() == pytest.approx(exact.lengths.sum())
    assert skeleton.point_data["way_um"][exact.tips] == pytest.approx(exact.way[exact.tips])
    assert "skeleton.pvd" in (folder / "post" / "README.txt").read_text()


@pytest.mark.parametrize(("highest", "others", "side"), [(7, 2, -1), (2, 7, 1)])
def test_the_lithium_is_seen_from_where_more_of_it_is(
    tmp_path: Path, highest: float, others: float, side: int
) -> None:
    """Two filaments are not hidden behind the section through the highest one."""
    solid = both(rod(6, highest, 9), both(rod(3, others, 6), rod(9, others, 6)))
    analysis = Analysis(load_run(write_solid_run(tmp_path / "run", [solid])))
    scene = cut_scene(analysis, analysis.section)
    assert analysis.section.level == pytest.approx(highest, abs=0.5)
    assert np.sign(scene.view[1]) == side and scene.plane is not None
    assert np.sign(scene.plane[1][1]) == side


def test_paraview_gets_what_has_no_lithium_too(tmp_path: Path) -> None:
    run = load_run(write_solid_run(tmp_path / "run", [level(-5.0), level(3.0)]))
    save_for_paraview(Analysis(run), tmp_path)
    assert (tmp_path / "fronts_0.vtp").exists() and (tmp_path / "skeleton_0.vtp").exists()


@pytest.mark.parametrize("shades", ["points", "triangles"])
def test_transparent_triangles_are_drawn_from_behind(shades: str) -> None:
    """They keep their corners and their colours."""
    corners = np.random.default_rng(1).random((7, 3, 3))
    colours = np.random.default_rng(2).random((21 if shades == "points" else 7, 3))
    patch = Patch(corners.reshape(-1, 3), np.arange(21).reshape(7, 3), shades=colours)
    towards = np.array([0.0, 0.6, 0.8])
    found = from_behind(patch, towards)
    order = np.argsort([triangle.mean(axis=0) @ towards for triangle in corners])
    assert (np.diff(found.points[found.triangles].mean(axis=1) @ towards) >= 0).all()
    np.testing.assert_array_equal(found.points[found.triangles], corners[order])
    of_triangle = colours.reshape(7, -1, 3)
    shown = found.shades[found.triangles] if shades == "points" else found.shades[:, None]
    np.testing.assert_array_equal(shown, of_triangle[order])
