"""Near the boundaries of grains values follow the distance; and how a voltage splits."""

import numpy as np
import pytest
from mpi4py import MPI
from scipy.integrate import quad

from fem_model.case import Case
from fem_model.case.sections import Boundary
from fem_model.engine.model import Model
from fem_model.mesh.domain import Domain, build_domain
from fem_model.physics.boundaries import boundary_factor
from fem_model.simulation import Simulation
from fem_model.study.conductivity import Conductivity, ConductivityStudy
from tests.fem.cases import FILM, NUCLEUS, case

DEPTH, WIDTH = 20e-6, 1e-6


def stacked(cell: str, boundaries: list[dict[str, object]]) -> Case:
    """Two electrolytes one above the other, their boundary in the middle."""
    return case(
        NUCLEUS,
        {
            "microstructure.bands": "horizontal",
            "mesh": {"cell_size_front": cell, "cell_size_bulk": cell},
            "boundaries": boundaries,
        },
    )


def profile(distance: float, width: float, factor: float) -> float:
    """The factor at a distance (m) from a boundary."""
    return float(1 + (factor - 1) * np.exp(-((distance / width) ** 2)))


def resistance(sigma: float, depth: float, width: float, factor: float) -> float:
    """∫ dy / (σ [1 + (f − 1) exp(−(y/w)²)]) from the boundary to `depth`, Ω m²."""
    return float(quad(lambda y: 1 / (sigma * profile(y, width, factor)), 0, depth)[0])


def study(given: Case) -> ConductivityStudy:
    domain = build_domain(given, MPI.COMM_SELF)
    sigma = {name: m.sigma for name, m in given.material_table().items()}
    near = boundary_factor(domain, given.boundaries, lambda b: b.sigma_factor)
    return ConductivityStudy(domain, sigma, near)


def conductivity(cell: str, factor: float) -> Conductivity:
    return study(stacked(cell, [{"width": "1 um", "sigma_factor": factor}])).run()


def test_a_resistive_boundary_adds_the_resistance_of_its_profile() -> None:
    """1/σ_eff = (1/L) ∫ dy / (σ(y) [1 + (f − 1) exp(−(y/w)²)]), from two cells across the width to four."""
    factor = 0.1
    expected = DEPTH / sum(resistance(sigma, DEPTH / 2, WIDTH, factor) for sigma in (0.526, 0.357))
    gaps = []
    for cell, tolerance in (("0.5 um", 1.2e-3), ("0.35 um", 2e-4), ("0.25 um", 3e-5)):
        across = conductivity(cell, factor).directions["y"]
        assert across.uncertainty is not None
        # resistances in series: the lower bound is exact but for the quadrature, the upper one is not
        assert across.sigma_eff - across.uncertainty == pytest.approx(expected, rel=tolerance)
        gaps.append(across.uncertainty / expected)
        assert abs(across.sigma_eff / expected - 1) < gaps[-1]
    assert gaps[0] < 1.3e-2 and gaps[2] < 3e-3
    assert gaps[0] > gaps[1] > gaps[2]


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_bounds_know_the_boundaries(factor: float) -> None:
    found = conductivity("0.5 um", factor)
    low, high = found.wiener
    for direction in found.directions.values():
        assert low < direction.sigma_eff < high
    assert (found.hashin_shtrikman, len(found.notes)) == (None, 1)
    assert "varies within" in found.as_json()["notes"][0]
    plain = conductivity("0.5 um", 1.0)
    assert plain.hashin_shtrikman is not None and plain.notes == []


def test_the_conductivity_of_a_cell_is_what_the_model_sees() -> None:
    """A potential that is linear in the cells takes up ∫ σ dx of each."""
    given = stacked("0.5 um", [{"width": "0.3 um", "sigma_factor": 0.1}])
    found = study(given)
    model = Model(found.domain, given)
    expected = model.spaces.integrate(model.charge.sigma * model.spaces.dx)
    assert (found.cell_sigma * found.volumes).sum() == pytest.approx(expected, rel=1e-12)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return build_domain(case(NUCLEUS), MPI.COMM_SELF)


def factor_at(domain: Domain, boundary: Boundary, x: float) -> float:
    """Factor on the line from the boundary in the middle, at the distance x (m)."""
    from dolfinx import fem

    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    function = fem.Function(space)
    expression = boundary_factor(domain, [boundary], lambda b: b.i0_factor)
    function.interpolate(fem.Expression(expression, space.element.interpolation_points))
    nodes = space.tabulate_dof_coordinates()[:, 0]
    near = np.argmin(abs(nodes - domain.width / 2 - x))
    exact = profile(nodes[near] - domain.width / 2, boundary.width, boundary.i0_factor)
    assert function.x.array[near] == pytest.approx(exact, rel=1e-9)
    return float(function.x.array[near])


def test_factors_fade_with_the_distance(domain: Domain) -> None:
    boundary = Boundary.model_validate({"width": "1 um", "i0_factor": 5.0})
    assert factor_at(domain, boundary, 0.0) == pytest.approx(5.0)
    assert 1.0 < factor_at(domain, boundary, 1e-6) < 5.0
    assert factor_at(domain, boundary, 5e-6) == pytest.approx(1.0)


def test_a_pair_takes_part_only_where_it_is(domain: Domain) -> None:
    assert boundary_factor(domain, [Boundary.model_validate({"width": "1 um"})], lambda b: b.p_factor) == 1.0
    absent = Boundary.model_validate({"pair": "A|A", "width": "1 um", "p_factor": 0.5})
    assert boundary_factor(domain, [absent], lambda b: b.p_factor) == 1.0
    present = Boundary.model_validate({"pair": "B|A", "width": "1 um", "p_factor": 0.5})
    assert boundary_factor(domain, [present], lambda b: b.p_factor) != 1.0


CURRENT, R_CT = 10.0, 1e-4
LINEAR = {
    "kinetics": {"law": "linear", "R_ct": "1 ohm cm^2"},
    "drive": {"mode": "galvanostatic", "current": "1 mA/cm^2"},
}


def instant(changes: dict[str, object]) -> dict[str, float]:
    """What a flat film, 80 µm below the counter electrode, records at once; linear kinetics."""
    simulation = Simulation(case(FILM, LINEAR | changes), MPI.COMM_SELF)
    simulation.instant()
    row: dict[str, float] = simulation.recorder.rows[0]
    return row


def halves(sigma_a: str, sigma_b: str, boundary: dict[str, object]) -> dict[str, object]:
    """Changes to the film: two electrolytes and what is different near their boundary."""
    return {
        "microstructure.layers": [{"material": "A", "share": 0.5}, {"material": "B", "share": 0.5}],
        "materials": {"A": {"sigma": sigma_a}, "B": {"sigma": sigma_b}},
        "boundaries": [boundary],
    }


@pytest.mark.parametrize(("factor", "share"), [(0.2, 1.13), (5.0, 0.94)])
def test_a_run_sees_the_conductivity_near_a_boundary(factor: float, share: float) -> None:
    """V = i [R_ct + ∫ dy/σ(y)] across a boundary 30 µm above the front, half way up."""
    changes = halves("0.526 S/m", "0.357 S/m", {"width": "4 um", "sigma_factor": factor})
    fine = {"microstructure.bands": "horizontal", "mesh.cell_size_boundary": "0.4 um"}
    expected, plain = (
        R_CT + resistance(0.526, 30e-6, 4e-6, f) + resistance(0.357, 50e-6, 4e-6, f) for f in (factor, 1.0)
    )
    assert expected / plain == pytest.approx(share, abs=0.01)
    assert instant(changes | fine)["voltage_V"] == pytest.approx(CURRENT * expected, rel=2e-3)


@pytest.mark.parametrize(("factor", "mean"), [(0.1, 0.76), (5.0, 2.06)])
def test_a_run_sees_the_exchange_current_near_a_boundary(factor: float, mean: float) -> None:
    """V = i R_ct over the mean of the factor along the front, where next to nothing drops elsewhere."""
    changes = halves("1e4 S/m", "1e4 S/m", {"width": "3 um", "i0_factor": factor})
    along = quad(lambda x: profile(x, 3e-6, factor), 0, 10e-6)[0] / 10e-6
    assert along == pytest.approx(mean, abs=0.01)
    voltage = instant(changes | {"microstructure.width": "20 um"})["voltage_V"]
    assert voltage == pytest.approx(CURRENT * R_CT / along, rel=5e-4)


def test_the_voltage_splits_into_its_closed_forms() -> None:
    """Flat film, linear kinetics: i R_ct at the front, i L/σ between, i R_ct at the counter electrode."""
    row = instant({"counter": {"kind": "lithium"}})
    assert row["overpotential_counter_V"] == pytest.approx(1e-3, rel=1e-9)
    # the mean over the diffuse front, weighted by the current: off by (π²/3 − 2)(λ/σR_ct)² = 1e-3
    assert row["overpotential_anode_V"] == pytest.approx(1e-3, rel=3e-3)
    assert row["ohmic_V"] == pytest.approx(10 * 80e-6 / 0.357, rel=1e-3)
    parts = row["overpotential_counter_V"] + row["overpotential_anode_V"] + row["ohmic_V"]
    assert parts == pytest.approx(row["voltage_V"], rel=1e-12)
