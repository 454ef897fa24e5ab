"""The file of a sweep, and the members that follow from it, each a case of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest
from fem_model.base.units import parse_quantity
from fem_model.case import Case, load_case
from fem_model.case.base import Entries, FilePath, Integer, Key, Note, Pattern, Section
from fem_model.case.load import load_section
from fem_model.case.locate import find_line
from fem_model.case.overrides import Override, parse_override, require_each_once
from fem_model.case.read import read_text
from fem_model.record.landmarks import LANDMARKS
from fem_model.record.observables.column import Column
from fem_model.record.observables.registry import columns
from fem_model.record.observables.tips import TIP
from fem_model.sweep.axes import Axis, AxisSection, Change, Choices, Point, Samples, Seeds
from fem_model.sweep.figure_section import FigureSection
from fem_model.sweep.spacing import as_file_name

MOST_MEMBERS = 10_000
LONGEST_NAME = 200
AXIS_NAME = Pattern("[A-Za-z][A-Za-z0-9_]{0,39}", "1 to 40 letters, digits and _, a letter first")
NO_AXES = ("member", "status", "reason", "steps", "rejected", "ranks")
"""Columns of the results that no axis can be called, beside those of the series."""


class SweepFile(Section):
    """A base case and the axes along which its keys change: all points of one with all of the others."""

    title: Note = ""
    """Title of the figures."""
    case: FilePath
    """File of the base case; a relative path starts at the folder of this file."""
    ranks: Annotated[Integer, Field(ge=1, le=1000)] | None = None
    """MPI ranks of each member; by default one for every 50,000 unknowns."""
    set: tuple[Change, ...] = ()
    """Changes of all members, written as after --set."""
    quantities: Annotated[tuple[str, ...], Entries(1, 50)] = (TIP.name,)
    """Numbers that are drawn and compared: columns of series.csv, at the end or at a time ("tip_m@1 h").

    Ratios of two of them are written as "tip_A_m/tip_B_m".
    """
    axes: Annotated[dict[Annotated[str, AXIS_NAME], Axis], Entries(1, 20)]
    """Axes by name."""
    figure: FigureSection = FigureSection()
    """Layout of the figures."""

    @model_validator(mode="after")
    def _figure_fits(self) -> Self:
        self.figure.require_fit(self.axes)
        return self


@dataclass(frozen=True)
class Quantity:
    """A number that is compared: a column or a key of summary.json, at a time (s) or at the end of a run."""

    label: str
    name: str
    time: float | None
    words: str
    """Label of an axis, without the unit."""
    unit: str
    """Unit on paper; empty for a number."""
    factor: float = 1.0
    """Factor from the unit of the value to that on paper."""
    over: str = ""
    """Name of what it is divided by; empty unless it is a ratio."""


@dataclass(frozen=True)
class Member:
    """One run of a sweep."""

    name: str
    points: Mapping[str, Point]
    """Points by the names of their axes."""
    case: Case

    @property
    def labels(self) -> dict[str, str]:
        """Labels by axis."""
        return {axis: point.label for axis, point in self.points.items()}


@dataclass(frozen=True)
class Plan:
    """All members of a sweep, checked, in their order."""

    path: Path
    file: SweepFile
    members: tuple[Member, ...]
    quantities: tuple[Quantity, ...]

    @property
    def seeds(self) -> tuple[str, ...]:
        """Axes that only repeat."""
        return tuple(name for name, axis in self.file.axes.items() if isinstance(axis, Seeds))

    @property
    def varied(self) -> tuple[str, ...]:
        """The other axes."""
        return tuple(name for name in self.file.axes if name not in self.seeds)

    @property
    def compared(self) -> tuple[str, ...]:
        """Axes along which members are compared with those at the first point; samples have none."""
        return tuple(name for name in self.varied if not isinstance(self.file.axes[name], Samples))

    def keys(self, axis: str) -> list[str]:
        """Keys of the case that an axis changes everywhere in its own way; none of named sets of changes."""
        section: AxisSection = self.file.axes[axis]
        return [] if isinstance(section, Choices) else list(section.points()[0].values)

    def values(self, member: Member) -> dict[str, str]:
        """Value of each key that axes change, in words; of named sets of changes the name, by axis."""
        found = dict[str, object]()
        for axis, point in member.points.items():
            named = isinstance(self.file.axes[axis], Choices)
            found |= {axis: point.label} if named else point.values
        return {name: str(value) for name, value in found.items()}


def load_plan(path: Path) -> Plan:
    """The members that a file asks for. InputError, in one line, if the file or one of them is wrong."""
    file = load_section(SweepFile, path)
    count = prod(len(axis.points()) for axis in file.axes.values())
    if count > MOST_MEMBERS:
        raise InputError(f"{path}: [axes] make {count} members; at most {MOST_MEMBERS}")
    _require_case(path, file)
    members = tuple(_members(path, file))
    return Plan(path, file, members, _quantities(path, file, [member.case for member in members]))


def _members(path: Path, file: SweepFile) -> Iterator[Member]:
    common = [(replace(parse_override(change), flag=""), ("set",)) for change in file.set]
    for chosen in product(*(axis.points() for axis in file.axes.values())):
        points = dict(zip(file.axes, chosen, strict=True))
        name = "-".join(f"{axis}_{as_file_name(point.label)}" for axis, point in points.items())
        if len(name) > LONGEST_NAME:
            raise InputError(f"{path}: [axes] the name of member {name} is longer than {LONGEST_NAME}")
        own = [
            (change, ("axes", axis, *file.axes[axis].place(point.label, change.name)))
            for axis, point in points.items()
            for change in point.changes
        ]
        yield Member(name, points, _case(path, file, [*common, *own], name))


def _case(path: Path, file: SweepFile, placed: Sequence[tuple[Override, Key]], name: str) -> Case:
    """The case of a member. InputError, with the place of what is to blame in the file of the sweep."""
    changes = [change for change, _ in placed]
    try:
        require_each_once(changes)
        return load_case(path.parent / file.case, changes)
    except InputError as error:
        blamed = next((way for change, way in reversed(placed) if str(error).startswith(f"{change}:")), ())
        raise InputError(f"{_place(path, blamed)}{error} (member {name} of {path})") from None


def _place(path: Path, key: Key) -> str:
    """File, line and axis of a key for the beginning of a message; empty without a key."""
    if not key:
        return ""
    line = find_line(read_text(path), key)
    return f"{path}:{line}: " + (f"[axes.{key[1]}] " if key[0] == "axes" else "")


def _require_case(path: Path, file: SweepFile) -> None:
    """InputError if the file of the base case cannot be read."""
    try:
        read_text(path.parent / file.case)
    except InputError as error:
        raise InputError(f"{_place(path, ('case',))}case: {error}") from None


def _quantities(path: Path, file: SweepFile, cases: Sequence[Case]) -> tuple[Quantity, ...]:
    known = {c.name: c for case in cases for c in columns(case, case.area_shares()) if c.is_result}
    if taken := [axis for axis in file.axes if axis in (*NO_AXES, *LANDMARKS, *known)]:
        text = f"{taken[0]} is a column of the results; give the axis another name"
        raise InputError(f"{path}: [axes.{taken[0]}] {text}")
    place = _place(path, ("quantities",))
    return tuple(_quantity(text, f"{place}quantities: {text}", known, cases) for text in file.quantities)


def _quantity(text: str, place: str, known: Mapping[str, Column], cases: Sequence[Case]) -> Quantity:
    """A quantity named by text like "tip_m", "tip_m@1 h" or "tip_A_m/tip_B_m". InputError otherwise."""
    names, at, time = (part.strip() for part in text.partition("@"))
    name, ratio, over = (part.strip() for part in names.partition("/"))
    for one in (name, over) if ratio else (name,):
        _require_one_of(one, list(known) if at else [*known, *LANDMARKS], place)
    words, unit, factor = _on_paper(name, known)
    instant = _seconds(place, time, cases) if at else None
    then = f" at {time}" if at else ""
    if not ratio:
        return Quantity(text, name, instant, words + then, unit, factor)
    below, *other = _on_paper(over, known)
    if other != [unit, factor]:
        raise InputError(f"{place}: must be a ratio of two quantities of one unit")
    return Quantity(text, name, instant, f"{words} /\n{below}{then}", "", over=over)


def _require_one_of(name: str, allowed: Sequence[str], place: str) -> None:
    if name not in allowed:
        text = f"unknown name {name}. Allowed: {', '.join(allowed)}.{nearest(name, allowed)}"
        raise InputError(f"{place}: {text}")


def _on_paper(name: str, known: Mapping[str, Column]) -> tuple[str, str, float]:
    """Label of a quantity, its unit on paper, and the factor to that."""
    if name in LANDMARKS:
        return *LANDMARKS[name], 1.0
    return known[name].label, *known[name].on_paper


def _seconds(place: str, text: str, cases: Sequence[Case]) -> float:
    try:
        time = parse_quantity(text, "s")
    except ValueError as error:
        raise InputError(f"{place}: {error}") from None
    latest = max(case.time.end for case in cases)
    if not 0 <= time <= latest:
        raise InputError(f"{place}: the members run from 0 to {latest:g} s at most")
    return time
