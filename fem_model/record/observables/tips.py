"""Heights of the front."""

from fem_model.record.observables.column import Column, Row
from fem_model.record.observables.observable import Instant, Observable

TIP = Column(
    "tip_m",
    "height of the tip",
    "m",
    "height of the highest point of the front ξ = ½ that is connected to the anode",
)
TIP_IN = Column(
    "tip_<phase>_m",
    "height of the front now",
    "m",
    "the same for the front in an electrolyte; 0 if there is none",
)


class Tips(Observable):
    """Found on the edges of the mesh."""

    columns = (TIP, TIP_IN)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        return {TIP.name: now.tip, **TIP_IN.row(self.subject.materials, now.tips)}
