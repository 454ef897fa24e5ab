"""The lithium that the anode can still give: its foil, and the metal that is connected to it."""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
from mpi4py import MPI

from fem_model.engine.model import Model
from fem_model.engine.rates import History, Rates
from fem_model.processes.unknown_potentials import UnknownPotentials

LEFT = 0.1
"""Least ξ of lithium that is more than what is left of a front."""


class Foil:
    """Opens and closes the foil of a model; rates are not extrapolated over a change."""

    def __init__(self, model: Model, unknowns: UnknownPotentials, history: History) -> None:
        self.front, self.is_open = model.front, model.electrodes.foil_open
        self.unknowns, self.history = unknowns, history

    def open(self, is_open: bool) -> None:
        """Say whether the foil has lithium to give."""
        if bool(self.is_open.value) != is_open:
            self.is_open.value = float(is_open)
            self.history.forget()

    def until_empty(self, left: float, rates: Rates) -> float:
        """Time (s) after which it has given what is `left` (C) at these rates."""
        return left / -rates.foil if rates.foil < 0 and left > 0 else np.inf

    def can_strip(self) -> bool:
        """True if the anode can be stripped: the foil is open, or ξ > 0.1 beside islands. Collective."""
        own = self.front.xi.x.array.copy()
        for island in self.unknowns.islands:
            own[island > 0] = 0.0
        most = self.front.spaces.comm.allreduce(float(own.max(initial=0.0)), op=MPI.MAX)
        return bool(self.is_open.value) or most > LEFT
