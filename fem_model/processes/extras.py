"""Additional terms of the equations, set by a script, say for a manufactured solution."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dolfinx import fem


@dataclass(frozen=True)
class Extras:
    """Terms beside those of the case.

    `charge` (UFL, A/m³) is added to the Faradaic sink of φ and `phase` (UFL, 1/s) to the growth
    rate of ξ. `phi_fixed` makes Dirichlet conditions of φ, given its space. `front_current` (A/m²) replaces
    the kinetics of the front, and `electrodes = False` takes both electrode reactions away.
    """

    charge: Any = None
    phase: Any = None
    phi_fixed: Callable[[fem.FunctionSpace], Sequence[fem.DirichletBC]] | None = None
    front_current: Any = None
    electrodes: bool = True
