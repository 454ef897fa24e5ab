"""Lithium that is cut off: it floats at the potential around it and stays; connected, nothing changes."""

import numpy as np
import pytest
import ufl
from mpi4py import MPI

from fem_model.constants import F
from fem_model.materials import V_m
from fem_model.physics.interface import tanh_profile
from fem_model.simulation import Simulation
from fem_model.solve.algebra import AssembledVector
from tests.fem.cases import NUCLEUS, case, column, finished

UM = 1e-6
CENTRE, RADIUS = np.array([6 * UM, 10 * UM]), 2 * UM
CHANGES = {"mesh.front_height": "16 um", "time": {"end": "10 min", "outputs": 1}}


def with_island(islands: str, current: str = "1 mA/cm^2") -> Simulation:
    """The nucleus on the anode, and a disc of lithium above it that touches nothing."""
    simulation = Simulation(
        case(NUCLEUS, CHANGES | {"anode.islands": islands, "drive.current": current}), MPI.COMM_SELF
    )
    model, recorder = simulation.model, simulation.recorder
    disc = tanh_profile(distance(simulation), 0.5 * UM)
    model.xi.x.array[:] = np.maximum(model.xi.x.array, disc)
    model.update_distance()
    recorder.measures.start = recorder.measures.lithium()
    recorder.ledger.start = float(recorder.measures.start.sum())
    return simulation


def distance(simulation: Simulation) -> np.ndarray:
    """Signed distance of the nodes from the island, m."""
    x = simulation.recorder.measures.finder.space.tabulate_dof_coordinates()[:, :2]
    result: np.ndarray = np.linalg.norm(x - CENTRE, axis=1) - RADIUS
    return result


def island_area(simulation: Simulation) -> float:
    model = simulation.model
    weights = AssembledVector(ufl.TestFunction(model.V) * model.dx).assemble()
    return float((weights * model.xi.x.array)[distance(simulation) < 2 * UM].sum())


@pytest.mark.parametrize("current", ["1 mA/cm^2", "-1 mA/cm^2"])
def test_an_island_floats_and_does_not_dissolve(current: str) -> None:
    """Its potential is the mean of φ on its surface less V_m γ/(F r); its area stays, as no charge comes."""
    simulation = with_island("floating", current)
    simulation.instant()
    model = simulation.model
    around = model.phi.x.array[abs(distance(simulation)) < 0.3 * UM].mean()
    floating = float(model.phi_metal.value) + model.metal_offset.x.array.max(
        initial=-1, where=distance(simulation) < 0
    )
    assert floating == pytest.approx(around - V_m * 0.5 / (F * RADIUS), abs=2e-5)
    assert abs(floating - float(model.phi_metal.value)) > 5e-4
    before = island_area(simulation)
    summary = simulation.run()
    assert summary["faraday_error"] < 1e-8
    assert island_area(simulation) == pytest.approx(before, rel=5e-3)


def test_connected_by_decree_it_grows() -> None:
    simulation = with_island("connected")
    before = island_area(simulation)
    simulation.run()
    assert island_area(simulation) > 1.2 * before


def test_without_islands_both_ways_agree() -> None:
    runs = [
        finished(case(NUCLEUS, CHANGES | {"anode.islands": islands})) for islands in ("connected", "floating")
    ]
    for name in ("voltage_V", "tip_m", "li_volume_m3"):
        assert column(runs[0], name) == pytest.approx(column(runs[1], name), rel=1e-10)
