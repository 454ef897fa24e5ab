"""A group of columns and how it is measured; the instant at which it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from fem_model.base.arrays import Floats
from fem_model.engine.clock import Clock
from fem_model.record.observables.column import Column, Row

if TYPE_CHECKING:
    from fem_model.engine.engine import Engine
    from fem_model.engine.ledger import Ledger
    from fem_model.engine.model import Model
    from fem_model.protocol.schedule import Schedule
    from fem_model.record.alloy import AlloySnapshot
    from fem_model.record.measures import Measures

CANCELLED = 1e-6
"""Size of a sum over that of what is summed below which that cancels, and shares of the sum mean nothing."""


@dataclass(frozen=True)
class Subject:
    """Subject of observation: an engine on its mesh. Protocol and ledger outlast a mesh."""

    engine: Engine
    measures: Measures
    schedule: Schedule
    ledger: Ledger

    @property
    def model(self) -> Model:
        """The equations of the engine."""
        return self.engine.model

    @property
    def materials(self) -> Sequence[str]:
        """The electrolytes, in the order of all arrays over them."""
        return self.measures.names


@dataclass
class Instant:
    """An instant whose potential is known. What observables share is measured when it is first asked for.

    Collective. `start` is the lithium in each electrolyte at the start of the run, m³; `tips` are the heights
    of the highest point of the connected front in each, m.
    """

    subject: Subject
    start: Floats
    tips: Floats
    clock: Clock = field(default_factory=Clock)

    @property
    def tip(self) -> float:
        """Height of the highest point of the connected front, m."""
        return float(self.tips.max())

    @cached_property
    def lithium(self) -> Floats:
        """∫ξ dx within each electrolyte, m³ (m² times 1 m of depth in 2D)."""
        return self.subject.measures.lithium()

    @cached_property
    def alloy(self) -> AlloySnapshot | None:
        """Measures of the reactions with the electrolyte, if the case has any."""
        measures = self.subject.measures.alloy
        return measures.snapshot() if measures else None

    @property
    def passed(self) -> float:
        """Current through the counter electrode, A."""
        return self.subject.engine.rates.passed


class Observable(ABC):
    """A group of columns of one subject. `measure` may return more than those that apply, never less."""

    columns: ClassVar[tuple[Column, ...]]

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    @abstractmethod
    def measure(self, now: Instant) -> Row:
        """The values by the names of the columns. Collective."""


def shares(column: Column, materials: Sequence[str], amounts: Any) -> Row:
    """Each amount over their sum; all 0 where nothing has happened, or where they cancel."""
    total = float(amounts.sum())
    if abs(total) <= CANCELLED * float(abs(amounts).sum()):
        return column.row(materials, [0.0] * len(materials))
    return column.row(materials, (float(amount) / total for amount in amounts))
