"""Shares of the plating current by electrolyte."""

from fem_model.record.observables.column import Column, Row
from fem_model.record.observables.observable import Instant, Observable, shares

CURRENT_SHARE = Column(
    "current_share_<phase>",
    "share of the current",
    "",
    "plating current of front and foil into an electrolyte over that into all of them; 0 at rest",
)


class Plating(Observable):
    """Currents of front and contact by cell."""

    columns = (CURRENT_SHARE,)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        current = self.subject.measures.by_material(self.subject.engine.cells.plating())
        return shares(CURRENT_SHARE, self.subject.materials, current)
