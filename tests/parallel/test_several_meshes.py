"""The mesh of one output need not be that of the next: files that other programs open, tables and figures."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import h5py
import meshio
import numpy as np
import pytest

from fem_model.post import Analysis, load_run
from fem_model.post.load import Run
from fem_model.post.tables import arm_rows, front_rows
from tests.fem.cases import NUCLEUS, toml
from tests.fem.test_fields import PYVISTA
from tests.parallel import several_meshes

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = Path(__file__).with_name("several_meshes.py")


@pytest.fixture(scope="module", params=[2, pytest.param(3, marks=pytest.mark.slow)])
def folder(
    request: pytest.FixtureRequest, mpiexec: Mpiexec, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Three outputs on several ranks, and after an interruption a fourth on one."""
    made = tmp_path_factory.mktemp("meshes")
    (made / "case.toml").write_text(toml(NUCLEUS))
    done = mpiexec(request.param, [SCRIPT, made, "0", "2"])
    assert done.returncode == 0, done.stdout
    several_meshes.main(made, 3, 3)
    return made


def lithium(run: Run, output: int) -> float:
    """∫ξ, µm²."""
    mesh = run.mesh_at(output)
    return float(mesh.sizes @ run.field("xi", output)[mesh.cells].mean(axis=1))


def test_each_output_is_on_its_own_mesh(folder: Path) -> None:
    run = load_run(folder)
    meshes = [run.mesh_at(k) for k in range(4)]
    assert [output.mesh for output in run.outputs] == [0, 1, 0, 2] and meshes[0] is meshes[2]
    counts = [len(mesh.cells) for mesh in meshes]
    assert counts == [counts[0], 4 * counts[0], counts[0], counts[0]]
    for k, mesh in enumerate(meshes):
        assert lithium(run, k) == pytest.approx(math.pi / 2 * ((2 + k) ** 2 + 1 / 3), rel=0.01)
        assert run.field("phi", k) == pytest.approx(mesh.points[:, 1], abs=1e-9)
        assert run.field("current_density", k)[:, 1] == pytest.approx(-mesh.middles[:, 1], abs=1e-9)
        assert run.field("conversion", k) == pytest.approx(mesh.middles[:, 0], abs=1e-9)
        left = mesh.middles[:, 0] < 6
        assert (mesh.material == np.where(left, 0, 1)).all() and (mesh.grain == np.where(left, 1, 2)).all()


def test_the_lithium_does_not_depend_on_the_ranks(folder: Path) -> None:
    """The first and the last output have meshes in the order of different numbers of ranks."""
    with h5py.File(folder / "fields.h5") as file:
        first, last = (file[f"Mesh/{number}/geometry"][()] for number in (0, 2))
    assert not np.array_equal(first, last)
    assert np.array_equal(first[np.lexsort(first.T)], last[np.lexsort(last.T)])


def test_a_run_that_goes_on_on_as_many_ranks_keeps_its_mesh(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS))
    several_meshes.main(tmp_path, 0, 1)
    several_meshes.main(tmp_path, 2, 2)
    assert [output.mesh for output in load_run(tmp_path).outputs] == [0, 1, 0]


def test_pyvista_and_meshio_read_them(folder: Path) -> None:
    command = [sys.executable, "-c", PYVISTA, str(folder / "fields.xdmf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found, run = json.loads(done.stdout.splitlines()[-1]), load_run(folder)
    expected = [{name: run.field(name, k) for name in ("xi", "phi", "conversion")} for k in range(4)]
    assert found["times"] == run.times.tolist() == [0.0, 600.0, 1200.0, 1800.0]
    with meshio.xdmf.TimeSeriesReader(folder / "fields.xdmf") as reader:
        reader.read_points_cells()
        assert reader.num_steps == 4
        for k, arrays in enumerate(found["arrays"]):
            t, nodal, by_cell = reader.read_data(k)
            assert t == run.times[k]
            for name, values in expected[k].items():
                assert arrays[name] == [[len(values)], pytest.approx(values.sum())]
                assert np.array_equal((nodal[name] if name in nodal else by_cell[name][0]).ravel(), values)
            assert set(arrays) >= {"material", "grain", "current_density"}


@pytest.mark.slow
def test_tables_and_figures_come_out(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fem_model", "post", folder], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "post" / "fronts.csv").exists() and (folder / "figures" / "front.png").exists()


def test_measures_are_those_of_the_disc(folder: Path) -> None:
    analysis = Analysis(load_run(folder))
    tips = [row.value for row in front_rows(analysis) if (row.quantity, row.material) == ("tip_m", "")]
    assert tips == pytest.approx([2e-6, 3e-6, 4e-6, 5e-6], abs=0.05e-6)
    advances = [row.advance_m for row in arm_rows(analysis)]
    assert advances[0] is None and advances[1:] == pytest.approx([1e-6] * 3, abs=0.3e-6)
    shares = analysis.grain_shares * analysis.run.mesh.grains.size
    assert shares == pytest.approx(np.array([[math.pi / 4 * r**2] * 2 for r in (2, 3, 4, 5)]), rel=0.02)
