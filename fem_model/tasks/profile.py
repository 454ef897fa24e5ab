"""The profile of a run: processor seconds by stage, on each rank."""

import fem_model._dolfinx_first  # noqa: F401

import resource
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mpi4py import MPI
from rich.table import Table

from fem_model.base.atomic import write_json
from fem_model.base.log import Stages
from fem_model.base.terminal import PIPE_WIDTH, terminal

PROFILE = "profile_s"
"""Key of the profile in summary.json."""


class Profile:
    """Processor seconds (user and system) of this session; those before it is made are start-up."""

    def __init__(self, comm: MPI.Comm) -> None:
        self.comm, self.start_up, self.children = comm, time.process_time(), 0.0
        self.ranks: list[dict[str, float]] = []

    def close(self, stages: Stages) -> None:
        """Take the stages of the run, which is over. Collective."""
        self.ranks = self.comm.gather({"start-up": self.start_up, **stages.busy}) or []
        self.children = _of_children()

    def by_stage(self) -> dict[str, list[float]]:
        """A number for each rank by stage. Figures: what processes took that rank 0 started since `close`."""
        names = list(dict.fromkeys(name for rank in self.ranks for name in rank))
        spent = {name: [round(rank.get(name, 0.0), 4) for rank in self.ranks] for name in names}
        others = [0.0] * (len(self.ranks) - 1)
        return {**spent, "figures": [round(_of_children() - self.children, 4), *others]}


def _of_children() -> float:
    """Processor seconds of the processes that this one has started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def keep_profile(profile: Profile, folder: Path, summary: Mapping[str, Any]) -> None:
    """Print the profile as a table and add it to the summary in the folder."""
    spent = profile.by_stage()
    write_json(folder / "summary.json", {**summary, PROFILE: spent})
    ranks = [f"rank {k}" for k in range(len(profile.ranks))]
    table = Table("processor seconds", *ranks)
    together = [sum(of_rank) for of_rank in zip(*spent.values(), strict=True)]
    for name, seconds in {**spent, "sum": together}.items():
        table.add_row(name, *(f"{value:.2f}" for value in seconds))
    terminal(PIPE_WIDTH).print(table)
