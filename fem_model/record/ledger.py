"""The lithium ledger: what has passed must be what is there. Charges in C, numbers only."""

from dataclasses import dataclass

from fem_model.constants import F
from fem_model.materials import V_m


@dataclass
class Ledger:
    """Sums of charge since the start, against lithium measured on ξ."""

    stock: float
    """Charge of the foil's lithium at the start, C."""
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

        Returns |passed − metal − reacted − foil| over the throughput.
        """
        self.metal = F / V_m * (lithium - self.start)
        self.reacted = reacted
        self.worst = max(self.worst, self.error)
        return self.error

    @property
    def error(self) -> float:
        """Charge that is not accounted for, relative to ∫|I| dt."""
        missing = abs(self.passed - self.metal - self.reacted - self.foil)
        return missing / self.throughput if self.throughput else 0.0

    @property
    def foil_left(self) -> float:
        """Charge that the foil can still give, C; none below 2 % of its stock."""
        left = self.stock + self.foil
        return left if left > 0.02 * self.stock else 0.0
