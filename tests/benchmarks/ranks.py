"""One rank against two, beside what two independent runs reach on the same cores."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.child import Failed, Started, counting, run, step_words
from tests.benchmarks.result import Cell, Part, Table

STEPS = 3
SETTINGS = {
    "2D": ("particles_2d", {"mesh.refinement": "4.75", "phase_field.lam": f"{0.3 / 4.75!r} um"}),
    "3D": ("particles_3d", {"mesh.refinement": "1.36", "phase_field.lam": f"{0.5 / 1.36!r} um"}),
}


def side_by_side(words: Sequence[str | Path]) -> list[Any]:
    """Two runs at once, each on one rank."""
    with ExitStack() as stack:
        started = [stack.enter_context(Started(words)) for _ in range(2)]
        return [process.ended().told for process in started]


def slowest(found: dict[str, Any]) -> float:
    """Processor seconds of a step on its slowest rank, the median of the steps."""
    return median(step["slowest"] for step in found["steps"])


def row(dim: str) -> list[Cell]:
    case, settings = SETTINGS[dim]
    words = step_words(case, STEPS, settings)
    alone = run(*words).told
    pair = run(*words, ranks=2, extra=counting()).told
    apart = sum(slowest(one) for one in side_by_side(words)) / 2
    one, two = slowest(alone), slowest(pair)
    reductions = median(step["reductions"] for step in pair["steps"])
    if not reductions:
        raise Failed("no reduction was counted: MPI has other names for them")
    return [dim, alone["unknowns"], one, apart, two, one / two, apart / two / 2, reductions]


HEAD = (
    "case",
    "unknowns",
    "one rank, s",
    "beside another, s",
    "two ranks, s",
    "speed-up",
    "share",
    "reductions",
)


def measure() -> list[Table]:
    caption = "Processor seconds of a step; share of what two runs side by side reach; reductions in a step"
    return [Table(caption, HEAD, [row(dim) for dim in SETTINGS])]


PART = Part(
    "ranks",
    "Two ranks",
    "The same step on one rank, on one rank beside a second run, and on two ranks. A rank that waits spins, "
    "so that its processor time is wall time; this needs two idle cores.",
    "Not shown: more than two ranks, several machines.",
    measure,
)
