"""The lithium ledger: what has passed must be what is there. Charges in C, numbers only."""

from dataclasses import dataclass

from fem_model.base.constants import F
from fem_model.materials import V_m

ROUND_OFF = 1e-9  # of the foil's stock


@dataclass
class Ledger:
    """Sums of charge since the start, against lithium measured on ξ."""

    stock: float
    """Charge of the foil's lithium at the start, C."""
    least: float
    """Charge by which what is missing is divided at least, C."""
    start: float
    """∫ξ dx at the start, m³."""
    passed: float = 0.0
    throughput: float = 0.0
    foil: float = 0.0
    metal: float = 0.0
    reacted: float = 0.0
    worst: float = 0.0

    def add(self, passed: float, foil: float) -> None:
        """Book the charge of a step."""
        self.passed += passed
        self.throughput += abs(passed)
        self.foil += foil

    def measure(self, lithium: float, reacted: float = 0.0) -> float:
        """Book F/V_m (∫ξ − start) as metal, and the charge `reacted` (C) of the lithium in products.

        Returns `error`.
        """
        self.metal = F / V_m * (lithium - self.start)
        self.reacted = reacted
        self.worst = max(self.worst, self.error)
        return self.error

    @property
    def error(self) -> float:
        """|passed − metal − reacted − foil| over the largest of ∫|I| dt, what has reacted and `least`."""
        missing = abs(self.passed - self.metal - self.reacted - self.foil)
        return missing / max(self.throughput, abs(self.reacted), self.least)

    @property
    def foil_left(self) -> float:
        """Charge that the foil can still give, C; none where only round-off is left."""
        left = self.stock + self.foil
        return left if left > ROUND_OFF * self.stock else 0.0
