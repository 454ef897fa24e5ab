"""Where the loop over time stands."""

from dataclasses import dataclass


@dataclass
class Clock:
    """Time and last step (s), counts of steps."""

    t: float = 0.0
    dt: float = 0.0
    step: int = 0
    rejected: int = 0
