"""Closure of the lithium ledger."""

from fem_model.record.observables.column import Column, Row
from fem_model.record.observables.observable import Instant, Observable

ERROR = Column(
    "faraday_error",
    "error of the charge balance",
    "",
    "|passed − metal − reacted − foil| over the largest of ∫|I| dt, what has reacted, and 1 nm of lithium",
)


class Balance(Observable):
    """Taken from the ledger."""

    columns = (ERROR,)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        return {ERROR.name: self.subject.ledger.error}
