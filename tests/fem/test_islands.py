"""Lithium that is cut off: it floats at the potential around it and stays; connected, nothing changes."""

import numpy as np
import pytest
import ufl
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.laws.interface import tanh_profile
from fem_model.materials import V_m
from fem_model.numerics.algebra import AssembledVector
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import Tables
from fem_model.study.verification.floating_disc import put_disc
from tests.fem.cases import NUCLEUS, case, column, finished

UM = 1e-6
CENTRE, RADIUS = np.array([6 * UM, 10 * UM]), 2 * UM
NOTHING: Tables = {}
CHANGES = {"mesh.front_height": "16 um", "time": {"end": "10 min", "outputs": 1}}


def with_island(islands: str, current: str = "1 mA/cm^2", changes: Tables = NOTHING) -> Simulation:
    """The nucleus on the anode, and a disc of lithium above it that touches nothing."""
    simulation = Simulation(
        case(NUCLEUS, CHANGES | {"anode.islands": islands, "drive.current": current} | changes),
        MPI.COMM_SELF,
    )
    model, recorder = simulation.model, simulation.recorder
    disc = tanh_profile(distance(simulation), 0.5 * UM)
    model.front.xi.x.array[:] = np.maximum(model.front.xi.x.array, disc)
    model.front.update_distance()
    recorder.count_from_here()
    return simulation


def distance(simulation: Simulation) -> np.ndarray:
    """Signed distance of the nodes from the island, m."""
    x = simulation.recorder.measures.finder.space.tabulate_dof_coordinates()[:, :2]
    result: np.ndarray = np.linalg.norm(x - CENTRE, axis=1) - RADIUS
    return result


def island_area(simulation: Simulation) -> float:
    model = simulation.model
    weights = AssembledVector(ufl.TestFunction(model.spaces.V) * model.spaces.dx).assemble()
    return float((weights * model.front.xi.x.array)[distance(simulation) < 2 * UM].sum())


@pytest.mark.parametrize("current", ["1 mA/cm^2", "-1 mA/cm^2"])
def test_an_island_floats_and_does_not_dissolve(current: str) -> None:
    """Its potential is the mean of φ on its surface less V_m γ/(F r); its area stays, as no charge comes."""
    simulation = with_island("floating", current)
    simulation.instant()
    model = simulation.model
    around = model.charge.phi.x.array[abs(distance(simulation)) < 0.3 * UM].mean()
    floating = float(model.metal.phi.value) + model.metal.offset.x.array.max(
        initial=-1, where=distance(simulation) < 0
    )
    assert floating == pytest.approx(around - V_m * 0.5 / (F * RADIUS), abs=2e-5)
    assert abs(floating - float(model.metal.phi.value)) > 5e-4
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


REACTION = {"material": "A", "rate": "1e-12 m/s", "lithium": 20.0, "molar_volume": "289 cm^3/mol"}
"""Next to nothing reacts; what is product is put there by hand."""


@pytest.mark.parametrize("conducts", [True, False])
def test_product_that_conducts_electrons_connects_lithium(conducts: bool) -> None:
    """A strip of product from the nucleus to the disc above it, all of it in A."""
    reaction = REACTION | {"product_conducts_electrons": conducts}
    one = {"microstructure.layers": [{"material": "A", "share": 1.0}], "reactions": [reaction]}
    simulation = with_island("floating", changes=one)
    model = simulation.model
    middle = model.spaces.cells.tabulate_dof_coordinates()
    strip = (abs(middle[:, 0] - 6 * UM) < 0.5 * UM) & (middle[:, 1] < 9 * UM)
    model.conversion.x.array[strip] = 1.0
    simulation.instant()
    row = simulation.recorder.last
    assert row["islands"] == (0 if conducts else 1)
    if conducts:
        assert row["charge_dead_C_m2"] == 0.0
        assert (model.metal.offset.x.array == 0).all()


def test_from_the_instant_on_that_it_is_cut_off_lithium_takes_no_net_current() -> None:
    """Its neck dissolves; the step after that is not extrapolated from rates while it was connected."""
    stripping = {"drive.current": "-1 mA/cm^2", "time": {"end": "20 min", "outputs": 1}}
    simulation = Simulation(case(NUCLEUS, CHANGES | {"anode.islands": "floating"} | stripping), MPI.COMM_SELF)
    put_disc(simulation, np.array([6 * UM, 5.3 * UM]), alone=False, radius=2.5 * UM)
    engine, shares = simulation.engine, []
    advance = engine.phase.advance

    def spy(rate: np.ndarray, dt: float, last: np.ndarray | None = None) -> None:
        found = engine.potential.unknowns.islands
        shares.append(float(rate @ found[0] / rate.sum()) if found else np.nan)
        advance(rate, dt, last)

    engine.phase.advance = spy  # type: ignore[method-assign]
    simulation.run()
    floating = np.isfinite(shares)
    assert not floating[0] and floating[-1]
    assert abs(shares[int(np.argmax(floating))]) < 1e-8


def test_dead_lithium_is_counted() -> None:
    """F/V_m times the area of the disc with its tanh profile, πr² (1 + (πλ/r)²/3), per width."""
    simulation = with_island("floating")
    simulation.instant()
    area = np.pi * RADIUS**2 * (1 + (np.pi * 0.5 * UM / RADIUS) ** 2 / 3)
    dead = simulation.recorder.last["charge_dead_C_m2"]
    assert dead == pytest.approx(F / V_m * area / (12 * UM), rel=1e-2)
