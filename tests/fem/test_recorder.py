"""Where the rows of a run are, and a recorder that goes on with another model."""

import csv
from pathlib import Path

import pytest
from mpi4py import MPI

from fem_model.base.errors import InputError
from fem_model.engine.clock import Clock
from fem_model.engine.engine import Engine
from fem_model.mesh.domain import build_domain
from fem_model.simulation import Simulation
from tests.fem.cases import FILM, case

SHORT = {"time": {"end": "20 s", "step": "10 s", "outputs": 1}}


def series(folder: Path) -> list[dict[str, str]]:
    with (folder / "series.csv").open() as file:
        return list(csv.DictReader(file))


def test_rows_are_in_the_folder_or_in_memory(tmp_path: Path) -> None:
    written = Simulation(case(FILM, SHORT), MPI.COMM_SELF, tmp_path)
    kept = Simulation(case(FILM, SHORT), MPI.COMM_SELF)
    for simulation in (written, kept):
        simulation.run()
        assert simulation.recorder.last["t_s"] == 20.0
    assert written.recorder.rows == []
    rows, file = kept.recorder.rows, series(tmp_path)
    assert list(rows[0]) == list(file[0])
    assert [str(row["t_s"]) for row in rows] == [row["t_s"] for row in file] == ["0.0", "10.0", "20.0"]


def test_results_are_replaced_only_by_force(tmp_path: Path) -> None:
    """As on the command line."""
    Simulation(case(FILM, SHORT), MPI.COMM_SELF, tmp_path).run()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=r"holds the results of a run; resume=True .*, force=True "):
        Simulation(case(FILM, SHORT), MPI.COMM_SELF, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    Simulation(case(FILM, SHORT), MPI.COMM_SELF, tmp_path, force=True).run()
    assert len(series(tmp_path)) == 3


def test_the_recorder_goes_on_with_a_model_on_another_mesh(tmp_path: Path) -> None:
    """Its lithium, its iterations and its size; the charge that has passed and the file of before."""
    simulation = Simulation(case(FILM, SHORT), MPI.COMM_SELF, tmp_path)
    recorder = simulation.recorder
    assert simulation.instant() is None and simulation.step() is None and simulation.instant() is None
    other = case(FILM, SHORT | {"mesh.cell_size_front": "0.3 um"})
    engine = Engine(build_domain(other, MPI.COMM_SELF, None), other)
    model = engine.model
    recorder.attach(engine)
    engine.settle(simulation.schedule.drive)
    recorder.look()
    row = recorder.record(Clock(t=10.0, step=2))
    start, before, after = series(tmp_path)
    assert list(after) == list(before) and {name: str(value) for name, value in row.items()} == after
    assert row["li_volume_m3"] == pytest.approx(float(start["li_volume_m3"]), rel=1e-4)
    assert row["li_volume_m3"] < float(before["li_volume_m3"])
    assert row["charge_C_m2"] == pytest.approx(float(before["charge_C_m2"]), rel=1e-12)
    assert row["newton_iterations"] == engine.iterations()[0] > 0
    summary = recorder.finish(simulation.clock, "stopped", "")
    assert summary["num_dofs"] == 2 * model.spaces.V.dofmap.index_map.size_global
    assert summary["num_dofs"] > 2 * simulation.model.spaces.V.dofmap.index_map.size_global
