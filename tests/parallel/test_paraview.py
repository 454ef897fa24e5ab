"""ParaView itself opens what a run on one or two ranks leaves, and what `fem-model post --paraview` adds."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import numpy.typing as npt
import pytest

from fem_model.post import load_run
from fem_model.post.load import Run
from tests.conftest import run_group
from tests.fem.cases import NUCLEUS, toml

Mpiexec = Callable[..., "subprocess.CompletedProcess[str]"]

REPORT = Path(__file__).with_name("paraview_report.py")
READERS = ("XDMFReader", "Xdmf3ReaderS", "Xdmf3ReaderT")
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
"""What pvbatch may see of the environment: with the PYTHONPATH of another Python it crashes."""
PROGRAMS = ("pvbatch", "xvfb-run", "xauth")
PIXELS_PER_MICROMETRE = 30

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(shutil.which(program) is None for program in PROGRAMS),
        reason="pvbatch or xvfb-run is missing: "
        "they are in Debian's packages paraview, python3-paraview, xvfb and xauth",
    ),
]


@dataclass(frozen=True)
class Seen:
    """A run, and what ParaView sees of it."""

    run: Run
    report: dict[str, Any]
    picture: npt.NDArray[np.float64]
    """Red, green and blue of each pixel, from 0 to 1; rows from below."""

    def rows(self, column: str) -> npt.NDArray[np.float64]:
        """A column of the series at the times of the outputs."""
        return self.run.series[column][np.searchsorted(self.run.series["t_s"], self.run.times)]


@pytest.fixture(scope="module", params=[1, 2], ids=["1 rank", "2 ranks"])
def seen(request: pytest.FixtureRequest, mpiexec: Mpiexec, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("paraview")
    (folder / "case.toml").write_text(toml(NUCLEUS))
    out, report, picture = folder / "out", folder / "report.json", folder / "xi.png"
    for ranks, command in (
        (request.param, ["run", folder / "case.toml", "--out", out]),
        (1, ["post", out, "--paraview"]),
    ):
        done = mpiexec(ranks, ["-m", "fem_model", *command])
        assert done.returncode == 0, done.stdout
    pvbatch([REPORT, out, report, picture])
    return Seen(load_run(out), json.loads(report.read_text()), matplotlib.image.imread(picture)[::-1, :, :3])


def pvbatch(arguments: list[Path]) -> None:
    """Run ParaView's Python in batch, with a clean environment and a display of its own.

    Without -noreset the display starts anew after each window, and the next one may come too early.
    """
    kept = [f"{name}={os.environ[name]}" for name in KEPT if name in os.environ]
    display = ["xvfb-run", "--auto-servernum", "--server-args", "-screen 0 640x480x24 -noreset"]
    command = ["env", "-i", *kept, *display, "pvbatch", *map(str, arguments)]
    done = run_group(command, timeout=200.0, cwd=arguments[-1].parent)
    assert done.returncode == 0 and "ERR|" not in done.stdout, done.stdout


@pytest.mark.parametrize("reader", READERS)
def test_paraview_finds_times_mesh_and_arrays(seen: Seen, reader: str) -> None:
    run, outputs = seen.run, seen.report[reader]
    assert run.summary is not None
    assert [output["time"] for output in outputs] == run.times.tolist() == [0.0, 600.0, 1200.0]
    for k, output in enumerate(outputs):
        assert output["cells"] == len(run.mesh.cells) == run.summary["num_cells"]
        assert output["points"] == len(run.mesh.points)
        assert set(output["on_nodes"]) == {"xi", "phi"}
        assert set(output["on_cells"]) == {"current_density", "material", "grain"}
        for name in ("xi", "phi", "current_density"):
            found = (output["on_nodes"] | output["on_cells"])[name]
            values = run.field(name, k).reshape(-1, len(found))
            assert found == np.stack([values.min(axis=0), values.max(axis=0)], axis=1).tolist()
        assert np.array(output["boxes"])[:, :4] == pytest.approx(np.array([[0, 6, 0, 20], [6, 12, 0, 20]]))


@pytest.mark.parametrize("reader", READERS)
def test_lithium_and_tip_are_those_of_the_series(seen: Seen, reader: str) -> None:
    """∫ξ and the contour's height need the right value at the right node, of the right time."""
    outputs = seen.report[reader]
    lithium = [1e-12 * output["lithium"] for output in outputs]
    tip = [1e-6 * output["front"]["height"] for output in outputs]
    assert lithium == pytest.approx(seen.rows("li_volume_m3"), rel=1e-9)
    assert tip == pytest.approx(seen.rows("tip_m"), rel=1e-9)
    assert tip[0] < tip[1] < tip[2]


def test_the_fronts_of_post_are_the_contours_of_paraview(seen: Seen) -> None:
    contours, fronts = seen.report["XDMFReader"], seen.report["fronts.pvd"]
    assert [front["time"] for front in fronts] == seen.run.times.tolist()
    for contour, front in zip(contours, fronts, strict=True):
        assert front["length"] == pytest.approx(contour["front"]["length"], rel=1e-9)
        assert front["height"] == pytest.approx(contour["front"]["height"], rel=1e-9)
        assert front["time_s"] == [[contour["time"]] * 2] and front["attached"] == [[1.0, 1.0]]
    together = seen.report["fronts.vtp"]
    assert together["length"] == pytest.approx(sum(front["length"] for front in fronts), rel=1e-9)
    assert together["time_s"] == [[0.0, 1200.0]]


def test_the_picture_shows_the_lithium_at_the_bottom(seen: Seen) -> None:
    """Lithium is orange, (1, ½, 0); all else white, with the front in black and the profile between."""
    picture, tip = seen.picture, 1e6 * seen.rows("tip_m")[-1]
    assert picture.shape == (20 * PIXELS_PER_MICROMETRE, 12 * PIXELS_PER_MICROMETRE, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100
    assert pixel(picture, 6.0, 0.5) == pytest.approx((1.0, 0.5, 0.0), abs=0.05)
    for x, y in ((6.0, 19.0), (6.0, tip + 4.0), (0.5, 0.5), (11.5, 0.5)):
        assert pixel(picture, x, y) == pytest.approx((1.0, 1.0, 1.0), abs=0.05)
    black = np.argwhere(picture.sum(axis=2) < 0.3) / PIXELS_PER_MICROMETRE
    assert black[:, 0].max() == pytest.approx(tip, abs=0.1)
    assert black[:, 1].mean() == pytest.approx(6.0, abs=0.1)


def pixel(picture: npt.NDArray[np.float64], x: float, y: float) -> npt.NDArray[np.float64]:
    """The colour at (x, y) in µm."""
    colour: npt.NDArray[np.float64] = picture[int(PIXELS_PER_MICROMETRE * y), int(PIXELS_PER_MICROMETRE * x)]
    return colour
