"""Pace of this machine: processor seconds for a step and an unknown, kept in the cache after each run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fem_model.base.atomic import write_json
from fem_model.base.errors import FemModelError
from fem_model.base.machine import cache_folder

FILE = "pace.json"
GUESS = {2: 1e-5, 3: 3e-5}
"""Seconds for a step and an unknown on one core, in 2D and 3D, where no run has been measured."""
EITHER_WAY = 2.5
"""Factor by which a run can be faster or slower: sizes, iterations, and what else the machine does."""
START = (2.0, 10.0)
"""Compiling and loading, s, at least and at most."""
MESH = 3e-4
"""Building the mesh, for each unknown, s, at most; nothing if it is in the cache."""
FEWEST_STEPS, FEWEST_UNKNOWNS = 20, 3000
"""Smallest run that measures its steps, not its start."""


@dataclass(frozen=True)
class Pace:
    """Processor seconds for a step and an unknown, and whether a run on this machine has measured them."""

    seconds: float
    is_measured: bool

    def wall(self, steps: tuple[int, int], unknowns: int) -> tuple[float, float]:
        """Wall time on one core, s, at least and at most."""
        least, most = (count * unknowns * self.seconds for count in steps)
        return START[0] + least / EITHER_WAY, START[1] + MESH * unknowns + most * EITHER_WAY


def pace(dim: int) -> Pace:
    """The pace in 2D or 3D of the last run that used the cache, or a guess."""
    seconds = _kept().get(f"{dim}D")
    if isinstance(seconds, float) and 0 < seconds < 1:
        return Pace(seconds, is_measured=True)
    return Pace(GUESS[dim], is_measured=False)


def keep_pace(summary: Mapping[str, Any], dim: int) -> None:
    """Keep the pace of a run, if it was long enough and the cache can be written."""
    steps, unknowns, stages = summary["steps"], summary["num_dofs"], summary["time_by_stage_s"]
    if steps < FEWEST_STEPS or unknowns < FEWEST_UNKNOWNS:
        return
    stepping = summary["wall_s"] - stages.get("mesh", 0.0) - stages.get("forms", 0.0)
    seconds = stepping * summary["ranks"] / (steps * unknowns)
    try:
        write_json(cache_folder() / FILE, {**_kept(), f"{dim}D": seconds})
    except FemModelError:  # no cache: the next dry run guesses
        return


def _kept() -> dict[str, Any]:
    try:
        found = json.loads((cache_folder() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
