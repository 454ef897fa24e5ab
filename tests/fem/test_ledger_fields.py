"""The lithium ledger, recomputed from what a run leaves behind: fields.h5 and series.csv, numpy alone."""

import csv
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.simulation import Simulation
from tests.fem.cases import FILM, NUCLEUS, Tables, case

TIME = {"end": "10 min", "outputs": 3}

CASES: dict[str, tuple[Tables, dict[str, Any]]] = {
    "galvanostatic": (NUCLEUS, {}),
    "stripping": (NUCLEUS, {"drive.current": "-0.5 mA/cm^2"}),
    "potentiostatic": (NUCLEUS, {"drive": {"mode": "potentiostatic", "voltage": "4 mV"}}),
    "classical capillarity": (NUCLEUS, {"phase_field.capillarity": "classical"}),
    "no capillarity": (NUCLEUS, {"phase_field.capillarity": "none"}),
    "pressure": (NUCLEUS, {"kinetics.p_resist": "20 MPa", "drive.current": "5 mA/cm^2"}),
    "film": (FILM, {}),
    "film, stripping": (FILM, {"drive.voltage": "-50 mV"}),
}


def lithium_in(folder: Path) -> np.ndarray:
    """∫ξ over the triangles of fields.h5 at each output, m²; files are in µm."""
    with h5py.File(folder / "fields.h5") as file:
        points, cells = file["Mesh/0/geometry"][:, :2] * 1e-6, file["Mesh/0/topology"][:]
        saved = file["Function/xi"]
        fields = [saved[name][:, 0] for name in sorted(saved, key=int)]
    a, b, c = (points[cells[:, k]] for k in range(3))
    areas = 0.5 * abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    return np.array([(areas[:, None] * xi[cells] / 3).sum() for xi in fields])


@pytest.mark.parametrize("name", CASES)
def test_the_charge_passed_is_lithium_in_the_fields_and_in_the_foil(name: str, tmp_path: Path) -> None:
    base, changes = CASES[name]
    settings = case(base, {"time": TIME, "output": {"figures": False}} | changes)
    summary = Simulation(settings, MPI.COMM_SELF, tmp_path).run()
    assert summary["status"] == "finished"
    with (tmp_path / "series.csv").open() as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    wanted = [0.0, 200.0, 400.0, 600.0]
    at_output = [next(row for row in rows if row["t_s"] == t) for t in wanted]
    lithium = lithium_in(tmp_path)
    metal = F / V_m * (lithium - lithium[0]) / settings.microstructure.width
    booked = np.array([row["charge_C_m2"] - row["charge_foil_C_m2"] for row in at_output])
    throughput = at_output[-1]["charge_throughput_C_m2"]
    assert abs(metal[-1]) > 0.05 * throughput  # there is something to compare
    assert abs(metal - booked).max() < 1e-8 * throughput
    assert summary["faraday_error"] < 1e-8
    stored = np.array([row["li_volume_m3"] for row in at_output])
    assert lithium == pytest.approx(stored, rel=1e-12)
