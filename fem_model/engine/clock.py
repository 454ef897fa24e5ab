"""Counts time and steps of the loop."""

from dataclasses import dataclass


@dataclass
class Clock:
    """Time and last step (s), and counts."""

    t: float = 0.0
    dt: float = 0.0
    step: int = 0
    rejected: int = 0
