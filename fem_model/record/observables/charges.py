"""The charge that has passed, and where it is. Charges of the ledger, over the area of the anode."""

from fem_model.base.constants import F
from fem_model.materials import V_m
from fem_model.record.observables.column import Column, Row
from fem_model.record.observables.observable import Instant, Observable

PASSED = Column("charge_C_m2", "charge passed", "C/m²", "∫i dt since the start")
THROUGHPUT = Column("charge_throughput_C_m2", "charge passed either way", "C/m²", "∫|i| dt since the start")
FOIL = Column(
    "charge_foil_C_m2", "charge on the foil", "C/m²", "charge of the lithium that the foil has gained"
)
METAL = Column(
    "charge_metal_C_m2",
    "charge in metal",
    "C/m²",
    "charge of the lithium that the electrolyte has gained, F/V_m times the growth of `li_volume_m3`",
)
BEYOND = Column(
    "charge_beyond_bounds_C_m2",
    "charge beyond the bounds of ξ",
    "C/m²",
    "unphysical charge of lithium, where ξ is below 0 or above 1",
)


class Charges(Observable):
    """Taken from the ledger."""

    columns = (PASSED, THROUGHPUT, FOIL, METAL, BEYOND)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        ledger, area = self.subject.ledger, self.subject.model.spaces.area
        return {
            PASSED.name: ledger.passed / area,
            THROUGHPUT.name: ledger.throughput / area,
            FOIL.name: ledger.foil / area,
            METAL.name: ledger.metal / area,
            BEYOND.name: F / V_m * self.subject.measures.beyond() / area,
        }
