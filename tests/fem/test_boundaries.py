"""Near the boundaries of grains values follow the distance, whatever the cells; and how a voltage splits."""

import numpy as np
import pytest
from mpi4py import MPI
from scipy.integrate import quad

from fem_model.case import Case
from fem_model.case.sections import Boundary
from fem_model.mesh.domain import Domain, build_domain
from fem_model.physics.boundaries import boundary_factor
from fem_model.simulation import Simulation
from fem_model.study.conductivity import ConductivityStudy
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


def conductivity_across(cell: str, factor: float) -> float:
    given = stacked(cell, [{"width": "1 um", "sigma_factor": factor}])
    domain = build_domain(given, MPI.COMM_SELF)
    sigma = {name: m.sigma for name, m in given.material_table().items()}
    near = boundary_factor(domain, given.boundaries, lambda b: b.sigma_factor)
    return ConductivityStudy(domain, sigma, near).run().directions["y"].sigma_eff


def test_a_resistive_boundary_adds_the_resistance_of_its_profile() -> None:
    """1/σ_eff = (1/L) ∫ dy / (σ(y) [1 + (f − 1) exp(−(y/w)²)]), the same on three meshes."""
    factor = 0.1

    def resistance(sigma: float) -> float:
        return quad(lambda y: 1 / (sigma * (1 + (factor - 1) * np.exp(-((y / WIDTH) ** 2)))), 0, DEPTH / 2)[0]

    expected = DEPTH / (resistance(0.526) + resistance(0.357))
    found = [conductivity_across(cell, factor) for cell in ("0.5 um", "0.35 um", "0.25 um")]
    errors = [abs(value / expected - 1) for value in found]  # 8e-3 with two cells across the width
    assert errors[0] < 1e-2 and errors[2] < 2.5e-3
    assert errors[0] > errors[1] > errors[2]


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
    exact = 1 + (boundary.i0_factor - 1) * np.exp(-(((nodes[near] - domain.width / 2) / boundary.width) ** 2))
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


def test_the_voltage_splits_into_its_closed_forms() -> None:
    """Flat film, linear kinetics: i R_ct at the front, i L/σ between, i R_ct at the counter electrode."""
    changes = {
        "kinetics": {"law": "linear", "R_ct": "1 ohm cm^2"},
        "counter": {"kind": "lithium"},
        "drive": {"mode": "galvanostatic", "current": "1 mA/cm^2"},
    }
    simulation = Simulation(case(FILM, changes), MPI.COMM_SELF)
    simulation.instant()
    row = simulation.recorder.rows[0]
    assert row["overpotential_counter_V"] == pytest.approx(1e-3, rel=1e-9)
    # the mean over the diffuse front, weighted by the current: off by (π²/3 − 2)(λ/σR_ct)² = 1e-3
    assert row["overpotential_anode_V"] == pytest.approx(1e-3, rel=3e-3)
    assert row["ohmic_V"] == pytest.approx(10 * 80e-6 / 0.357, rel=1e-3)
    parts = row["overpotential_counter_V"] + row["overpotential_anode_V"] + row["ohmic_V"]
    assert parts == pytest.approx(row["voltage_V"], rel=1e-12)
