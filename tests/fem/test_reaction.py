"""LGPS that reacts with lithium: growth laws, what it takes, bounds, and every balance."""

from typing import Any

import numpy as np
import pytest
import ufl
from mpi4py import MPI

from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.numerics.algebra import AssembledVector
from fem_model.simulation import Simulation
from tests.fem.cases import FILM, NUCLEUS, case, column, finished

WIDTH = 2e-6  # m, of the film
LGPS = {"materials": {"E": {"like": "LGPS"}}, "mesh.front_height": "30 um"}
REST = {"mode": "steps", "steps": [{"current": "0 A/m^2", "time": "10 h"}]}
ROUTES = ["chemical", "electrochemical"]
NU, V_M = 23.75, 289.1e-6


def film(route: str, end: float, **reaction: Any) -> Simulation:
    """A flat film on LGPS at rest: all that happens is the reaction."""
    reactions = [{"material": "E", "route": route, **reaction}]
    changes = LGPS | {"reactions": reactions, "drive": REST, "counter": {"kind": "lithium"}}
    return finished(case(FILM, changes | {"time": {"end": f"{end} s", "outputs": 1}}))


def converted(simulation: Simulation) -> float:
    """∫z dx and, where there is a foil, ∫w dA over its face, m²."""
    model = simulation.model
    volumes = AssembledVector(ufl.TestFunction(model.spaces.cells) * model.spaces.dx).assemble()
    at_foil = model.interphase.volume() if model.interphase else 0.0
    return float(volumes @ model.conversion.x.array[: len(volumes)]) + at_foil


@pytest.mark.parametrize("route", ROUTES)
def test_a_reaction_limited_interphase_grows_linearly(route: str) -> None:
    simulation = film(route, 5000.0, rate="0.1 nm/s")
    assert converted(simulation) / WIDTH == pytest.approx(1e-10 * 5000, rel=5e-3)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("start", [10e-9, 100e-9])
def test_a_diffusion_limited_interphase_grows_parabolically(route: str, start: float) -> None:
    """(w + w₀)² = w₀² + 2Dt."""
    simulation = film(route, 800.0, diffusivity="1e-16 m^2/s", start_thickness=f"{start} m")
    exact = np.sqrt(start**2 + 2e-16 * 800) - start
    assert converted(simulation) / WIDTH == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("product", "nu"), [("Ge", 20.0), ("LiGe", 21.0), ("Li15Ge4", 23.75), ("Li22Ge5", 24.4)]
)
def test_each_formula_unit_takes_its_lithium(route: str, product: str, nu: float) -> None:
    """At rest what the product holds has left the metal, by either route, ν to one."""
    simulation = film(route, 1000.0, rate="0.1 nm/s", product=product)
    lithium = column(simulation, "li_volume_m3")
    moles = (lithium[0] - lithium[-1]) / V_m
    assert moles / (converted(simulation) / V_M) == pytest.approx(nu, rel=1e-8)


def nucleus(route: str, **changes: Any) -> Simulation:
    """A nucleus that grows into LGPS on one side, and reacts with it."""
    reactions = [{"material": "A", "route": route, "rate": "0.3 nm/s", "sigma": "0.1 S/m", "i0_factor": 0.5}]
    materials = {"A": {"like": "LGPS"}, "B": {"like": "LPSC1.0"}}
    return finished(case(NUCLEUS, {"materials": materials, "reactions": reactions} | changes))


@pytest.fixture(scope="module", params=ROUTES)
def grown(request: pytest.FixtureRequest) -> Simulation:
    return nucleus(request.param)


def test_charge_passed_is_lithium_in_metal_foil_and_product(grown: Simulation) -> None:
    """F (∫ξ/V_m + ν ∫z/V_M), from the fields, and the foil against ∫I dt; at every step by its row."""
    model, area = grown.model, grown.model.spaces.area
    weights = AssembledVector(ufl.TestFunction(model.spaces.V) * model.spaces.dx).assemble()
    metal = F / V_m * (float(weights @ model.front.xi.x.array[: len(weights)]) - grown.recorder.ledger.start)
    reacted = F * NU / V_M * converted(grown)
    last = grown.recorder.last
    assert reacted > 0.02 * last["charge_C_m2"] * area
    assert metal + reacted + last["charge_foil_C_m2"] * area == pytest.approx(
        last["charge_C_m2"] * area, rel=1e-8
    )
    assert last["charge_reacted_C_m2"] * area == pytest.approx(reacted, rel=1e-12)
    assert column(grown, "faraday_error").max() < 1e-8


def test_germanium_is_conserved(grown: Simulation) -> None:
    """z stays within [0, 1], never falls, and is 0 outside LGPS; the total fraction is its mean over LGPS."""
    model = grown.model
    z, inside = model.conversion.x.array, model.spaces.only_in("A").x.array
    assert z.min() >= 0 and z.max() <= 1 and (z[inside == 0] == 0).all()
    assert (np.diff(column(grown, "alloy_fraction_total")) >= 0).all()
    total = converted(grown) / (0.5 * 12e-6 * 20e-6)
    assert grown.recorder.last["alloy_fraction_total"] == pytest.approx(total, rel=1e-9)


def test_what_touches_the_lithium_sums_up(grown: Simulation) -> None:
    last = grown.recorder.last
    shares = [last["surface_share_A"], last["surface_share_B"], last["surface_share_interphase"]]
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
    assert shares[2] > 0
    assert last["alloy_fraction_interface"] > last["alloy_fraction_total"] > 0


def test_the_electrochemical_route_draws_current_into_what_reacts() -> None:
    """The chemical route leaves the current as it is; the electrochemical one adds to that of LGPS alone."""
    at_start = {}
    for route in ROUTES:
        simulation = nucleus(route, time={"end": "10 s", "step": "10 s", "outputs": 1})
        at_start[route] = simulation.recorder.rows[0]
    current = {route: row["current_density_A_m2"] for route, row in at_start.items()}
    assert current["chemical"] == pytest.approx(current["electrochemical"], rel=1e-9)
    assert at_start["electrochemical"]["voltage_V"] < at_start["chemical"]["voltage_V"]


def test_a_thin_stock_of_electrolyte_is_used_up() -> None:
    """A fast reaction with a slow front: z reaches 1 and stops there, and the ledger closes all along."""
    reactions = [{"material": "A", "rate": "3 nm/s"}]
    materials = {"A": {"like": "LGPS"}, "B": {"like": "LPSC1.0"}}
    simulation = Simulation(
        case(NUCLEUS, {"materials": materials, "reactions": reactions, "drive.current": "3 mA/cm^2"}),
        MPI.COMM_SELF,
    )
    summary = simulation.run()
    z = simulation.model.conversion.x.array
    assert summary["status"] == "finished", summary["reason"]
    assert z.min() >= 0 and z.max() <= 1
    assert summary["faraday_error"] < 1e-8
    assert simulation.model.front.xi.x.array.min() > -1e-3
