"""Current or voltage imposed on the domain."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Drive:
    """Imposed condition at an instant: the anode's current, `current` + `per_volt` φ_M (A), or φ_M (V)."""

    current: float | None = None
    phi_metal: float | None = None
    per_volt: float = 0.0

    def target(self, phi_metal: float) -> float:
        """The current to reach at a potential of the metal, A."""
        assert self.current is not None
        return self.current + self.per_volt * phi_metal
