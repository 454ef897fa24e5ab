"""A run stopped in the middle of a stage goes on as if nothing had happened: chemistry, protocols, cracks."""

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.simulation import Simulation
from fem_model.study.verification.floating_disc import put_disc
from tests.fem.cases import NUCLEUS, case

COMM = MPI.COMM_SELF
SMALL: dict[str, Any] = {
    "microstructure.depth": "14 um",
    "materials": {"A": {"like": "LGPS"}, "B": {"like": "LPSC1.0"}},
    "mesh.front_height": "12 um",
    "anode.initial.nuclei": [{"position": "5 um", "radius": "2 um"}],
    "counter": {"kind": "lithium", "series_resistance": "5 ohm cm^2"},
    "time": {"end": "10 h", "outputs": 1, "front_step": 0.1},
}
CYCLING = {"mode": "cycling", "current": "1 mA/cm^2", "capacity": "0.06 mAh/cm^2", "cycles": 1}
STEPS = {
    "mode": "steps",
    "steps": [
        {"current": "1 mA/cm^2", "time": "4 min"},
        {"current": "0 A/m^2", "time": "2 min"},
        {"voltage": "-20 mV", "capacity": "0.05 mAh/cm^2", "time": "1 h"},
    ],
}
THERE_AND_BACK = {
    "mode": "steps",
    "steps": [{"current": "-1 mA/cm^2", "time": "4 min"}, {"current": "1 mA/cm^2", "time": "8 min"}],
}
STAIRCASE = {
    "mode": "staircase",
    "start": "0.5 mA/cm^2",
    "step": "1 mA/cm^2",
    "largest": "2 mA/cm^2",
    "half_cycle": "100 s",
}
PARABOLIC = {"diffusivity": "1e-16 m^2/s", "sigma": "0.1 S/m", "i0_factor": 0.5}
LINEAR = {"rate": "0.5 nm/s", "E_eq": "0.05 V"}
RUNS: dict[str, dict[str, Any]] = {
    "cycling, chemical, parabolic": {
        "drive": CYCLING,
        "reactions": [{"material": "A", "product_conducts_electrons": True, **PARABOLIC}],
        "anode.islands": "floating",
        "voids": {"thickness": "0.3 um"},
        "stack": {"pressure": "2 MPa"},
    },
    "steps, electrochemical, linear": {
        "drive": STEPS,
        "reactions": [{"material": "A", "route": "electrochemical", **LINEAR}],
        "anode.islands": "floating",
    },
    "staircase, electrochemical, parabolic": {
        "drive": STAIRCASE,
        "reactions": [{"material": "A", "route": "electrochemical", **PARABOLIC}],
    },
    "steps, a crack that opened": {
        "drive": THERE_AND_BACK,
        "mesh.cell_size_boundary": "0.5 um",
        "intrusion": {"toughness": "0.1 MPa m^0.5", "scatter": 4.0},
        "anode": {
            "initial": {"kind": "flaws", "flaws": [{"position": "6 um", "length": "3 um", "width": "3 um"}]},
            "foil_thickness": "1 mm",
        },
        "phase_field.room": 0.2,
        "materials": {"A": {"like": "LGPS"}, "B": {"like": "LPSC1.0", "room": 0.4}},
    },
}
NOT_COMPARED = {"faraday_error", "void_error", "newton_iterations", "linear_iterations", "rejected"}


def simulation(name: str, folder: Path, resume: bool = False) -> Simulation:
    """The run of this name."""
    return started(RUNS[name], folder, COMM, resume)


def started(changes: dict[str, Any], folder: Path, comm: MPI.Comm, resume: bool = False) -> Simulation:
    """A small run with these changes; where islands float, with one above the nucleus."""
    made = Simulation(case(NUCLEUS, SMALL | changes), comm, folder, resume=resume)
    if made.model.metal.floats and not resume:
        put_disc(made, np.array([6.5e-6, 8.5e-6]), alone=False, radius=1.5e-6)
    return made


def series(folder: Path) -> list[dict[str, float]]:
    """The rows of series.csv."""
    with (folder / "series.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def stop_after(steps: int) -> Any:
    """An interruption that comes before the step of this number."""
    seen = iter(range(steps))
    return lambda: None if next(seen, None) is not None else "enough"


def put_elsewhere(folder: Path, elsewhere: Path) -> dict[Path, bytes]:
    """Move the files that a run goes on with, leave links to them, and return what is in them."""
    elsewhere.mkdir()
    for name, link in {"series.csv": os.symlink, "fields.h5": os.symlink, "run.log": os.link}.items():
        (folder / name).rename(elsewhere / name)
        link(elsewhere / name, folder / name)
    return {path: path.read_bytes() for path in elsewhere.iterdir()}


@pytest.mark.parametrize("name", RUNS)
def test_the_rest_of_the_run_is_that_of_the_run_without_a_break(name: str, tmp_path: Path) -> None:
    whole = simulation(name, tmp_path / "whole")
    expected, rows = whole.run(), series(tmp_path / "whole")
    stages = [row["stage"] for row in rows]
    within = [k for k in range(1, len(rows) - 1) if stages[k - 1] == stages[k] == stages[k + 1]]
    later = next(k for k in within if k >= 2 * len(rows) // 3)
    stop = int(rows[later]["step"])
    first = simulation(name, tmp_path / "broken")
    assert first.run(stop_after(stop))["status"] == "stopped"
    linked = put_elsewhere(tmp_path / "broken", tmp_path / "elsewhere")
    second = simulation(name, tmp_path / "broken", resume=True)
    found = second.run()
    assert expected["status"] == found["status"] == "finished"
    for row, other in zip(rows[later:], series(tmp_path / "broken")[later:], strict=True):
        for key in set(row) - NOT_COMPARED:
            assert other[key] == pytest.approx(row[key], rel=1e-8, abs=1e-14), (row["step"], key)
    for field in set(whole.engine.state().fields) & {"xi", "phi", "conversion", "metal_offset"}:
        one, other = (s.engine.state().fields[field].values for s in (whole, second))
        assert other == pytest.approx(one, rel=1e-8, abs=1e-9), field
    assert [s["ended_by"] for s in found["stages"]] == [s["ended_by"] for s in expected["stages"]]
    for key in ("charge_C_m2", "voltage_start_V", "voltage_end_V", "t_end_s"):
        assert [s[key] for s in found["stages"]] == pytest.approx(
            [s[key] for s in expected["stages"]], rel=1e-8
        )
    assert {path: path.read_bytes() for path in linked} == linked
    assert not [path for path in (tmp_path / "broken").iterdir() if path.is_symlink()]
