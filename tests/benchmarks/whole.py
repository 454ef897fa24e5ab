"""Whole commands: today's quickstart, filaments, and a low resistance, whose capillary motion is stiff."""

import json
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.child import CASES, run
from tests.benchmarks.result import Cell, Part, Table

COMMANDS = {"quickstart": 5, "filaments": 3, "low_resistance": 3}
"""Repeats of each case, after one to build its mesh and to compile."""


def whole(case: str, folder: Path) -> tuple[float, dict[str, Any]]:
    """Processor seconds of the command, and its summary."""
    words = ["-m", "fem_model", "run", CASES / f"{case}.toml", "--out", folder, "--force", "--profile"]
    seconds = run(*words).seconds
    return seconds, json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def measure() -> list[Table]:
    rows: list[list[Cell]] = []
    profiles: dict[str, dict[str, float]] = {}
    for case, repeats in COMMANDS.items():
        with TemporaryDirectory() as folder:
            whole(case, Path(folder))
            found = [whole(case, Path(folder)) for _ in range(repeats)]
        seconds, told = median(each for each, _ in found), found[-1][1]
        tip = 1e6 * told["tip_m"]
        rows.append([case, told["num_dofs"], told["steps"], seconds, told["t_end_s"] / 60, tip])
        profiles[case] = {name: ranks[0] for name, ranks in told["profile_s"].items()}
    names = list(dict.fromkeys(name for found in profiles.values() for name in found))
    split: list[list[Cell]] = [
        [case, *(found.get(name, 0.0) for name in names)] for case, found in profiles.items()
    ]
    head = ["case", "unknowns", "steps", "processor s", "simulated min", "tip, µm"]
    return [
        Table("Whole commands, warm: processor seconds, medians", head, rows),
        Table("One of these runs by `--profile`, processor seconds", ["case", *names], split),
    ]


PART = Part(
    "whole",
    "Whole commands",
    "`fem-model run` from start to figures with mesh and compiled equations in their caches: frozen copies "
    "of the quickstart, of runs/dendrite_lpsc (20 minutes) and of runs/fig3i with λ = 0.25 µm (5 minutes).",
    "Not shown: the first run on a machine, which compiles its equations and builds its mesh.",
    measure,
)
