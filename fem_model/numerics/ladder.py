"""Step sizes: from a fixed ladder, so that round-off on another number of ranks cannot move them."""

import math
from dataclasses import dataclass

RUNGS_PER_OCTAVE = 4
LARGEST_GROWTH = 2 * RUNGS_PER_OCTAVE
RETREAT = RUNGS_PER_OCTAVE
"""Rungs up at most from one step to the next, and down after a rejected one."""


def size(rung: int) -> float:
    """Step size of a rung, s: four rungs to a factor of two."""
    return float(2.0 ** (rung / RUNGS_PER_OCTAVE))


@dataclass
class StepLadder:
    """Chooses step sizes below a limit that land on the wanted times exactly.

    `fixed` takes the ladder's place where the user gives the step. `smallest` is where it gives up.
    """

    smallest: float
    fixed: float | None = None
    rung: int | None = None
    last: float = math.inf
    growth: int = LARGEST_GROWTH

    def propose(self, limit: float, remaining: float) -> float:
        """A step (s) of at most `limit` that does not pass the next wanted time, `remaining` s ahead."""
        if self.fixed is None:
            wanted = math.floor(RUNGS_PER_OCTAVE * math.log2(limit))
            self.rung = wanted if self.rung is None else min(wanted, self.rung + self.growth)
            self.growth = LARGEST_GROWTH
        step = self.fixed if self.fixed is not None else size(self.rung or 0)
        if step >= remaining * (1 - 1e-9):
            self.last = remaining
        else:
            self.last = remaining / 2 if 2 * step > remaining and self.fixed is None else step
        return self.last

    def reject(self) -> bool:
        """Go down; False when there is no smaller step left."""
        if self.fixed is not None or self.rung is None:
            return False
        self.rung = min(self.rung, math.floor(RUNGS_PER_OCTAVE * math.log2(self.last))) - RETREAT
        self.growth = 0
        return size(self.rung) > self.smallest
