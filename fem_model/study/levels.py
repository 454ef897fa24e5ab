"""The cases of a convergence study: that of the user, then the same ever finer in one respect."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fem_model.base.errors import InputError
from fem_model.case import Case, load_case

Refine = Literal["mesh", "all", "time"]
RATIO = math.sqrt(2)
LARGEST_RATIO, MOST_LEVELS = 100, 20


@dataclass(frozen=True)
class Level:
    """One level: its case, or why the case is refused."""

    name: str
    case: Case | None
    h: float
    """Cell size at the front, m."""
    lam: float
    """Profile length, m."""
    step: float
    """Limit of the steps: `step` of the case in s, else `front_step`, a share of lam."""
    refused: str = ""

    @property
    def has_fixed_step(self) -> bool:
        """True if `step` is in s."""
        return self.case is not None and self.case.time.step is not None

    def size(self, refine: Refine) -> float:
        """Size that the study refines: the cell size (m), or the step."""
        return self.step if refine == "time" else self.h


def load_levels(
    path: Path, overrides: Sequence[str], refine: Refine, ratio: float = RATIO, count: int = 3
) -> list[Level]:
    """Levels from coarse to fine; the first is the case as it is, without figures unless an override says so.

    mesh: all cells smaller by `ratio` from level to level, at the same lam. time: the fixed step of the case,
    or else front_step. all: cells, lam and the steps, of which front_step is a share of lam and follows it.
    The grains are the same on all levels.
    InputError if the case itself is wrong, or ratio and count make no sequence.
    """
    if not 1 < ratio <= LARGEST_RATIO:
        text = f"each level must be finer than the last, so above 1, and at most {LARGEST_RATIO}"
        raise InputError(f"--ratio {ratio:g}: {text}")
    if not 2 <= count <= MOST_LEVELS:
        raise InputError(f"--levels {count}: at least 2 are needed to compare, and at most {MOST_LEVELS}")
    given = ["output.figures=false", *overrides]
    base = load_case(path, given)
    return [_level(path, given, base, refine, k, round(ratio**k, 12)) for k in range(count)]


def formal_order(case: Case, refine: Refine) -> float:
    """Order that the error has at best: degree + 1 in the cells, 2 in the step and in all three together."""
    return case.mesh.degree + 1.0 if refine == "mesh" else 2.0


def _level(path: Path, given: Sequence[str], base: Case, refine: Refine, index: int, factor: float) -> Level:
    mesh, pf, time = base.mesh, base.phase_field, base.time
    h, lam, step, changes = mesh.finest, pf.lam, time.step or time.front_step, []
    if refine != "time":
        h /= factor
        changes.append(f"mesh.refinement={mesh.refinement * factor!r}")
    if refine == "all":
        lam /= factor
        changes.append(f"phase_field.lam={lam!r} m")
    if refine == "time" or (refine == "all" and time.step):
        step /= factor
        changes.append(f"time.step={step!r} s" if time.step else f"time.front_step={step!r}")
    try:
        return Level(f"level_{index}", load_case(path, [*given, *changes]), h, lam, step)
    except InputError as error:
        return Level(f"level_{index}", None, h, lam, step, str(error))
