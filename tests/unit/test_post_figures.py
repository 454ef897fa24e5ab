"""Run folders: what is read from them, what is said of those that are none, and the figures drawn of them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import h5py
import matplotlib
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from fem_model.errors import InputError
from fem_model.post import Run, load_run
from fem_model.post.caption import caption
from fem_model.post.contour import find_front
from fem_model.post.figures import draw_figures, draw_front, draw_tips, draw_voltage
from fem_model.post.style import time_unit

NUCLEI = """kind = "nuclei"
nuclei = [{ position = "5 um", radius = "3 um" }, { position = "15 um", radius = "2 um" }]"""
FILM = """kind = "film"
thickness = "3 um"
amplitude = "0.5 um\""""
GALVANOSTATIC = 'mode = "galvanostatic"\ncurrent = "1 mA/cm^2"'
POTENTIOSTATIC = 'mode = "potentiostatic"\nvoltage = "20 mV"'
CASE = """title = "Costs $1 and $2"
[microstructure]
layout = "layers"
width = "{width} um"
depth = "{depth} um"
layers = [{{ material = "LPSC1.0", share = 0.5 }}, {{ material = "LGPS", share = 0.5 }}]
[mesh]
cell_size_front = "0.5 um"
cell_size_bulk = "0.5 um"
[phase_field]
lam = "0.5 um"
[kinetics]
R_ct = "0.8 ohm cm^2"
[anode]
R_ct = "2 ohm cm^2"
[anode.initial]
{start}
[drive]
{drive}
[time]
end = "2 h"
outputs = 4
"""
TIMES = (0.0, 1800.0, 3600.0, 5400.0, 7200.0)


def heights(outputs: int) -> tuple[float, float]:
    """Heights in µm of the fingers in LPSC1.0 and LGPS at an output."""
    return 3.0 + 2.0 * outputs, 2.0 + 1.0 * outputs


def make_run(
    folder: Path, width: float = 20.0, depth: float = 30.0, start: str = NUCLEI, drive: str = GALVANOSTATIC
) -> Path:
    """A run folder with two fingers that grow, and an island from the third output on."""
    folder.mkdir()
    (folder / "case.toml").write_text(CASE.format(width=width, depth=depth, start=start, drive=drive))
    (folder / "manifest.json").write_text(json.dumps({"materials": {"LPSC1.0": 2, "LGPS": 1}}))
    (folder / "summary.json").write_text(json.dumps({"status": "short_circuit", "t_end_s": TIMES[-1]}))
    grids = "".join(f'<Grid Name="t{k}"><Time Value="{t!r}"/></Grid>' for k, t in enumerate(TIMES))
    (folder / "fields.xdmf").write_text(f"<Xdmf><Domain><Grid>{grids}</Grid></Domain></Xdmf>")
    write_series(folder / "series.csv")
    write_fields(folder / "fields.h5", width, depth)
    return folder


def write_series(path: Path) -> None:
    rows = ["step,t_s,current_density_A_m2,voltage_V,tip_m,tip_LPSC10_m,tip_LGPS_m"]
    for k, t in enumerate(TIMES):
        a, b = (1e-6 * height for height in heights(k))
        rows.append(f"{k},{t!r},{10.0 + k},{0.02 - 0.001 * k},{max(a, b)},{a},{b}")
    path.write_text("\n".join(rows) + "\n")


def write_fields(path: Path, width: float, depth: float) -> None:
    x, y = np.meshgrid(np.arange(0, width + 0.1, 0.5), np.arange(0, depth + 0.1, 0.5))
    corner = (np.arange(len(x) - 1)[:, None] * x.shape[1] + np.arange(x.shape[1] - 1)).ravel()
    right, up, across = corner + 1, corner + x.shape[1], corner + x.shape[1] + 1
    cells = np.concatenate(
        [np.stack([corner, right, across], axis=1), np.stack([corner, across, up], axis=1)]
    )
    x, y = x.ravel(), y.ravel()
    with h5py.File(path, "w") as file:
        file["/Mesh/mesh/geometry"] = np.stack([x, y], axis=1)
        file["/Mesh/mesh/topology"] = cells
        left = x[cells].mean(axis=1) < width / 2
        file["/Function/material/0"] = np.where(left, 2.0, 1.0)[:, None]
        for k in range(len(TIMES)):
            a, b = heights(k)
            inside = np.maximum(
                np.minimum(2 - abs(x - width / 4), a - y), np.minimum(2 - abs(x - 0.75 * width), b - y)
            )
            if k >= 3:
                inside = np.maximum(inside, 1.6 - np.hypot(x - width / 2, y - 0.8 * depth))
            file[f"/Function/xi/{k}"] = (1 / (1 + np.exp(-inside / 0.5)))[:, None]
            file[f"/Function/current_density/{k}"] = np.tile([0.0, -10.0, 0.0], (len(cells), 1))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return load_run(make_run(tmp_path_factory.mktemp("post") / "run"))


@pytest.fixture(autouse=True)
def _settings_stay_as_they_are() -> Iterator[None]:
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before


def texts(figure: Figure) -> str:
    axes = [f"{a.get_xlabel()} {a.get_ylabel()}" for a in figure.axes]
    return " ".join([*axes, *(t.get_text() for t in figure.texts)])


# Reading


def test_a_run_is_read_as_arrays(run: Run) -> None:
    assert run.times.tolist() == list(TIMES)
    assert run.points.max(axis=0).tolist() == [20.0, 30.0]
    assert run.field("xi", 0).shape == (len(run.points),)
    assert run.field("current_density", -1).shape == (len(run.cells), 3)
    assert run.series["voltage_V"].tolist() == pytest.approx([0.02, 0.019, 0.018, 0.017, 0.016])
    assert run.case.microstructure.depth == pytest.approx(30e-6)
    assert run.summary is not None and run.summary["status"] == "short_circuit"


def test_materials_are_found_by_their_tags(run: Run) -> None:
    """The tags in the files (2 and 1) are neither in order nor counted from zero."""
    x = run.points[run.cells, 0].mean(axis=1)
    assert {run.names[k] for k in run.material[x < 10]} == {"LPSC1.0"}
    assert {run.names[k] for k in run.material[x > 10]} == {"LGPS"}


def test_the_tips_of_the_front_are_those_of_the_series(run: Run) -> None:
    for k in range(len(TIMES)):
        front = find_front(run.points, run.cells, run.field("xi", k))
        tip = max(line.points[:, 1].max() for line in front if line.attached)
        assert tip == pytest.approx(1e6 * run.series["tip_m"][k], abs=0.02)


def test_a_running_run_can_be_looked_at(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "summary.json").unlink()
    with (folder / "series.csv").open("a") as file:
        file.write("5,7300.0,15")
    run = load_run(folder)
    assert run.summary is None
    assert len(run.series["t_s"]) == len(TIMES)
    assert "still running" in caption(run, 200).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("name", ["case.toml", "manifest.json", "series.csv", "fields.xdmf", "fields.h5"])
def test_what_a_folder_lacks_is_named(tmp_path: Path, name: str) -> None:
    folder = make_run(tmp_path / "run")
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"run: is not the folder of a run: it lacks {name}$"):
        load_run(folder)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: no such folder"):
        load_run(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("series.csv", "step,t_s\n", "it holds no step yet"),
        ("series.csv", "", "it holds no step yet"),
        ("series.csv", "step,t_s\n0,abc\n", "abc"),
        ("series.csv", "step,t_s\n0\n", "series.csv: cannot be read"),
        ("manifest.json", "{", "manifest.json: cannot be read"),
        ("manifest.json", "{}", "lacks 'materials'"),
        ("fields.xdmf", "<Xdmf>", "fields.xdmf: cannot be read"),
        ("fields.xdmf", "<Xdmf/>", "no output yet"),
        ("summary.json", "", "summary.json: cannot be read"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    folder = make_run(tmp_path / "run")
    (folder / name).write_text(content)
    with pytest.raises(InputError, match=message):
        load_run(folder)


def test_fields_that_are_not_there(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not hold /Function/zeta/0"):
        run.field("zeta", 0)
    with pytest.raises(InputError, match="no output 5; there are 5"):
        run.field("xi", 5)
    folder = make_run(tmp_path / "run")
    (folder / "fields.h5").write_bytes(b"not HDF5")
    with pytest.raises(InputError, match=r"fields.h5: cannot be read"):
        _ = load_run(folder).points


# Figures


def test_the_front_is_drawn_at_every_output(run: Run) -> None:
    figure = draw_front(run)
    axes = figure.axes[0]
    fronts = [c for c in axes.collections if (c.get_gid() or "").startswith("front")]
    assert len(fronts) == len(TIMES)
    assert all(isinstance(c, LineCollection) for c in fronts)
    tops = [max(np.asarray(p.vertices)[:, 1].max() for p in c.get_paths()) for c in fronts[:3]]
    assert tops == pytest.approx([heights(k)[0] for k in range(3)], abs=0.02)
    assert len({str(c.get_edgecolor()) for c in fronts}) == len(TIMES)
    assert axes.get_xlabel() == "x (µm)" and axes.get_ylabel() == "y (µm)"
    assert "(h)" in figure.axes[1].get_ylabel()
    assert [t.get_text() for t in axes.texts] == ["anode (Li)", "counter electrode"]


def test_lithium_cut_off_from_the_anode_is_dotted_and_explained(run: Run) -> None:
    figure = draw_front(run)
    styles = [len({str(s) for s in c.get_linestyle()}) for c in figure.axes[0].collections if c.get_gid()]
    assert styles == [1, 1, 1, 2, 2]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == [
        "LPSC1.0",
        "LGPS",
        "lithium at the start",
        "cut off from the anode",
    ]


def test_one_micrometre_is_as_long_up_as_across(tmp_path: Path) -> None:
    for k, (width, depth) in enumerate([(20.0, 30.0), (80.0, 10.0), (10.0, 80.0)]):
        figure = draw_front(load_run(make_run(tmp_path / str(k), width, depth, FILM)))
        axes = figure.axes[0]
        on_paper = axes.get_position().size * figure.get_size_inches()
        shown = [np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())]
        assert on_paper[0] / shown[0] == pytest.approx(on_paper[1] / shown[1])
        assert axes.get_ylim()[0] < 0 and axes.get_ylim()[1] > depth
        assert (figure.get_size_inches() < 7.5).all()


def test_nothing_sticks_out_of_the_page(tmp_path: Path) -> None:
    for k, (width, depth) in enumerate([(20.0, 30.0), (80.0, 10.0), (10.0, 80.0)]):
        folder = make_run(tmp_path / str(k), width, depth, FILM, POTENTIOSTATIC)
        for draw in (draw_front, draw_voltage, draw_tips):
            figure = draw(load_run(folder))
            figure.draw_without_rendering()
            box = figure.get_tightbbox()
            page = figure.get_size_inches()
            assert min(box.x0, box.y0) >= 0 and box.x1 <= page[0] and box.y1 <= page[1]


def test_the_voltage_is_drawn_in_millivolts(run: Run) -> None:
    (axes,) = draw_voltage(run).axes
    (line,) = axes.lines
    assert np.array(line.get_xydata())[-1].tolist() == pytest.approx([2.0, 16.0])
    assert axes.get_xlabel() == "Time (h)" and axes.get_ylabel() == "Voltage (mV)"


def test_a_given_voltage_adds_the_current(tmp_path: Path) -> None:
    figure = draw_voltage(load_run(make_run(tmp_path / "run", drive=POTENTIOSTATIC)))
    assert [axes.get_ylabel() for axes in figure.axes] == ["Voltage (mV)", "Current density (mA/cm²)"]
    assert np.array(figure.axes[1].lines[0].get_ydata())[-1] == pytest.approx(1.4)
    assert "20 mV" in texts(figure).replace("\N{NO-BREAK SPACE}", " ")


def test_the_tips_are_drawn_by_electrolyte(run: Run) -> None:
    (axes,) = draw_tips(run).axes
    last = {str(line.get_label()): np.array(line.get_ydata())[-1] for line in axes.lines}
    assert last == pytest.approx({"overall": 11.0, "in LPSC1.0": 11.0, "in LGPS": 6.0})
    assert axes.get_xlabel() == "Time (h)" and axes.get_ylabel() == "Height of the tip (µm)"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (NUCLEI, "2 nuclei of radius 2–3 µm"),
        (FILM, "film of 3 µm ± 0.5 µm, wavelength 20 µm"),
    ],
)
def test_the_caption_says_what_was_run(tmp_path: Path, start: str, said: str) -> None:
    text = caption(load_run(make_run(tmp_path / "run", start=start)), 60).replace("\N{NO-BREAK SPACE}", " ")
    assert " ".join(text.split()) == (
        "$R_{ct}$ = 0.8 Ω cm² at the front, 2 Ω cm² at the anode · 1 mA/cm² · depth 30 µm · "
        f"{said} · λ = 0.5 µm · short circuit"
    )


@pytest.mark.parametrize(("end", "unit"), [(20.0, "s"), (600.0, "min"), (4320.0, "min"), (9000.0, "h")])
def test_times_are_told_in_a_unit_that_fits(end: float, unit: str) -> None:
    assert time_unit(end)[0] == unit


def test_a_run_that_has_only_begun_has_figures(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "fields.xdmf").write_text('<Xdmf><Grid><Time Value="0.0"/></Grid></Xdmf>')
    lines = (folder / "series.csv").read_text().splitlines(keepends=True)
    (folder / "series.csv").write_text("".join(lines[:2]))
    assert all(path.stat().st_size > 0 for path in draw_figures(folder))


# The command


def post(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fem_model.post", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_command_draws_every_figure(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    done = post(folder)
    assert (done.returncode, done.stderr) == (0, "")
    names = [f"{name}.{suffix}" for name in ("front", "voltage", "tips") for suffix in ("png", "pdf")]
    assert done.stdout.splitlines() == [str(folder / "figures" / name) for name in names]
    assert sorted(path.name for path in (folder / "figures").iterdir()) == sorted(names)
    for name in names:
        content = (folder / "figures" / name).read_bytes()
        assert content.startswith(b"\x89PNG" if name.endswith("png") else b"%PDF")
        assert len(content) > 5_000


def test_the_command_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    done = post(tmp_path)
    assert done.returncode == 2
    assert done.stdout == "" and not (tmp_path / "figures").exists()
    assert len(done.stderr.splitlines()) == 1 and "is not the folder of a run" in done.stderr


def test_figures_need_neither_dolfinx_nor_pyplot(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    script = """
import sys
for name in ("dolfinx", "dolfinx_solver", "mpi4py", "petsc4py", "ufl", "basix", "gmsh"):
    sys.modules[name] = None  # any import of it fails
from fem_model.post.figures import draw_figures
draw_figures(sys.argv[1])
assert "matplotlib.pyplot" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
