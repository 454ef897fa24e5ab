"""The potential of the lithium: φ_M of the anode, and what islands of lithium float above it."""

import fem_model._dolfinx_first  # noqa: F401

from typing import Any

from fem_model.case import Case
from fem_model.processes.spaces import Spaces
from fem_model.processes.state import Field, State


class Metal:
    """φ_M (`phi`, V) of the anode, and the `offset` (V) of islands. The counter's metal is at 0 V."""

    def __init__(self, spaces: Spaces, case: Case) -> None:
        self.phi, self.before = spaces.constant(0.0), 0.0
        self.offset = spaces.nodal("metal_offset")
        self.floats = case.anode.islands == "floating"
        """True if lithium that is isolated from the anode has a potential of its own."""
        self.islands_before = 0
        """Number of islands; where it changes their currents jump, and rates are not extrapolated."""

    @property
    def potential(self) -> Any:
        """Potential of the lithium, V, for forms."""
        return self.phi + self.offset if self.floats else self.phi

    def fields(self) -> list[Field]:
        """Potentials of islands above that of the anode."""
        return [Field("metal_offset", self.offset.x.array)]

    def numbers(self) -> dict[str, float]:
        """φ_M now and before (V), and the number of islands."""
        phi = float(self.phi.value)
        return {"phi_metal": phi, "phi_metal_before": self.before, "islands": self.islands_before}

    def take_up(self, state: State) -> None:
        """Go on from a state."""
        self.phi.value, self.before = state.numbers["phi_metal"], state.numbers["phi_metal_before"]
        self.islands_before = int(state.numbers["islands"])
