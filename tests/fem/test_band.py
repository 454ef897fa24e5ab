"""Integrals over the band of the front and matrices filled by places, against those by assembly."""

import fem_model._dolfinx_first  # noqa: F401

from typing import Any

import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.engine.engine import Engine
from fem_model.numerics.algebra import AssembledVector
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case

SOLID = {
    "microstructure": NUCLEUS["microstructure"] | {"breadth": "12 um"},
    "mesh": {"cell_size_front": "0.54 um", "cell_size_bulk": "2 um", "front_height": "4 um"},
    "anode.initial.nuclei": [{"position": "6 um", "across": "6 um", "radius": "2.5 um"}],
}
LEFT_OUT = 1e-10
"""Share of a result that the cells outside the band may have."""


@pytest.fixture(scope="module", params=["2D", "3D", "quadratic"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An engine whose potential was solved for."""
    changes: dict[str, Any] = {"2D": {}, "3D": SOLID, "quadratic": {"mesh.degree": 2}}[request.param]
    simulation = Simulation(case(NUCLEUS, changes), MPI.COMM_SELF)
    assert simulation.instant() is None
    return simulation.engine


def distance(found: Floats, expected: Floats) -> float:
    """The largest difference over the largest value."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def test_the_band_leaves_cells_out_whose_currents_do_not_count(engine: Engine) -> None:
    spaces, band, plating = engine.spaces, engine.front.band, engine.model.electrodes.plating
    assert len(band.cells) < len(band.dofs)
    w, q = ufl.TestFunction(spaces.V), ufl.TestFunction(spaces.cells)
    everywhere = AssembledVector(plating * w * spaces.dx).assemble()
    assert distance(engine.currents.plating.array, everywhere) < LEFT_OUT
    by_cells = AssembledVector(plating * q * spaces.dx).assemble()
    assert distance(engine.currents.plating.by_cells(), by_cells) < LEFT_OUT


def test_a_vector_over_the_band_follows_it(engine: Engine) -> None:
    spaces, front = engine.spaces, engine.front
    form = front.density * ufl.TestFunction(spaces.V) * spaces.dx
    assert distance(engine.model.average.density.assemble(), AssembledVector(form).assemble()) < LEFT_OUT
    start = front.xi.x.array.copy()
    front.xi.x.array[:] = 0.0
    front.update_distance()
    assert len(front.band.cells) == 0
    assert not engine.model.average.density.assemble().any()
    assert not engine.currents.plating.assemble().any()
    front.xi.x.array[:] = start
    front.update_distance()
    engine.currents.assemble()


def test_the_jacobian_is_the_derivative_of_the_residual(engine: Engine) -> None:
    model, spaces, phi = engine.model, engine.spaces, engine.model.charge.phi
    w = ufl.TestFunction(spaces.V)
    forms = [*engine.currents.forms, model.electrodes.plating * w * spaces.dx, model.charge.conduction(w)]
    engine.potential._fill()
    difference = petsc.assemble_matrix(fem.form(ufl.derivative(sum(forms), phi)))
    difference.assemble()
    scale = difference.norm()
    difference.axpy(-1.0, engine.potential.matrix)
    assert difference.norm() < LEFT_OUT * scale
    assert (
        distance(
            engine.currents.conduction.assemble(), AssembledVector(model.charge.conduction(w)).assemble()
        )
        < LEFT_OUT
    )


def test_the_border_is_the_derivative_by_the_potential_of_the_metal(engine: Engine) -> None:
    step, metal, currents = 1e-7, engine.model.metal.phi, engine.currents
    start = float(metal.value)
    by_metal = currents.by_metal()
    metal.value = start + step
    currents.assemble()
    higher = currents.anode.copy()
    metal.value = start - step
    currents.assemble()
    assert distance((currents.anode - higher) / (2 * step), by_metal) < 1e-6
    metal.value = start
    currents.assemble()


def test_numbers_of_a_front_that_has_moved_are_not_used(engine: Engine) -> None:
    plating, front = engine.currents.plating, engine.front
    plating.assemble()
    plating.by_cells()
    front.update_distance()
    with pytest.raises(AssertionError, match="the front has moved"):
        plating.by_cells()
