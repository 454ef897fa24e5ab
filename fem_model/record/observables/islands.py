"""lithium that is isolated from the anode: a part of the metal."""

from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.record.observables.column import Column, Condition, Row
from fem_model.record.observables.observable import Instant, Observable

FLOATING = Condition("`anode.islands` is `floating`", lambda case: case.anode.islands == "floating")
COUNT = Column("islands", "islands", "", "number of parts of lithium isolated from the anode", when=FLOATING)
DEAD = Column(
    "charge_dead_C_m2",
    "charge in dead lithium",
    "C/m²",
    "charge of all lithium of islands, also what was there at the start; a part of the metal (each node "
    "counts for the lithium nearest to it)",
    when=FLOATING,
    in_summary=True,
)


class Islands(Observable):
    """Integrals of ξ over the nodes nearest to each island."""

    columns = (COUNT, DEAD)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        islands = self.subject.engine.potential.unknowns.islands
        charge = F / V_m * self.subject.measures.dead(islands)
        return {COUNT.name: len(islands), DEAD.name: charge / self.subject.model.spaces.area}
