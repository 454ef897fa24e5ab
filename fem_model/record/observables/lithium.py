"""Amount of lithium, and the electrolytes in which it has grown."""

from fem_model.record.observables.column import Column, Row
from fem_model.record.observables.observable import Instant, Observable, shares

ROUND_OFF = 1e-12
"""Growth of the lithium, over all that is there, below which it is none."""
VOLUME = Column(
    "li_volume_m3",
    "volume of lithium",
    "m³",
    "∫ρξ over the electrolyte, ρ the room that lithium takes; in 2D per metre of depth",
)
LI_SHARE = Column(
    "li_share_<phase>",
    "share of the grown lithium",
    "",
    "growth of the lithium in an electrolyte since the start over that in all of them",
)


class Lithium(Observable):
    """Integrals of ξ over each electrolyte."""

    columns = (VOLUME, LI_SHARE)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        grown = now.lithium - now.start
        grown[abs(grown) <= ROUND_OFF * now.lithium.sum()] = 0.0
        return {VOLUME.name: float(now.lithium.sum()), **shares(LI_SHARE, self.subject.materials, grown)}
