"""Layout of the figures of a sweep: panels side by side, a curve that stands out, marks."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from fem_model.base.suggestion import nearest
from fem_model.case.base import Entries, KeyProblem, Label, Section
from fem_model.sweep.axes import AxisSection, Choices, Seeds
from fem_model.sweep.spacing import number_and_unit


class FigureSection(Section):
    """Layout of figures."""

    panels: str = ""
    """Axis whose points have a panel each, side by side; by default all are in one."""
    curve: str = ""
    """Label of a point whose curves stand out."""
    marks: Annotated[Mapping[Label, str], Entries(0, 10)] = Field(default_factory=dict)
    """Values of the first axis that get a vertical line, by name: practical = "10 ohm cm^2"."""

    def require_fit(self, axes: Mapping[str, AxisSection]) -> None:
        """KeyProblem if the axes do not have what is named here."""
        first, *others = [name for name, axis in axes.items() if not isinstance(axis, Seeds)] or [""]
        if self.panels:
            _require_one_of("panels", self.panels, others)
        if self.curve:
            _require_one_of("curve", self.curve, self._labels(axes, others))
        units = _units(axes[first]) if self.marks and first else set[str]()
        for name, mark in self.marks.items():
            _require_number(name, mark, units)

    def _labels(self, axes: Mapping[str, AxisSection], names: Iterable[str]) -> list[str]:
        """Labels that tell curves apart."""
        return [point.label for name in names if name != self.panels for point in axes[name].points()]


def _units(axis: AxisSection) -> set[str]:
    """Units along an axis of one key that takes numbers; none along others."""
    values = list(axis.points()[0].values.values())
    if isinstance(axis, Choices) or len(values) > 1:
        return set()
    return {parts[1] for parts in map(number_and_unit, values) if parts is not None}


def _require_one_of(key: str, name: str, allowed: list[str]) -> None:
    if name not in allowed:
        there = (
            f"must be one of {', '.join(allowed)}." if allowed else "there is nothing beside the first axis"
        )
        raise KeyProblem(("figure", key), f"{name}: {there}{nearest(name, allowed)}")


def _require_number(name: str, mark: str, units: set[str]) -> None:
    parts = number_and_unit(mark)
    if not units:
        raise KeyProblem(("figure", "marks"), "needs a first axis of one key that takes numbers")
    if parts is None or parts[1] not in units:
        unit = units.copy().pop() or "no unit"
        raise KeyProblem(
            ("figure", "marks", name), f"{mark}: must be a number as along the first axis, in {unit}"
        )
