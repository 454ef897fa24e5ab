"""A hole or a dip of ξ within lithium gets no ions, and so does not plate."""

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.simulation import Simulation
from tests.fem.cases import FILM, case

UM = 1e-6
CENTRE, RADIUS = np.array([5 * UM, 8 * UM]), 2 * UM


def dipped(depth: float, residual: float) -> float:
    """Share of the current that plates around a dip of ξ in a film of lithium, 12 µm below its front."""
    changes = {
        "phase_field.sigma_residual": residual,
        "kinetics": {"R_ct": "0.8 ohm cm^2"},
        "mesh": {"cell_size_front": "0.5 um", "cell_size_bulk": "5 um", "front_height": "25 um"},
        "microstructure.width": "10 um",
    }
    simulation = Simulation(case(FILM, changes), MPI.COMM_SELF)
    model = simulation.model
    x = simulation.recorder.measures.finder.space.tabulate_dof_coordinates()[:, :2]
    r = np.linalg.norm(x - CENTRE, axis=1)
    model.front.xi.x.array[:] -= depth * np.exp(-((r / RADIUS) ** 2))
    model.front.update_distance()
    assert simulation.instant() is None
    current = simulation.engine.cells.plating()
    middle = model.spaces.cells.tabulate_dof_coordinates()[: len(current), 1]
    return float(current[middle < 14 * UM].sum() / current.sum())


@pytest.mark.parametrize("depth", [0.05, 0.3, 0.99])
def test_no_lithium_plates_within_lithium(depth: float) -> None:
    """Only what the residual conductivity lets through lithium: the less of it, the less plates."""
    share = dipped(depth, 1e-4)
    assert 0 < share < 1e-3
    assert dipped(depth, 1e-5) < share / 3
