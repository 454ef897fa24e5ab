"""What a step costs for each unknown, where, how that grows, and the memory it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from statistics import median_low
from typing import Any

from tests.benchmarks.child import run, step_words
from tests.benchmarks.result import Cell, Part, Table

STAGES = ("assembly", "normal", "solve", "set-up", "measures", "other")
STEPS = 5


@dataclass(frozen=True)
class Level:
    """A frozen case, finer by `refinement`, with λ finer by `thinner`."""

    case: str
    label: str
    refinement: float
    thinner: float
    lam_um: float

    def settings(self) -> dict[str, str]:
        """Settings of the case that make the level."""
        lam = f"{self.lam_um / self.thinner!r} um"
        return {"mesh.refinement": repr(self.refinement), "phase_field.lam": lam}


def levels(case: str, lam_um: float, ratio: float, refinements: Sequence[float]) -> dict[str, list[Level]]:
    """Two series from one coarsest level; `ratio` is λ/h there."""
    dim = case.removeprefix("particles_").upper()
    series: dict[str, list[Level]] = {"fixed λ/h": [], "fixed λ": []}
    for r in refinements:
        series["fixed λ/h"].append(Level(case, f"{dim}, λ/h {ratio:.2g}", r, r, lam_um))
        series["fixed λ"].append(Level(case, f"{dim}, λ/h {r * ratio:.2g}", r, 1.0, lam_um))
    return series


SERIES = {
    "2D": levels("particles_2d", 0.3, 1.1, (1.0, 2.7, 4.75)),
    "3D": levels("particles_3d", 0.5, 1.25, (1.0, 1.36, 1.72)),
}


def cost(level: Level) -> dict[str, Any]:
    """The median step of a level: its seconds by stage, with unknowns and memory."""
    found = run(*step_words(level.case, STEPS, level.settings())).told
    total = [sum(step["stages"].values()) for step in found["steps"]]
    return found | {"step": found["steps"][total.index(median_low(total))], "seconds": median_low(total)}


def row(level: Level, found: Mapping[str, Any]) -> list[Cell]:
    each = 1e6 / found["unknowns"]
    stages = [found["step"]["stages"].get(name, 0.0) * each for name in STAGES]
    kilobytes = found["memory_B"] / found["unknowns"] / 1e3
    counts = [found["step"]["newton"], found["step"]["linear"]]
    return [level.label, found["unknowns"], found["seconds"] * each, *stages, kilobytes, *counts]


def exponent(coarse: Mapping[str, Any], fine: Mapping[str, Any]) -> float:
    """p of seconds ∝ unknowns^p."""
    return log(fine["seconds"] / coarse["seconds"]) / log(fine["unknowns"] / coarse["unknowns"])


def measure() -> list[Table]:
    costs: dict[Level, dict[str, Any]] = {}
    for series in SERIES.values():
        for level in (level for kind in series.values() for level in kind):
            if level not in costs and not (level.refinement == 1.0 and level.thinner != 1.0):
                costs[level] = cost(level)
    head = ["case", "unknowns", "µs", *STAGES, "kB per unknown", "Newton", "linear"]
    caption = "Processor time of a step in µs for each unknown (ξ and φ together), one core, median of five"
    growth = [
        [f"{dim}, {kind}", exponent(*(costs[level] for level in chosen[-2:]))]
        for dim, series in SERIES.items()
        for kind, chosen in series.items()
    ]
    return [
        Table(caption, head, [row(level, found) for level, found in costs.items()]),
        Table(
            "Exponent of the cost of a step against unknowns, last two sizes", ["series", "exponent"], growth
        ),
    ]


PART = Part(
    "steps",
    "What a step costs",
    "Frozen cases with particles, 2D from 20 thousand and 3D from 200 thousand unknowns, each refined twice "
    "with its λ (fixed λ/h) and at the same λ.",
    "Not shown: start-up, meshes and figures (see `whole`), the number of steps that a result needs (see "
    "`accuracy`), and other laws and processes.",
    measure,
)
