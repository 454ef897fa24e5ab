"""Results of a convergence study: levels, values, estimates, and converge.json."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from fem_model.base.outcome import COMPLETE
from fem_model.study.convergence import Estimate, coarsest_within, estimate
from fem_model.study.levels import Level, Refine

TOLERANCE = 0.02
"""Share of the extrapolated value within which a level counts as fine enough."""


@dataclass(frozen=True)
class LevelResult:
    """Result of a level. `status` is that of its run, or "failed", "stopped", "not started"."""

    level: Level
    status: str
    reason: str
    num_cells: int | None = None
    num_dofs: int | None = None
    steps: int | None = None
    wall_s: float | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    """Values by label, SI units."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Reason why a value is not there, by label."""

    @property
    def finished(self) -> bool:
        """True if the level came to its end."""
        return self.status in COMPLETE

    def as_json(self) -> dict[str, Any]:
        """An entry of the levels in converge.json."""
        level = self.level
        step = "step_s" if level.has_fixed_step else "front_step"
        sizes = {"name": level.name, "h_m": level.h, "lam_m": level.lam, step: level.step}
        return sizes | {key: value for key, value in asdict(self).items() if key != "level"}


@dataclass(frozen=True)
class Findings:
    """All levels of a study, from coarse to fine."""

    case: str
    refine: Refine
    ratio: float
    formal_order: float
    words: Mapping[str, str]
    """Descriptions of the quantities, with their units, by label."""
    levels: tuple[LevelResult, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The quantities."""
        return tuple(self.words)

    @property
    def finished(self) -> int:
        """Number of levels that came to their end."""
        return sum(level.finished for level in self.levels)

    def values(self, label: str) -> list[float | None]:
        """Values by level; None where there is none. Those of a level that failed do not count."""
        return [level.values.get(label) if level.finished else None for level in self.levels]

    def points(self, label: str) -> tuple[list[float], list[float]]:
        """Sizes and values that count."""
        pairs = zip(self.levels, self.values(label), strict=True)
        kept = [(one.level.size(self.refine), value) for one, value in pairs if value is not None]
        return [size for size, _ in kept], [value for _, value in kept]

    @cached_property
    def estimates(self) -> dict[str, Estimate]:
        """Estimate of each quantity from the levels."""
        return {label: estimate(*self.points(label), self.formal_order) for label in self.labels}

    def enough(self, label: str) -> int | None:
        """The coarsest level from which on all are within 2 % of the extrapolated value."""
        truth = self.estimates[label].extrapolated
        return None if truth is None else coarsest_within(self.values(label), truth, TOLERANCE)

    def as_json(self) -> dict[str, Any]:
        """Content of converge.json."""
        return {
            "case": self.case,
            "refine": self.refine,
            "ratio": self.ratio,
            "formal_order": self.formal_order,
            "levels": [level.as_json() for level in self.levels],
            "quantities": {label: self._quantity(label) for label in self.labels},
        }

    def _quantity(self, label: str) -> dict[str, Any]:
        enough = self.enough(label)
        return {
            "meaning": self.words[label],
            "values": self.values(label),
            "differences": _differences(self.values(label)),
            **asdict(self.estimates[label]),
            "within_2_percent_from": None if enough is None else self.levels[enough].level.name,
        }


def _differences(values: list[float | None]) -> list[float | None]:
    """Each value minus the last one before it; None for the first and for missing ones."""
    result: list[float | None] = []
    last: float | None = None
    for value in values:
        result.append(None if value is None or last is None else value - last)
        last = last if value is None else value
    return result
