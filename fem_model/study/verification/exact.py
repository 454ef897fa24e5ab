"""Runs beside an exact solution: where they start, how they step, and how far off they end."""

from typing import Any

import numpy as np
import ufl
from dolfinx import fem

from fem_model.base.errors import SolverError
from fem_model.base.outcome import Outcome
from fem_model.engine.model import Model
from fem_model.simulation import Simulation

NO_CURRENT = 1e-15
"""Current density of a front that is not to react, A/m²."""


def start(model: Model, xi: Any) -> None:
    """Put an exact ξ (UFL) into the model, in place of the lithium of the case."""
    model.front.xi.interpolate(fem.Expression(xi, model.spaces.V.element.interpolation_points))
    model.front.update_distance()


def march(simulation: Simulation, time: fem.Constant, end: float, steps: int) -> None:
    """Take equal steps up to `end` (s). SolverError if one fails.

    Sources that depend on `time` are read at the instants and, by the classical bracket, halfway between.
    """
    for step in range(steps):
        time.value = step * end / steps
        _succeed(simulation.instant())
        time.value = (step + 0.5) * end / steps
        _succeed(simulation.step())
        simulation.march.unsettle()  # the sources of the next instant are others
    time.value = end
    _succeed(simulation.instant())


def _succeed(outcome: Outcome | None) -> None:
    if outcome and outcome.status == "failed":
        raise SolverError(outcome.reason)


def relative_error(model: Model, computed: fem.Function, exact: Any) -> float:
    """‖computed − exact‖/‖exact‖ in L2."""
    dx = ufl.dx(metadata={"quadrature_degree": 2 * model.case.mesh.degree + 4})
    integrate = model.spaces.integrate
    return float(np.sqrt(integrate((computed - exact) ** 2 * dx) / integrate(exact**2 * dx)))
