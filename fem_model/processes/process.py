"""Processes beside charge and front: they change coefficients, draw current, take lithium, move."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from dolfinx import fem

from fem_model.base.arrays import Bools, Floats
from fem_model.base.log import Stages
from fem_model.base.outcome import Outcome
from fem_model.case import Case
from fem_model.processes.averages import FrontAverage
from fem_model.processes.extras import Extras
from fem_model.processes.front import Front
from fem_model.processes.metal import Metal
from fem_model.processes.spaces import Spaces
from fem_model.processes.state import Field, State


@dataclass(frozen=True, eq=False)
class Setting:
    """Surroundings of a process: spaces, case, front, φ (V), metal, and averages over the front."""

    spaces: Spaces
    case: Case
    front: Front
    average: FrontAverage
    phi: fem.Function
    metal: Metal
    stages: Stages
    foil_open: fem.Constant
    """1 while the foil has lithium to give, else 0."""
    processes: list["Process"] = field(default_factory=list)
    """All of the model, in their order; complete once the first form is asked for."""

    def in_contact(self, face: str) -> Any:
        """Share of an electrode's face that all processes leave in contact."""
        share: Any = 1.0
        for process in self.processes:
            share = share * process.contact_factor(face)
        return share


class Process:
    """A field that changes in time beside ξ. Each method has the answer of a process that does nothing.

    Forms are asked for once, when an engine is made. In time the order is: `update` (φ is not yet known),
    `rates`, `limit`, then `advance` over the step, with rates extrapolated if `allows` says so.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    @staticmethod
    def applies(case: Case, extras: Extras) -> bool:
        """True if a case, as a script has it, has this process."""
        raise NotImplementedError

    # Its share in the state

    def fields(self) -> Sequence[Field]:
        """Its fields, as live values."""
        return ()

    def numbers(self) -> Mapping[str, float]:
        """Its numbers."""
        return {}

    def take_up(self, state: State) -> None:
        """Go on from a state."""

    # Coefficients and terms

    def conductivity_change(self) -> Any:
        """Contribution to σ, S/m."""
        return 0.0

    def exchange_factor(self) -> Any:
        """Factor on the exchange current density of the front."""
        return 1.0

    def contact_factor(self, face: str) -> Any:
        """Share of the face of an electrode, "anode" or "counter", that it leaves in contact."""
        return 1.0

    def foil_exchange_factor(self) -> Any:
        """Factor on the exchange current density of the foil."""
        return 1.0

    def foil_resistance(self) -> Any:
        """Resistance in series with the charge transfer at the foil, Ω m²; None if there is none."""
        return None

    def foil_current(self, v: Any) -> Any:
        """The current that it draws at the anode's face beside plating, tested with v, A; None if none."""
        return None

    def resistance_factor(self) -> Any:
        """Factor on what resists the intrusion of lithium."""
        return 1.0

    def largest_resistance_factor(self) -> float:
        """The largest that factor can be."""
        return 1.0

    def conducts_electrons(self) -> Bools | None:
        """The cells in which it connects lithium, by their places in an array of cells; None if none."""
        return None

    def current(self) -> Any:
        """The current that it draws from the electrolyte into the metal, A/m³; None if none."""
        return None

    # In time

    def update(self) -> None:
        """Make from the front as it is now what the rates need; φ is not yet known."""

    def rates(self, faces: Mapping[str, Floats]) -> Sequence[Field]:
        """Rates of its fields at this instant, by their names.

        `faces` has the currents (A) into the electrodes by the name of their face, of the owned cells.
        """
        return ()

    def from_foil(self) -> float:
        """Charge of the lithium that it takes from the foil without a current, A. Collective."""
        return 0.0

    def lithium(self) -> Floats | float:
        """Weak rate at which it takes lithium from ξ, on the owned nodes, 1/s times a volume."""
        return 0.0

    def limit(self, rates: Mapping[str, Floats]) -> float:
        """Largest step, s."""
        return np.inf

    def allows(self, rates: Mapping[str, Floats], dt: float) -> bool:
        """True if its fields stay within their bounds over a step with these rates. Collective."""
        return True

    def advance(self, rates: Mapping[str, Floats], dt: float) -> None:
        """One step. Errors: SolverError if a field would leave its bounds."""

    def stored(self) -> float:
        """Charge of the lithium in it, C. Collective."""
        return 0.0

    # What is seen of it

    def output(self) -> Sequence[fem.Function]:
        """Its fields for the files, linear or constant in each cell."""
        return ()

    def ending(self) -> Outcome | None:
        """Reason why a run cannot continue from this instant, if it cannot. Collective."""
        return None
