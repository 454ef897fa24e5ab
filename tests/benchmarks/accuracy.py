"""Core-seconds to an error, beside the obvious script, in 2D; and a step of both in 3D."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import exp, log
from statistics import median
from typing import Any

from fem_model.study.convergence import estimate
from tests.benchmarks.child import CASES, run, step_words
from tests.benchmarks.result import Cell, Part, Table

CASE, END = "side_by_side", 2400
HERE = (0.5, 0.35, 0.25, 0.18, 0.125)
"""λ in µm; h = λ and front_step 0.4."""
OBVIOUS = (
    *((0.5, 0.5, 24), (0.35, 0.35, 32), (0.35, 0.35, 48)),
    *((0.25, 0.35, 48), (0.25, 0.25, 48), (0.25, 0.25, 96), (0.18, 0.18, 96)),
)
"""h and λ in µm, and steps."""
WANTED = 0.01
IN_3D, STEPS = (1.0, 0.67), 3
"""h = λ in µm, and steps of the comparison in 3D."""
TO_3D = {
    "microstructure.breadth": "16 um",
    "anode.initial.nuclei[0].across": "8 um",
    "anode.initial.nuclei[1].across": "8 um",
    "mesh.front_height": "16 um",
}
TIMES, ENOUGH = 5, 15.0
"""Repeats of each run, of which the median counts; fewer where they have taken ENOUGH seconds."""


def several(*words: Any) -> dict[str, Any]:
    """What a run tells, with the median of its seconds."""
    found: list[dict[str, Any]] = []
    while len(found) < TIMES and sum(each["seconds"] for each in found) < ENOUGH:
        found.append(run(*words).told)
    return found[-1] | {"seconds": median(each["seconds"] for each in found)}


def here(lam: float) -> dict[str, Any]:
    """A run of this project."""
    sizes = ["--set", f"phase_field.lam={lam} um", "--set", f"mesh.cell_size_front={lam} um"]
    return several("-m", "tests.benchmarks.accuracy_here", CASES / f"{CASE}.toml", *sizes)


def obvious(h: float, lam: float, steps: int) -> dict[str, Any]:
    """A run of the script."""
    numbers = map(str, (2, h, lam, steps, END))
    return several("-m", "tests.benchmarks.obvious", *numbers) | {"steps": steps}


def error(found: Mapping[str, Any], limits: Mapping[str, float]) -> float:
    """The larger of the relative errors of tip and share."""
    return max(abs(found[name] / limit - 1) for name, limit in limits.items())


def to_reach(points: Sequence[tuple[float, float]]) -> float | None:
    """Core-seconds for an error WANTED, between the points (core-seconds, error) around it; None without."""
    for (s0, e0), (s1, e1) in pairwise(points):
        if e1 <= WANTED < e0:
            return exp(log(s0) + (log(WANTED) - log(e0)) / (log(e1) - log(e0)) * (log(s1) - log(s0)))
    return points[0][0] if points[0][1] <= WANTED else None


def limits(values: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Values for λ → 0 from those of the levels HERE."""
    found = {name: estimate(HERE, each, 2.0).extrapolated for name, each in values.items()}
    return {name: limit for name, limit in found.items() if limit is not None}


def in_2d() -> list[Table]:
    own = [here(lam) | {"name": f"λ = h = {lam:g} µm"} for lam in HERE]
    theirs = [obvious(h, lam, steps) | {"name": f"λ = {lam:g}, h = {h:g} µm"} for h, lam, steps in OBVIOUS]
    truth = limits({name: [found[name] for found in own] for name in ("tip_um", "share")})
    rows: list[list[Cell]] = []
    reached: dict[str, float | None] = {}
    for code, runs in {"fem_model": own, "obvious script": theirs}.items():
        errors = [error(found, truth) for found in runs]
        reached[code] = to_reach(sorted(zip((found["seconds"] for found in runs), errors, strict=True)))
        names = ("name", "unknowns", "steps", "seconds", "tip_um", "share")
        rows += [
            [code, *(found[name] for name in names), wrong] for found, wrong in zip(runs, errors, strict=True)
        ]
    mine, script = reached.values()
    ratio = script / mine if mine and script else None
    head = ["code", "settings", "unknowns", "steps", "core-seconds", "tip, µm", "share", "error"]
    of = ", ".join(f"{name} {value:.4f}" for name, value in truth.items())
    return [
        Table(f"Errors against the values for λ → 0 of the first five, {of}", head, rows),
        Table("Core-seconds to 1 %", [*reached, "ratio"], [[mine, script, ratio]]),
    ]


def in_3d() -> Table:
    rows: list[list[Cell]] = []
    for h in IN_3D:
        lengths = ("phase_field.lam", "mesh.cell_size_front", "mesh.cell_size_bulk")
        sizes = dict.fromkeys(lengths, f"{h} um")
        own = run(*step_words(CASE, STEPS, TO_3D | sizes)).told
        script = run("-m", "tests.benchmarks.obvious", *map(str, (3, h, h, STEPS, STEPS * 100))).told
        step = median(sum(step["stages"].values()) for step in own["steps"])
        each = 1e6 * step / own["unknowns"], 1e6 * script["step_s"] / script["unknowns"]
        rows.append([h, own["unknowns"], script["unknowns"], *each, each[1] / each[0]])
    head = ["h, µm", "unknowns here", "unknowns of the script", "µs here", "µs of the script", "ratio"]
    return Table("A step in 3D, for each unknown", head, rows)


def measure() -> list[Table]:
    return [*in_2d(), in_3d()]


PART = Part(
    "accuracy",
    "Core-seconds to an error, beside the obvious script",
    "Two flaws in two electrolytes side by side for 40 minutes, from imports to the last step, with meshing: "
    "the larger of the relative errors of tip and share of lithium.",
    "Not shown: what the script leaves out (capillarity, grains, measures, output, resuming); other cases.",
    measure,
    ("code", "core-seconds", "error"),
)
