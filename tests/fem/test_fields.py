"""The field files: they open elsewhere, hold what they should, and do not depend on the number of ranks."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import h5py
import meshio
import numpy as np
import pytest
from mpi4py import MPI

from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case, tables

Mpiexec = Callable[..., "CompletedProcess[str]"]
TIMES = [0.0, 600.0, 1200.0]
POINT_FIELDS, CELL_FIELDS = {"xi", "phi"}, {"current_density", "material", "grain"}

SCRIPT = """
import json, sys
from pathlib import Path
from mpi4py import MPI
from fem_model.case import Case
from fem_model.simulation import Simulation
tables = json.loads(Path(sys.argv[1]).read_text())
Simulation(Case.model_validate(tables), MPI.COMM_WORLD, Path(sys.argv[2])).run()
"""

PYVISTA = """
import json, sys
import numpy as np
import pyvista
reader = pyvista.get_reader(sys.argv[1])
found = {"times": list(reader.time_values), "arrays": []}
for t in reader.time_values:
    reader.set_active_time_value(t)
    mesh = reader.read()
    mesh = mesh.combine() if isinstance(mesh, pyvista.MultiBlock) else mesh
    arrays = {name: np.asarray(mesh[name]) for name in mesh.array_names}
    found["arrays"].append({name: [list(a.shape), float(a.sum())] for name, a in arrays.items()})
    found["points"], found["cells"], found["bounds"] = mesh.n_points, mesh.n_cells, list(mesh.bounds)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    simulation = Simulation(case(NUCLEUS), MPI.COMM_SELF, tmp_path_factory.mktemp("run"))
    simulation.run()
    return simulation


def contents(folder: Path) -> dict[str, np.ndarray]:
    """All arrays, nodes and cells in the order of their coordinates."""
    with h5py.File(folder / "fields.h5") as file:
        x, cells = file["Mesh/0/geometry"][:, :2], file["Mesh/0/topology"][:]
        saved = file["Function"]
        data = {f"{name}/{k}": saved[name][k][:] for name in saved for k in saved[name]}
    middle = x[cells].mean(axis=1)
    nodes, order = (np.lexsort(np.round(p, 6).T) for p in (x, middle))
    sorted_data = {name: values[nodes if len(values) == len(x) else order] for name, values in data.items()}
    return sorted_data | {"x": x[nodes], "middle": middle[order]}


def test_pyvista_reads_every_field_at_every_time(run: Simulation) -> None:
    assert run.folder is not None
    command = [sys.executable, "-c", PYVISTA, str(run.folder / "fields.xdmf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["times"] == TIMES
    assert found["bounds"][:4] == pytest.approx([0, 12, 0, 20])  # µm
    for arrays in found["arrays"]:
        assert set(arrays) >= POINT_FIELDS | CELL_FIELDS
        for name in POINT_FIELDS:
            assert arrays[name][0][0] == found["points"]
        for name in CELL_FIELDS:
            assert arrays[name][0][0] == found["cells"]
        assert arrays["current_density"][0][1] == 3
    growing = [arrays["xi"][1] for arrays in found["arrays"]]
    assert growing == sorted(growing)
    last = contents(run.folder)
    assert growing[-1] == pytest.approx(last["xi/2"].sum(), rel=1e-12)


def test_meshio_reads_every_field_at_every_time(run: Simulation) -> None:
    assert run.folder is not None
    found = []
    with meshio.xdmf.TimeSeriesReader(run.folder / "fields.xdmf") as reader:
        points, cells = reader.read_points_cells()
        for k in range(reader.num_steps):
            t, point_data, cell_data = reader.read_data(k)
            assert set(point_data) == POINT_FIELDS
            assert set(cell_data) == CELL_FIELDS
            assert len(point_data["xi"]) == len(points)
            found.append(t)
    assert found == TIMES
    assert sum(len(block.data) for block in cells) == len(contents(run.folder)["middle"])


def test_the_fields_are_those_of_the_run(run: Simulation) -> None:
    assert run.folder is not None
    saved, model = contents(run.folder), run.model
    x = model.spaces.V.tabulate_dof_coordinates()[:, :2] * 1e6
    order = np.lexsort(np.round(x, 6).T)
    assert saved["x"] == pytest.approx(x[order], abs=1e-9)
    assert saved["xi/2"][:, 0] == pytest.approx(model.front.xi.x.array[order], abs=1e-14)
    assert saved["phi/2"][:, 0] == pytest.approx(model.charge.phi.x.array[order], abs=1e-14)
    left = saved["middle"][:, 0] < 6.0
    numbers = json.loads((run.folder / "manifest.json").read_text())["materials"]
    assert (saved["material/0"][:, 0] == np.where(left, numbers["A"], numbers["B"])).all()
    assert (saved["grain/0"][:, 0] == np.where(left, 1, 2)).all()


def test_the_current_density_brings_the_current_to_the_counter_electrode(run: Simulation) -> None:
    """10 A/m² come down through every cell near the counter electrode, on average."""
    assert run.folder is not None
    saved = contents(run.folder)
    top = saved["middle"][:, 1] > 15.0
    j = saved["current_density/2"][top]
    assert j[:, 1].mean() == pytest.approx(-10.0, rel=0.01)
    assert abs(j[:, 2]).max() == 0.0


def test_two_ranks_write_the_same_fields(run: Simulation, mpiexec: Mpiexec, tmp_path: Path) -> None:
    assert run.folder is not None
    (tmp_path / "run.py").write_text(SCRIPT)
    (tmp_path / "case.json").write_text(json.dumps(tables(NUCLEUS)))
    done = mpiexec(2, [tmp_path / "run.py", tmp_path / "case.json", tmp_path / "out"])
    assert done.returncode == 0, done.stdout
    one, two = contents(run.folder), contents(tmp_path / "out")
    assert set(one) == set(two)
    apart = {name: abs(two[name] - one[name]).max() / max(abs(one[name]).max(), 1e-300) for name in one}
    assert max(apart.values()) < 1e-9, apart
