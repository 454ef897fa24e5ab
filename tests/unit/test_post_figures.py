"""Run folders: what is read from them, what is said of those that are none, and the figures drawn of them."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import Collection, LineCollection
from matplotlib.figure import Figure

from fem_model.base.errors import InputError
from fem_model.plot.style import time_unit
from fem_model.post import Analysis, Run, load_run
from fem_model.post.__main__ import main
from fem_model.post.caption import caption
from fem_model.post.compare import draw_comparison, save_comparison
from fem_model.post.contour import find_front
from fem_model.post.figures import (
    applicable,
    draw_contact,
    draw_figures,
    draw_front,
    draw_potential,
    draw_tips,
    draw_voltage,
    draw_voltage_split,
)
from fem_model.post.flux import draw_flux
from fem_model.post.potential_picture import TUBES
from tests.unit.post_runs import (
    FILM,
    NUCLEI,
    POTENTIOSTATIC,
    TIMES,
    described,
    heights,
    make_run,
    plane,
    write_run,
)

DRAWN_AT_THE_END = ("front", "voltage", "tips", "potential")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return load_run(make_run(tmp_path_factory.mktemp("post") / "run"))


@pytest.fixture(scope="module")
def analysis(run: Run) -> Analysis:
    return Analysis(run)


@pytest.fixture(autouse=True)
def _settings_stay_as_they_are() -> Iterator[None]:
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before


def fronts_of(figure: Figure, panel: int = 0) -> list[Collection]:
    return [c for c in figure.axes[panel].collections if (c.get_gid() or "").startswith("front")]


def texts(figure: Figure) -> str:
    axes = [f"{a.get_xlabel()} {a.get_ylabel()}" for a in figure.axes]
    return " ".join([*axes, *(t.get_text() for t in figure.texts)])


# Reading


def test_a_run_is_read_as_arrays(run: Run) -> None:
    assert run.times.tolist() == list(TIMES)
    assert run.mesh.points.max(axis=0).tolist() == [20.0, 30.0]
    assert run.field("xi", 0).shape == (len(run.mesh.points),)
    assert run.field("current_density", -1).shape == (len(run.mesh.cells), 3)
    assert run.series["voltage_V"].tolist() == pytest.approx([0.02, 0.019, 0.018, 0.017, 0.016])
    assert run.case.microstructure.depth == pytest.approx(30e-6)
    assert run.summary is not None and run.summary["status"] == "short_circuit"


def test_materials_are_found_by_their_tags(run: Run) -> None:
    """The tags in the files (2 and 1) are neither in order nor counted from zero."""
    x = run.mesh.points[run.mesh.cells, 0].mean(axis=1)
    assert {run.names[k] for k in run.mesh.material[x < 10]} == {"LPSC1.0"}
    assert {run.names[k] for k in run.mesh.material[x > 10]} == {"LGPS"}


def test_the_tips_of_the_front_are_those_of_the_series(run: Run) -> None:
    for k in range(len(TIMES)):
        front = find_front(run.mesh.points, run.mesh.cells, run.field("xi", k))
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
    with pytest.raises(InputError, match=r"has no field zeta. Allowed: .*xi"):
        run.field("zeta", 0)
    with pytest.raises(InputError, match="no output 5; there are 5"):
        run.field("xi", 5)
    folder = make_run(tmp_path / "run")
    (folder / "fields.h5").write_bytes(b"not HDF5")
    with pytest.raises(InputError, match=r"fields.h5 cannot be read"):
        load_run(folder)


# Figures


def test_the_front_is_drawn_at_every_output(analysis: Analysis) -> None:
    figure = draw_front(analysis)
    axes = figure.axes[0]
    fronts = fronts_of(figure)
    assert len(fronts) == len(TIMES)
    assert all(isinstance(c, LineCollection) for c in fronts)
    tops = [max(np.asarray(p.vertices)[:, 1].max() for p in c.get_paths()) for c in fronts[:3]]
    assert tops == pytest.approx([heights(k)[0] for k in range(3)], abs=0.02)
    assert len({str(c.get_edgecolor()) for c in fronts}) == len(TIMES)
    assert axes.get_xlabel() == "x (µm)" and axes.get_ylabel() == "y (µm)"
    assert "(h)" in figure.axes[1].get_ylabel()
    assert [t.get_text() for t in axes.texts] == ["anode (Li)", "counter electrode"]


def test_lithium_cut_off_from_the_anode_is_dotted_and_explained(analysis: Analysis) -> None:
    figure = draw_front(analysis)
    styles = [len({str(s) for s in c.get_linestyle()}) for c in fronts_of(figure)]
    assert styles == [1, 1, 1, 2, 2]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == [
        "LPSC1.0",
        "LGPS",
        "lithium at the start",
        "lithium at the end",
        "isolated from the anode",
    ]


def test_one_micrometre_is_as_long_up_as_across(tmp_path: Path) -> None:
    for k, (width, depth) in enumerate([(20.0, 30.0), (80.0, 10.0), (10.0, 80.0)]):
        figure = draw_front(Analysis(load_run(make_run(tmp_path / str(k), width, depth, FILM))))
        axes = figure.axes[0]
        on_paper = axes.get_position().size * figure.get_size_inches()
        shown = [np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())]
        assert on_paper[0] / shown[0] == pytest.approx(on_paper[1] / shown[1])
        assert axes.get_ylim()[0] < 0 and axes.get_ylim()[1] > depth
        assert (figure.get_size_inches() < 7.5).all()


def test_nothing_sticks_out_of_the_page(tmp_path: Path) -> None:
    for k, (width, depth) in enumerate([(20.0, 30.0), (80.0, 10.0), (10.0, 80.0)]):
        folder = make_run(tmp_path / str(k), width, depth, FILM, POTENTIOSTATIC)
        analysis = Analysis(load_run(folder))
        for draw in applicable(analysis.run).values():
            figure = draw(analysis)
            figure.draw_without_rendering()
            box = figure.get_tightbbox()
            page = figure.get_size_inches()
            assert min(box.x0, box.y0) >= 0 and box.x1 <= page[0] and box.y1 <= page[1]


def test_the_voltage_is_drawn_in_millivolts(analysis: Analysis) -> None:
    (axes,) = draw_voltage(analysis).axes
    (line,) = axes.lines
    assert np.array(line.get_xydata())[-1].tolist() == pytest.approx([2.0, 16.0])
    assert axes.get_xlabel() == "Time (h)" and axes.get_ylabel() == "Voltage (mV)"


def test_a_given_voltage_adds_the_current(tmp_path: Path) -> None:
    figure = draw_voltage(Analysis(load_run(make_run(tmp_path / "run", drive=POTENTIOSTATIC))))
    assert [axes.get_ylabel() for axes in figure.axes] == ["Voltage (mV)", "Current density (mA/cm²)"]
    assert np.array(figure.axes[1].lines[0].get_ydata())[-1] == pytest.approx(1.4)
    assert "20 mV" in texts(figure).replace("\N{NO-BREAK SPACE}", " ")


def test_the_tips_are_drawn_by_electrolyte(analysis: Analysis) -> None:
    (axes,) = draw_tips(analysis).axes
    last = {str(line.get_label()): np.array(line.get_ydata())[-1] for line in axes.lines}
    assert last == pytest.approx(
        {"overall": 11.0, "height of the front now in LPSC1.0": 11.0, "height of the front now in LGPS": 6.0}
    )
    assert axes.get_xlabel() == "Time (h)" and axes.get_ylabel() == "Height of the tip (µm)"


def test_the_grains_are_outlined(tmp_path: Path) -> None:
    """Quarters of the domain, two of each electrolyte: the lines between them are the middle lines."""
    folder = write_run(tmp_path / "run", [plane(2.0)], grain=lambda x, y: 1.0 + (x > 10) + 2.0 * (y > 15))
    axes = draw_front(Analysis(load_run(folder))).axes[0]
    (outlines,) = [c for c in axes.collections if c.get_gid() == "grains"]
    ends = np.array([path.vertices for path in outlines.get_paths()])
    on_a_middle_line = (ends[:, :, 0] == 10).all(axis=1) | (ends[:, :, 1] == 15).all(axis=1)
    assert on_a_middle_line.all()
    assert np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum() == pytest.approx(20 + 30)


def test_the_potential_is_drawn_with_paths_of_equal_current(analysis: Analysis) -> None:
    """Current flows straight down: the paths stand at equal distances and start at the top."""
    figure = draw_potential(analysis)
    axes, bar = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("x (µm)", "y (µm)", "Potential (mV)")
    low, high = bar.get_ylim()
    assert high == pytest.approx(-2.0) and -32.0 <= low < -30.0
    (paths,) = [c for c in axes.collections if c.get_gid() == "current"]
    x = np.unique(np.concatenate([p.vertices[:, 0] for p in paths.get_paths()]).round(6))
    np.testing.assert_allclose(x, (np.arange(TUBES) + 0.5) * 20 / TUBES, atol=1e-6)
    assert max(p.vertices[:, 1].max() for p in paths.get_paths()) == pytest.approx(30, abs=0.3)
    text = texts(figure).replace("\N{NO-BREAK SPACE}", " ")
    assert "at 2 h" in text and "against the metal of the counter electrode" in " ".join(text.split())


def test_the_parts_of_the_voltage_sum_up(analysis: Analysis) -> None:
    (axes,) = draw_voltage_split(analysis).axes
    voltage, *parts, _ = (np.array(line.get_ydata()) for line in axes.lines)
    assert len(parts) == 3
    np.testing.assert_allclose(sum(parts), voltage)
    assert axes.get_ylabel() == "Voltage (mV)" and axes.get_xlabel() == "Time (h)"


CONTACT = {
    "contact_share_anode": [1, 1, 0.6, 0.8, 1],
    "contact_share_counter": [1, 0.7, 1, 1, 1],
    "current_focusing_anode": [1.1, 1.2, 1.5, 0, 1.1],
    "current_focusing_counter": [1, 1, 1, 0, 1],
    "current_density_A_m2": [10, -10, -10, 0, 10],
}
"""Plated, stripped, at rest."""


def with_voids(folder: Path) -> Analysis:
    """A run whose series has contact that is lost and comes back."""
    made = write_run(folder, [plane(2.0)] * 5, sections="[voids]\n")
    header, *rows = [line.split(",") for line in (made / "series.csv").read_text().splitlines()]
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    columns |= {name: tuple(map(str, values)) for name, values in CONTACT.items()}
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    (made / "series.csv").write_text("\n".join(lines) + "\n")
    return Analysis(load_run(made))


def test_contact_is_drawn_over_time_where_there_are_voids(tmp_path: Path, analysis: Analysis) -> None:
    of_voids = with_voids(tmp_path / "run")
    assert "contact" in applicable(of_voids.run) and "contact" not in applicable(analysis.run)
    shares, focusing = (figure := draw_contact(of_voids)).axes
    drawn = {str(line.get_label()): list(np.asarray(line.get_ydata())) for line in shares.lines}
    assert drawn["contact of the anode"] == CONTACT["contact_share_anode"]
    assert drawn["contact of the counter electrode"] == CONTACT["contact_share_counter"]
    at_anode = np.asarray(focusing.lines[0].get_ydata())
    assert np.isnan(at_anode[3]) and at_anode[2] == 1.5, "none at rest"
    assert figure.get_tightbbox().x1 <= figure.get_size_inches()[0]


def test_contact_is_drawn_with_stripping_in_grey(tmp_path: Path) -> None:
    for axes in draw_contact(with_voids(tmp_path / "run")).axes:
        (grey,) = axes.collections
        hours = np.concatenate([path.vertices[:, 0] for path in grey.get_paths()])
        assert (hours.min(), hours.max()) == (0.5, 1.0)


# Steady conduction


def test_the_shares_of_the_flux_sum_up_to_one() -> None:
    """A third of all cells, which hold a thousandth of the volume, carry ten times the flux and more."""
    flux = np.array([0.5] * 100 + [1.0] * 100 + list(np.linspace(10, 20, 100)))
    volumes = np.array([1.0] * 200 + [0.002] * 100)
    corners = np.random.default_rng(1).random((300, 3, 2))
    field, histogram, _ = draw_flux(corners, flux, volumes, "title").axes
    heights = np.array([bar.get_height() for bar in histogram.patches])
    assert heights.sum() == pytest.approx(1.0)
    assert heights[-1] == pytest.approx(100.2 / 200.2), "the last bar holds what is above as well"
    assert "last bar: and above" in histogram.get_xlabel()
    assert field.collections[0].get_clim() == (0.0, 1.0)


# Several runs


def test_runs_are_compared_on_the_same_scales(tmp_path: Path) -> None:
    """A run of another size and one that ended earlier."""
    folders = [make_run(tmp_path / "first"), make_run(tmp_path / "small", 10.0, 20.0, FILM)]
    folders.append(write_run(tmp_path / "short", [plane(2.0), plane(3.0)]))
    figure = draw_comparison([Analysis(load_run(folder)) for folder in folders])
    *panels, bar = figure.axes
    assert len(panels) == 3 and [len(fronts_of(figure, k)) for k in range(3)] == [5, 5, 2]
    page = figure.get_size_inches()
    scales = [axes.get_position().width * page[0] / np.ptp(axes.get_xlim()) for axes in panels]
    assert scales == pytest.approx([scales[0]] * 3)
    assert [axes.get_title(loc="left")[:3] for axes in panels] == ["(a)", "(b)", "(c)"]
    second = [str(fronts_of(figure, k)[1].get_edgecolor()) for k in (0, 2)]
    assert second[0] == second[1], "the same time has the same colour"
    assert bar.get_ylabel() == "Time (h)" and bar.get_ylim() == pytest.approx((0.0, 2.0))


@pytest.mark.parametrize(("count", "rows"), [(2, 1), (4, 2), (7, 3)])
def test_a_comparison_stays_on_its_page(tmp_path: Path, count: int, rows: int) -> None:
    analysis = Analysis(load_run(make_run(tmp_path / "run")))
    figure = draw_comparison([analysis] * count)
    assert len({axes.get_position().y0 for axes in figure.axes[:-1]}) == rows
    figure.draw_without_rendering()
    box, page = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0 and box.x1 <= page[0] and box.y1 <= page[1]
    assert page[0] <= 7.3


def test_a_comparison_is_written_where_asked(tmp_path: Path) -> None:
    analysis = Analysis(load_run(make_run(tmp_path / "run")))
    paths = save_comparison([analysis, analysis], tmp_path / "new" / "folder", pdf=True)
    assert [path.name for path in paths] == ["compare.png", "compare.pdf"]
    assert all(path.parent == tmp_path / "new" / "folder" and path.stat().st_size > 5_000 for path in paths)


# Captions


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


def test_the_caption_has_temperature_and_pressure_if_they_are_given(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    text = (folder / "case.toml").read_text().replace("[kinetics]\n", '[kinetics]\ntemperature = "60 degC"\n')
    (folder / "case.toml").write_text(f'{text}\n[stack]\npressure = "5 MPa"\n')
    assert "at the anode · 60 °C · 5 MPa · 1 mA" in caption(load_run(folder), 200).replace(
        "\N{NO-BREAK SPACE}", " "
    )


@pytest.mark.parametrize(("end", "unit"), [(20.0, "s"), (600.0, "min"), (4320.0, "min"), (9000.0, "h")])
def test_times_are_told_in_a_unit_that_fits(end: float, unit: str) -> None:
    assert time_unit(end)[0] == unit


def test_a_run_that_has_only_begun_has_figures(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run")
    (folder / "fields.xdmf").write_text(f"<Xdmf>{described(0, 0.0, 0)}</Xdmf>")
    lines = (folder / "series.csv").read_text().splitlines(keepends=True)
    (folder / "series.csv").write_text("".join(lines[:2]))
    assert all(path.stat().st_size > 0 for path in draw_figures(folder))


# The command


DRAW = """
import runpy, sys
sys.argv[1:] = [FOLDER]
try:
    runpy.run_module("fem_model.post", run_name="__main__", alter_sys=True)
finally:
    loaded = {name for name, module in sys.modules.items() if module}
    solver = {"basix", "dolfinx", "dolfinx_solver", "gmsh", "mpi4py", "petsc4py", "ufl"}
    print(*sorted((solver | {"matplotlib.pyplot"}) & loaded))
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, "subprocess.CompletedProcess[str]"]:
    """A run, and what `python -m fem_model.post` has printed of it; last, the libraries that it loads."""
    folder = make_run(tmp_path_factory.mktemp("drawn") / "run")
    command = [sys.executable, "-c", DRAW.replace("FOLDER", repr(str(folder)))]
    return folder, subprocess.run(command, capture_output=True, text=True)


def test_the_command_draws_every_figure(drawn: tuple[Path, "subprocess.CompletedProcess[str]"]) -> None:
    folder, done = drawn
    assert (done.returncode, done.stderr) == (0, "")
    names = [f"{name}.png" for name in DRAWN_AT_THE_END]
    assert done.stdout.splitlines()[:-1] == [str(folder / "figures" / name) for name in names]
    assert sorted(path.name for path in (folder / "figures").iterdir()) == sorted(names)
    for name in names:
        content = (folder / "figures" / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 5_000


def test_figures_need_neither_dolfinx_nor_pyplot(
    drawn: tuple[Path, "subprocess.CompletedProcess[str]"],
) -> None:
    assert drawn[1].stdout.splitlines()[-1] == ""


def test_the_command_says_in_one_line_what_is_wrong(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    out, err = capfd.readouterr()
    assert out == "" and not (tmp_path / "figures").exists()
    assert len(err.splitlines()) == 1 and "is not the folder of a run" in err
