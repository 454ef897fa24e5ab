"""Cost of a member before it runs: time, memory and disk, as far as they can be estimated."""

from dataclasses import dataclass

from fem_model.case import Case, derive
from fem_model.record.pace import pace
from fem_model.study.process import MOST_RANKS

UNKNOWNS_PER_RANK = 50_000
"""Unknowns that are worth a rank, rule of thumb: many small members are better run side by side."""
BYTES_PER_RANK = 200_000_000
"""Memory of a further process, rule of thumb."""
MESH, FIELDS, EXTRA, CHECKPOINTS = 55, 35, 16, 300
"""Bytes on disk for each cell: mesh; fields of an output, more with reactions and voids; checkpoints."""
ROW, TEXTS, FIGURES = 400, 300_000, 1_500_000
"""Bytes on disk for each step, and of a run whatever its size; the figures."""


@dataclass(frozen=True)
class Cost:
    """Estimates of a run; of two numbers, the least and the most."""

    unknowns: int
    steps: tuple[int, int]
    core_seconds: tuple[float, float]
    ranks: int
    memory: int
    """Bytes on all ranks together."""
    disk: int
    """Bytes."""

    @property
    def wall(self) -> tuple[float, float]:
        """Wall time on its ranks if these shared the work evenly, s."""
        return self.core_seconds[0] / self.ranks, self.core_seconds[1] / self.ranks


def cost_of(case: Case, ranks: int | None = None, most: int = MOST_RANKS) -> Cost:
    """Estimates of a case; those of time come from the pace of this machine, or are a guess.

    Without `ranks` these follow from the size of the case, up to `most`.
    """
    d = derive(case)
    ranks = ranks or min(max(d.num_dofs // UNKNOWNS_PER_RANK, 1), most)
    return Cost(
        unknowns=d.num_dofs,
        steps=d.steps,
        core_seconds=pace(case.microstructure.dim).wall(d.steps, d.num_dofs),
        ranks=ranks,
        memory=d.memory_bytes + (ranks - 1) * BYTES_PER_RANK,
        disk=_disk(case, d.num_cells, d.steps[1]),
    )


def _disk(case: Case, cells: int, steps: int) -> int:
    """Bytes of the folder of a run; fields are also saved at the end of each stage."""
    outputs = 1 + len(case.time.output_times()) + len(case.drive.stages())
    extras = EXTRA * (bool(case.reactions) + (case.voids is not None))
    text = ROW * steps + TEXTS + (FIGURES if case.output.figures else 0)
    return cells * (MESH + CHECKPOINTS + outputs * (FIELDS + extras)) + text
