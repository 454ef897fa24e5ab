"""All observables in the order of the columns of series.csv."""

from collections.abc import Iterable

from fem_model.case import Case
from fem_model.record.observables.balance import Balance
from fem_model.record.observables.charges import Charges
from fem_model.record.observables.column import Column, Row, expanded
from fem_model.record.observables.contact import Contact
from fem_model.record.observables.islands import Islands
from fem_model.record.observables.iterations import Iterations
from fem_model.record.observables.lithium import Lithium
from fem_model.record.observables.observable import Instant, Observable, Subject
from fem_model.record.observables.plating import Plating
from fem_model.record.observables.reactions import Reactions
from fem_model.record.observables.time import Time
from fem_model.record.observables.tips import Tips
from fem_model.record.observables.voltage import Voltage

OBSERVABLES: tuple[type[Observable], ...] = (
    Time, Voltage, Charges, Tips, Lithium, Plating, Islands, Reactions, Contact, Balance, Iterations,
)  # fmt: skip


def columns(case: Case, materials: Iterable[str]) -> list[Column]:
    """The columns that a case has, in their order; `materials` are its electrolytes in theirs."""
    there = list(materials)
    return [column for group in OBSERVABLES for column in expanded(group.columns, case, there)]


class Panel:
    """The observables that apply to a subject, read together."""

    def __init__(self, subject: Subject) -> None:
        case = subject.model.case
        self.columns = columns(case, subject.materials)
        apply = [group for group in OBSERVABLES if expanded(group.columns, case, subject.materials)]
        self.observables = [group(subject) for group in apply]

    def row(self, now: Instant) -> Row:
        """The row of an instant, its columns in their order. Collective."""
        found: Row = {}
        for observable in self.observables:
            found |= observable.measure(now)
        return {column.name: found[column.name] for column in self.columns}
