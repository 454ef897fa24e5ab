"""Means over a front that are solved for where they reach, against those of all nodes."""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.engine.engine import Engine
from fem_model.laws.interface import tanh_profile
from fem_model.numerics.reach import Reach
from fem_model.numerics.smoothing import Smoother
from fem_model.processes.state import State
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case

THIN = {
    "microstructure.depth": "32 um",
    "phase_field.lam": "0.2 um",
    "mesh": {"cell_size_front": "0.2 um", "cell_size_bulk": "0.2 um", "front_height": "8 um"},
}
"""A front so thin that much of the box is far from it."""


@pytest.fixture(scope="module")
def first() -> tuple[Engine, State]:
    """An engine whose potential was solved for, of which many nodes are beyond the reach of the front."""
    simulation = Simulation(case(NUCLEUS, THIN), MPI.COMM_SELF)
    assert simulation.instant() is None
    assert 0 < len(simulation.engine.front.reach.nodes) < 0.7 * simulation.engine.spaces.owned
    return simulation.engine, simulation.engine.state()


@pytest.fixture
def engine(first: tuple[Engine, State]) -> Engine:
    """That engine as it was."""
    engine, state = first
    engine.restore(state)
    engine.normal.update()
    return engine


def everywhere(engine: Engine, load: Floats) -> Floats:
    """S of a load, solved for all nodes."""
    spaces = engine.spaces
    whole = Smoother(spaces.V, spaces.dx, engine.front.lam, "whole")
    return whole(load, spaces.nodal("whole"))


def test_means_over_the_front_are_those_of_all_nodes(engine: Engine) -> None:
    average, spaces = engine.model.average, engine.spaces
    load = average.density.assemble().copy()
    expected = everywhere(engine, load)
    reached = average.smooth(load, spaces.nodal("reached"))
    assert np.abs(reached - expected).max() < 1e-10 * np.abs(expected).max()
    assert reached[np.setdiff1d(np.arange(spaces.owned), engine.front.reach.nodes)].max() == 0.0


@pytest.mark.parametrize(("way", "found_again"), [(1.0, False), (12.0, True)])
def test_the_reach_follows_the_front(engine: Engine, way: float, found_again: bool) -> None:
    front, average, lam = engine.front, engine.model.average, engine.case.phase_field.lam
    height = engine.spaces.V.tabulate_dof_coordinates()[:, 1]
    for place in (8e-6, 8e-6 + way * lam):
        version = front.reach.version
        front.xi.x.array[:] = tanh_profile(height - place, lam)
        front.update_distance()
        engine.normal.update()
    assert (front.reach.version > version) == found_again
    load = average.density.assemble().copy()
    expected = everywhere(engine, load)
    reached = average.smooth(load, engine.spaces.nodal("reached"))
    assert np.abs(reached - expected).max() < 1e-10 * np.abs(expected).max()


def test_without_a_front_means_are_zero(engine: Engine) -> None:
    front, spaces = engine.front, engine.spaces
    front.xi.x.array[:] = 0.0
    front.update_distance()
    reach = Reach(spaces.V, front.band, engine.case.phase_field.lam)
    reach.update()
    assert not len(reach.nodes)
    smooth = Smoother(spaces.V, spaces.dx, front.lam, "none", reach=reach)
    assert not smooth(np.ones(spaces.owned), spaces.nodal("reached")).any()


def test_a_step_leaves_what_is_beyond_alone_and_loses_nothing(engine: Engine) -> None:
    front, spaces, phase = engine.front, engine.spaces, engine.phase
    before, dt = front.xi.x.array.copy(), engine.limit()
    growth = engine.growth.use(engine.rates)
    phase.advance(growth, dt)
    change = front.xi.x.array - before
    beyond = np.setdiff1d(np.arange(spaces.owned), front.reach.nodes)
    assert not change[beyond].any()
    weights = spaces.mass.createVecLeft()
    spaces.mass.mult(spaces.mass.createVecLeft() + 1.0, weights)
    assert change @ weights.array == pytest.approx(dt * growth.sum(), rel=1e-10)
