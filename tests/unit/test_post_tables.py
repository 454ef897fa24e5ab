"""The command `fem-model post`: tables, files for ParaView, several runs, and wrong folders."""

import csv
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from fem_model.base.errors import InputError
from fem_model.post import Analysis, load_run
from fem_model.post.paraview import save_for_paraview
from fem_model.post.tables import FrontRow, front_rows, grain_rows, tip_rows
from fem_model.tasks.post import post, save_tables
from tests.command import call
from tests.unit.post_runs import TIMES, VOLTAGES, make_run, plane, write_run

Table = list[dict[str, str]]
EVERY_FIGURE = {"front", "voltage", "tips", "potential", "voltage_split"}


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return Analysis(load_run(make_run(tmp_path_factory.mktemp("post") / "run")))


def value(analysis: Analysis, output: int, quantity: str, material: str = "") -> float:
    """The one number of this name."""
    (found,) = [
        row.value
        for row in front_rows(analysis)
        if (row.time_s, row.quantity, row.material) == (TIMES[output], quantity, material)
    ]
    return found


def read(path: Path) -> Table:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# Tables


def test_numbers_are_in_si_units(analysis: Analysis) -> None:
    """Fingers 4 µm wide, flat on top, of 11 and 6 µm; an island of radius 1.6 µm."""
    assert value(analysis, 4, "tip_m") == pytest.approx(11e-6, rel=1e-9)
    assert value(analysis, 4, "tip_m", "LGPS") == pytest.approx(6e-6, rel=1e-9)
    assert value(analysis, 4, "own_tip_m", "LGPS") == pytest.approx(6e-6, rel=1e-9)
    assert value(analysis, 4, "tips") == 2 and value(analysis, 4, "tips", "LPSC1.0") == 1
    assert value(analysis, 4, "front_length_m", "LPSC1.0") == pytest.approx(26e-6, rel=0.02)
    assert value(analysis, 4, "front_length_m") == pytest.approx(42e-6, rel=0.02)
    assert value(analysis, 4, "front_length_at_boundaries_m") == 0
    assert value(analysis, 4, "front_length_cut_off_m") == pytest.approx(2 * np.pi * 1.6e-6, rel=0.03)
    assert value(analysis, 4, "mean_height_m") == pytest.approx(4 * (11 + 6) / 20 * 1e-6, rel=0.02)
    assert value(analysis, 4, "li_share", "LPSC1.0") == pytest.approx(0.7)
    assert value(analysis, 4, "current_share", "LPSC1.0") == pytest.approx(0.3)
    assert value(analysis, 0, "voltage_V") == 0.02
    assert value(analysis, 0, "overpotential_anode_V") == pytest.approx(0.006)


def test_where_two_stages_meet_numbers_are_those_of_the_fields(tmp_path: Path) -> None:
    """The series has a row for each stage, the first of which is that of the output."""
    folder = make_run(tmp_path / "run")
    *head, at_turn, last = (folder / "series.csv").read_text().splitlines()[:4]
    after = at_turn.replace(f"{VOLTAGES[1]!r}", f"{-VOLTAGES[1]!r}", 1)
    assert after != at_turn
    (folder / "series.csv").write_text("\n".join([*head, at_turn, after, last]) + "\n")
    assert value(Analysis(load_run(folder)), 1, "voltage_V") == VOLTAGES[1]


def test_only_grains_with_lithium_have_rows(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [plane(3.0), plane(18.0)], bands="horizontal")
    rows = [row for row in front_rows(Analysis(load_run(folder))) if row.quantity == "grain_li_share"]
    assert [(row.time_s, row.material, row.grain) for row in rows] == [
        (0.0, "LPSC1.0", 1),
        (1800.0, "LPSC1.0", 1),
        (1800.0, "LGPS", 2),
    ]
    assert [row.value for row in rows] == pytest.approx([0.2, 1.0, 0.2])


def test_a_tip_has_place_speed_and_home(analysis: Analysis) -> None:
    first = [row for row in tip_rows(analysis) if row.tip == 1]
    assert [row.time_s for row in first] == list(TIMES)
    assert [row.y_m for row in first] == pytest.approx([3e-6, 5e-6, 7e-6, 9e-6, 11e-6])
    assert [row.speed_m_s for row in first] == [None, *[pytest.approx(2e-6 / 1800)] * 4]
    assert {row.material for row in first} == {"LPSC1.0"} and {row.grain for row in first} == {1}
    assert first[-1].x_m == pytest.approx(5e-6, abs=1e-6)


def test_a_grain_has_times(tmp_path: Path) -> None:
    """A plane rises 6 µm an output through bands 15 µm thick."""
    shapes = [plane(6.0 * k) for k in range(5)]
    lower, upper = grain_rows(Analysis(load_run(write_run(tmp_path / "run", shapes, bands="horizontal"))))
    assert (lower.grain, lower.material, lower.half_s) == (1, "LPSC1.0", pytest.approx(7.5 / 6 * 1800))
    assert (upper.grain, upper.material, upper.half_s) == (2, "LGPS", pytest.approx(22.5 / 6 * 1800))
    assert lower.reached_s == pytest.approx(0.15 / 6 * 1800)
    assert (lower.li_share, upper.li_share) == pytest.approx((1.0, 0.6))
    assert (upper.area_m2, upper.centre_x_m, upper.centre_y_m) == pytest.approx((300e-12, 10e-6, 22.5e-6))


def test_a_grain_without_lithium_has_no_times(tmp_path: Path) -> None:
    upper = grain_rows(Analysis(load_run(write_run(tmp_path / "run", [plane(6.0)], bands="horizontal"))))[1]
    assert (upper.reached_s, upper.half_s, upper.li_share) == (None, None, 0.0)


def test_tables_are_written_and_read_alike(tmp_path: Path) -> None:
    analysis = Analysis(load_run(make_run(tmp_path / "run")))
    paths = save_tables(analysis)
    assert {path.name for path in paths} >= {"fronts.csv", "tips.csv", "dendrites.csv", "grains.csv"}
    target = tmp_path / "run" / "post"
    assert {path.name for path in target.iterdir()} == {path.name for path in paths}
    fronts, tips, grains = (read(target / f"{name}.csv") for name in ("fronts", "tips", "grains"))
    assert list(fronts[0]) == ["time_s", "quantity", "material", "grain", "value"]
    assert list(tips[0]) == [
        *("time_s", "tip", "x_m", "y_m", "prominence_m", "speed_m_s", "material", "grain"),
        *("way_m", "tortuosity"),
    ]
    assert list(grains[0]) == [
        *("grain", "material", "area_m2", "centre_x_m", "centre_y_m", "reached_s", "half_s", "li_share"),
    ]
    assert tips[0]["speed_m_s"] == "" and float(tips[-1]["speed_m_s"]) > 0
    assert len(fronts) == len(front_rows(analysis))
    again = {
        (float(r["time_s"]), r["quantity"], r["material"], r["grain"]): float(r["value"]) for r in fronts
    }
    for row in front_rows(analysis):
        key = row.time_s, row.quantity, row.material, "" if row.grain is None else str(row.grain)
        assert again[key] == row.value


@pytest.mark.skipif(not find_spec("pyarrow"), reason="pyarrow is not installed")
def test_parquet_holds_the_same(tmp_path: Path) -> None:
    from pyarrow import parquet  # type: ignore[import-not-found]

    analysis = Analysis(load_run(make_run(tmp_path / "run")))
    rows = front_rows(analysis)
    save_tables(analysis)
    table = parquet.read_table(tmp_path / "run" / "post" / "fronts.parquet").to_pydict()
    assert [FrontRow(*row) for row in zip(*table.values(), strict=True)] == rows


# The command


def test_several_runs_get_tables_and_figures_and_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [make_run(tmp_path / "first"), write_run(tmp_path / "second", [plane(3.0)])]
    post(folders)
    for folder, drawn in zip(folders, (EVERY_FIGURE | {"compare"}, EVERY_FIGURE), strict=True):
        assert {path.stem for path in (folder / "figures").iterdir()} == drawn
        tables = {path.name for path in (folder / "post").glob("*.csv")}
        assert tables == {"fronts.csv", "tips.csv", "dendrites.csv", "grains.csv"}
    said = capsys.readouterr().out
    assert "LPSC1.0" in said and "roughness" in said and "share of the grown lithium" in said
    assert str(folders[1] / "figures" / "potential.png") in said


def test_nothing_is_written_when_one_folder_is_no_run(tmp_path: Path) -> None:
    good, bad = make_run(tmp_path / "good"), make_run(tmp_path / "bad")
    (bad / "fields.h5").unlink()
    before = sorted(good.rglob("*"))
    with pytest.raises(InputError, match=r"bad: is not the folder of a run: it lacks fields\.h5"):
        post([good, bad])
    assert sorted(good.rglob("*")) == before


@pytest.mark.parametrize("name", ["figures", "post", "compare"])
def test_nothing_is_written_when_a_folder_cannot_be_made(tmp_path: Path, name: str) -> None:
    folders = [make_run(tmp_path / "first"), make_run(tmp_path / "second")]
    (folders[0] / name).write_text("a file")
    before = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=f"{name}: the folder cannot be made"):
        post(folders, out=folders[0] / "compare")
    assert {path for folder in folders for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["figures", "post"])
def test_nothing_is_written_through_a_linked_folder(tmp_path: Path, name: str) -> None:
    folder, elsewhere = make_run(tmp_path / "run"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(InputError, match=f"{name}: is a link to another folder"):
        post([folder])
    assert not list(elsewhere.iterdir())


def test_paraview_gets_the_fronts(tmp_path: Path) -> None:
    pyvista = pytest.importorskip("pyvista")
    run = load_run(make_run(tmp_path / "run"))
    save_for_paraview(Analysis(run), tmp_path)
    everything = pyvista.read(tmp_path / "fronts.vtp")
    assert set(everything.cell_data["time_s"]) == set(TIMES)
    assert everything.cell_data["attached"].min() == 0 and everything.cell_data["attached"].max() == 1
    series = pyvista.get_reader(tmp_path / "fronts.pvd")
    assert series.time_values == list(TIMES)
    series.set_active_time_value(TIMES[-1])
    (last,) = series.read()
    assert last.n_cells == len(run.fronts[-1])
    assert last.bounds[3] == pytest.approx(max(line.points[:, 1].max() for line in run.fronts[-1]), rel=1e-6)
    skeleton = pyvista.read(tmp_path / f"skeleton_{len(TIMES) - 1}.vtp")
    assert skeleton.point_data["way_um"].max() == pytest.approx(11.0, abs=0.1)
    assert "XDMF Reader" in (tmp_path / "README.txt").read_text()


def test_paraview_gets_an_empty_front_too(tmp_path: Path) -> None:
    run = load_run(write_run(tmp_path / "run", [plane(-5.0), plane(3.0)]))
    save_for_paraview(Analysis(run), tmp_path)
    assert (tmp_path / "fronts_0.vtp").exists()


def test_an_incomplete_folder_is_wrong_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "series.csv").unlink()
    assert call(["post", folder], monkeypatch) == 2
    out, err = capfd.readouterr()
    assert out == "" and "it lacks series.csv" in err and len(err.splitlines()) == 1
    assert not (folder / "post").exists() and not (folder / "figures").exists()


def test_at_least_one_folder_is_needed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["post"], monkeypatch) == 2
    assert "RUN_DIR requires an argument" in capfd.readouterr().err


def test_the_command_needs_no_dolfinx(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    script = """
import sys
for name in ("dolfinx", "dolfinx_solver", "mpi4py", "petsc4py", "ufl", "basix", "gmsh"):
    sys.modules[name] = None  # any import of it fails
from fem_model.cli import app
app(["post", sys.argv[1], "--paraview"], result_action="return_value")
"""
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "post" / "tips.csv").exists() and (folder / "post" / "fronts.pvd").exists()
