"""A column of series.csv in words: what it is called, in which unit it is, when a run has it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fem_model.case import Case
from fem_model.materials import column_name

Row = dict[str, Any]
"""Numbers of one instant by the names of their columns."""
PHASE = "<phase>"
"""Placeholder of the electrolyte in a name: there is one such column for each."""
ON_PAPER = {"V": ("mV", 1e3), "m": ("µm", 1e6), "A/m²": ("mA/cm²", 0.1)}
"""Units of figures and tables for people, and what an SI value is multiplied by."""


@dataclass(frozen=True)
class Condition:
    """Condition under which a column is there: in words, after "if", and for a case."""

    words: str
    holds: Callable[[Case], bool]


ALWAYS = Condition("", lambda case: True)


@dataclass(frozen=True)
class Column:
    """A column of series.csv, or with <phase> in its name one for each electrolyte."""

    name: str
    label: str
    """Label for legends, axes and tables."""
    unit: str
    """SI; empty for a number."""
    meaning: str
    """Description for the table in the docs, in Markdown."""
    when: Condition = ALWAYS
    is_result: bool = True
    """True if it has a limit for ever finer levels; a count of steps or iterations has none."""
    in_summary: bool = False
    """True if summary.json reports its last value under its name."""

    @property
    def by_phase(self) -> bool:
        """True if there is one for each electrolyte."""
        return PHASE in self.name

    @property
    def stem(self) -> str:
        """The name without the electrolyte, for which fronts.csv has a column of its own."""
        return self.name.replace(f"_{PHASE}", "")

    @property
    def on_paper(self) -> tuple[str, float]:
        """The unit of figures, and what values are multiplied by."""
        return ON_PAPER.get(self.unit, (self.unit, 1.0))

    @property
    def axis(self) -> str:
        """Label of an axis."""
        return f"{self.label[0].upper()}{self.label[1:]} ({self.on_paper[0]})"

    def of(self, material: str) -> "Column":
        """The column of one electrolyte."""
        name = self.name.replace(PHASE, column_name(material))
        return replace(self, name=name, label=f"{self.label} in {material}")

    def row(self, materials: Iterable[str], values: Iterable[float]) -> Row:
        """The values of all electrolytes by the names of their columns."""
        return {self.of(name).name: float(value) for name, value in zip(materials, values, strict=True)}


def expanded(columns: Iterable[Column], case: Case, materials: Sequence[str]) -> list[Column]:
    """Columns that a case has, with one for each electrolyte where that is meant."""
    there = [column for column in columns if column.when.holds(case)]
    names = [[column.of(name) for name in materials] if column.by_phase else [column] for column in there]
    return [column for group in names for column in group]
