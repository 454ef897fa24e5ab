"""Axes of a sweep: the keys of a case that each of them changes, and the points along it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator
from scipy.stats.qmc import LatinHypercube

from fem_model.base.errors import InputError
from fem_model.case.base import Entries, Integer, Key, KeyProblem, Label, Section
from fem_model.case.overrides import FLAG, Override, overrides, parse_override
from fem_model.sweep.spacing import Bounds, Spacing, as_file_name, between

MOST_POINTS = 10_000


@dataclass(frozen=True)
class Point:
    """A point of an axis: its name there, and its changes of the case."""

    label: str
    changes: tuple[Override, ...]

    @property
    def values(self) -> dict[str, object]:
        """Values by key."""
        return {change.name: change.value for change in self.changes}


def _as_key(name: str) -> str:
    try:
        overrides({name: 0})
    except InputError:
        raise ValueError("is not a key of a case, such as drive.current") from None
    return name


def _as_change(text: str) -> str:
    try:
        parse_override(text)
    except InputError as error:
        raise ValueError(str(error).removeprefix(FLAG)) from None
    return text


CaseKey = Annotated[str, AfterValidator(_as_key)]
Change = Annotated[str, AfterValidator(_as_change)]
Values = Annotated[tuple[Any, ...], Entries(1, MOST_POINTS)]
Count = Annotated[Integer, Field(ge=2, le=MOST_POINTS)]
SeedNumbers = Annotated[
    Annotated[Integer, Field(ge=1, le=MOST_POINTS), Tag("<count>")]
    | Annotated[tuple[Integer, ...], Entries(1, MOST_POINTS), Tag("<list>")],
    Discriminator(lambda value: "<list>" if isinstance(value, list | tuple) else "<count>"),
]


def text_of(value: object, number: int) -> str:
    """Name of a value, or `number` for a list or a table."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    return str(number)


def changes_of(values: Mapping[str, object]) -> tuple[Override, ...]:
    """Changes of a case by key."""
    return tuple(overrides(values))


class AxisSection(Section, ABC):
    """An axis of a sweep."""

    @abstractmethod
    def points(self) -> list[Point]:
        """The points in their order. KeyProblem if there are none."""

    def place(self, point: str, key: str) -> Key:
        """Way from the axis to where it names a key of the case that it changes at a point."""
        return self.kind, key

    @property
    def kind(self) -> str:
        """Key that only axes of this kind have."""
        return next(kind for kind, model in KINDS.items() if isinstance(self, model))

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = dict[str, str]()
        for point in self.points():
            name = as_file_name(point.label).lower()
            if name in names:
                text = f'has "{names[name]}" and "{point.label}", whose folders would have one name'
                raise KeyProblem(self.kind, text)
            names[name] = point.label
        return self


class Listed(AxisSection):
    """A key over a list of values."""

    key: CaseKey
    """Key of the case, such as drive.current or microstructure.grains[0].size."""
    values: Values
    """Values of the key, each as in a case."""

    def place(self, point: str, key: str) -> Key:
        """See `AxisSection.place`."""
        return ("key",)

    def points(self) -> list[Point]:
        """The points in their order."""
        return [Point(text_of(v, k), changes_of({self.key: v})) for k, v in enumerate(self.values, start=1)]


class Zipped(AxisSection):
    """Several keys that change together, over lists of one length."""

    zip: Annotated[dict[CaseKey, Values], Entries(1, 100)]
    """Lists of values by key, all of the same length: "drive.current" = ["1 mA/cm^2", "2 mA/cm^2"]."""

    def points(self) -> list[Point]:
        """The points in their order. KeyProblem if the lists differ in length."""
        first, *others = self.zip
        for other in others:
            if len(self.zip[other]) != len(self.zip[first]):
                counts = f"{len(self.zip[other])} values; {first} has {len(self.zip[first])}"
                raise KeyProblem(("zip", other), f"has {counts}")
        rows = zip(*self.zip.values(), strict=True)
        return [
            Point(", ".join(text_of(v, k) for v in row), changes_of(dict(zip(self.zip, row, strict=True))))
            for k, row in enumerate(rows, start=1)
        ]


class Range(AxisSection):
    """A key over numbers at equal distances, or with equal ratios."""

    key: CaseKey
    """Key of the case."""
    range: Bounds
    """First and last value, in the same unit: ["0.5 mA/cm^2", "2 mA/cm^2"]."""
    count: Count
    """Number of values."""
    spacing: Spacing = "linear"
    """linear: equal distances; log: equal ratios."""

    def place(self, point: str, key: str) -> Key:
        """See `AxisSection.place`."""
        return ("key",)

    def points(self) -> list[Point]:
        """The points in their order. KeyProblem if there is nothing between the bounds."""
        shares = np.linspace(0, 1, self.count)
        values = between(self.range, shares, self.spacing, "range")
        return [Point(text_of(v, k), changes_of({self.key: v})) for k, v in enumerate(values, start=1)]


class Seeds(AxisSection):
    """Repetitions that differ in their random numbers; others are compared with the same ones."""

    seeds: SeedNumbers
    """Number of seeds, which count from 1, or a list of seeds."""
    keys: Annotated[tuple[CaseKey, ...], Entries(1, 10)] = ("microstructure.seed",)
    """Keys of the case that take the seed."""

    def place(self, point: str, key: str) -> Key:
        """See `AxisSection.place`."""
        return ("keys",) if "keys" in self.model_fields_set else ("seeds",)

    def points(self) -> list[Point]:
        """The points in their order."""
        there = range(1, self.seeds + 1) if isinstance(self.seeds, int) else self.seeds
        return [Point(str(seed), changes_of(dict.fromkeys(self.keys, seed))) for seed in there]


class Samples(AxisSection):
    """Several keys sampled together, each evenly between its bounds, by a Latin hypercube."""

    samples: Annotated[dict[CaseKey, Bounds], Entries(1, 100)]
    """Bounds by key, both in the same unit: "drive.current" = ["0.5 mA/cm^2", "2 mA/cm^2"]."""
    count: Count
    """Number of samples."""
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = 1
    """Seed of the random numbers: the same samples for the same seed."""
    spacing: Spacing = "linear"
    """linear: even in the values; log: even in their logarithms."""

    def points(self) -> list[Point]:
        """The points in their order. KeyProblem as `Range.points`."""
        drawn = LatinHypercube(len(self.samples), rng=self.seed).random(self.count).T
        lists = [
            between(bounds, shares, self.spacing, "samples", key)
            for (key, bounds), shares in zip(self.samples.items(), drawn, strict=True)
        ]
        width = len(str(self.count))
        return [
            Point(f"{k:0{width}}", changes_of(dict(zip(self.samples, row, strict=True))))
            for k, row in enumerate(zip(*lists, strict=True), start=1)
        ]


class Choices(AxisSection):
    """Named sets of changes."""

    choices: Annotated[dict[Label, Annotated[tuple[Change, ...], Entries(0, 100)]], Entries(1, MOST_POINTS)]
    """Changes by name, written as after --set: tough = ["kinetics.R_ct=10 ohm cm^2"]; [] changes nothing."""

    def place(self, point: str, key: str) -> Key:
        """See `AxisSection.place`."""
        return self.kind, point

    def points(self) -> list[Point]:
        """The points in their order."""
        changes = {name: map(parse_override, texts) for name, texts in self.choices.items()}
        return [Point(name, tuple(replace(c, flag="") for c in found)) for name, found in changes.items()]


KINDS: Mapping[str, type[AxisSection]] = {
    "values": Listed,
    "zip": Zipped,
    "range": Range,
    "seeds": Seeds,
    "samples": Samples,
    "choices": Choices,
}
"""Kinds of axes by the key that only they have."""


def _require_one_kind(data: object) -> object:
    found = [kind for kind in KINDS if isinstance(data, Mapping) and kind in data]
    if isinstance(data, Mapping) and not found:
        raise KeyProblem("values", f"is missing. An axis has one of {', '.join(KINDS)}.")
    if len(found) > 1:
        raise KeyProblem(found[1], f"and {found[0]} exclude each other: give one of them")
    return data


def _kind(data: object) -> str:
    return f"<{next((kind for kind in KINDS if isinstance(data, Mapping) and kind in data), 'values')}>"


Axis = Annotated[
    Annotated[Listed, Tag("<values>")]
    | Annotated[Zipped, Tag("<zip>")]
    | Annotated[Range, Tag("<range>")]
    | Annotated[Seeds, Tag("<seeds>")]
    | Annotated[Samples, Tag("<samples>")]
    | Annotated[Choices, Tag("<choices>")],
    Discriminator(_kind),
    BeforeValidator(_require_one_kind),
]
