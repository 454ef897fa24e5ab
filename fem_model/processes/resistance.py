"""Resistance to the intrusion of lithium: P = V_m p/F (V), the pressure that the front needs to plate.

Without [intrusion] p is a number of the case, other near boundaries if it says so; with it lithium runs as a
crack does (`processes.fracture`). Products of reactions have factors on either.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.case import Case
from fem_model.materials import V_m
from fem_model.physics.boundaries import boundary_factor
from fem_model.processes.process import Process
from fem_model.processes.spaces import Spaces
from fem_model.processes.state import Field, Part, State


class Resistance(Part, Protocol):
    """P of the front, known at every instant from ξ alone."""

    def term(self) -> Any:
        """P for forms, V."""

    def largest(self) -> float:
        """The largest P of the front now, V."""

    def restrained(self, current: Any, slope: Any) -> Any:
        """i_n (A/m²) that fits the P of the end of a step, from that of its start and ∂i_n/∂A."""

    def held(self) -> Any:
        """Share of what would dissolve that stays in place while the foil has lithium; for forms."""

    def update(self, dt: float) -> None:
        """Find P for the ξ now, after a step dt (s); the front's averages and its normal must be known."""

    def remember(self, plating: Floats) -> None:
        """Keep what the next instant needs, from ∫ i_n |∇h| w dx on the owned nodes."""


class ConstantPressure:
    """P = V_m p/F with p of the case, times factors near boundaries between grains."""

    def __init__(self, spaces: Spaces, case: Case) -> None:
        self.spaces, self.case = spaces, case

    def term(self) -> Any:
        """P for forms, V."""
        near = boundary_factor(self.spaces.domain, self.case.boundaries, lambda b: b.p_factor)
        return self.spaces.constant(V_m / F * self.case.kinetics.p_resist) * near

    def largest(self) -> float:
        """The largest P, V."""
        return V_m / F * self.case.largest_pressure()

    def restrained(self, current: Any, slope: Any) -> Any:
        """The current as it is."""
        return current

    def held(self) -> float:
        """Nothing stays."""
        return 0.0

    def update(self, dt: float) -> None:
        """P does not change."""

    def remember(self, plating: Floats) -> None:
        """Nothing."""

    def fields(self) -> Sequence[Field]:
        """None."""
        return ()

    def numbers(self) -> Mapping[str, float]:
        """None."""
        return {}

    def take_up(self, state: State) -> None:
        """Nothing to take up."""


class WithProducts:
    """A resistance, times the factors of the products of reactions."""

    def __init__(self, bare: Resistance, processes: Sequence[Process]) -> None:
        self.bare, self.processes = bare, processes

    def term(self) -> Any:
        """P for forms, V."""
        return self._toughened(self.bare.term())

    def largest(self) -> float:
        """The largest P of the front now, V."""
        return self.bare.largest() * max([1.0, *(p.largest_resistance_factor() for p in self.processes)])

    def restrained(self, current: Any, slope: Any) -> Any:
        """i_n that fits the P of the end of a step, A/m²."""
        return self.bare.restrained(current, self._toughened(slope))

    def held(self) -> Any:
        """Share of what would dissolve that stays in place while the foil has lithium."""
        return self.bare.held()

    def _toughened(self, resistance: Any) -> Any:
        for process in self.processes:
            resistance = resistance * process.resistance_factor()
        return resistance
