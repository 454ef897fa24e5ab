"""The file of a study of the critical current density: electrolytes, flaws, and what is varied."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from fem_model.base.suggestion import nearest
from fem_model.case.base import (
    CurrentDensity,
    Entries,
    FilePath,
    Integer,
    Key,
    KeyProblem,
    Label,
    Length,
    Note,
    Number,
    Pattern,
    Section,
)
from fem_model.case.load import load_section
from fem_model.ccd.flaw_law import FlawLaw, LogNormal, Weibull
from fem_model.ccd.flaw_tail import Measured
from fem_model.sweep.axes import Change
from fem_model.sweep.spacing import Bounds, between

Changes = Annotated[tuple[Change, ...], Entries(0, 100)]
Labels = Annotated[tuple[Label, ...], Entries(0, 100)]
LAWS: Mapping[str, type[LogNormal] | type[Weibull] | type[Measured]] = {
    "log-normal": LogNormal,
    "weibull": Weibull,
    "measured": Measured,
}
"""Laws that are fitted to measured lengths, by name."""
if TYPE_CHECKING:
    LawName = str
else:
    LawName = Literal[*LAWS]
Definition = Literal["onset", "through", "passage"]
LEAST_PATCHES = 10
GOLDEN = (5**0.5 - 1) / 2
"""Its multiples, without their whole parts, are spread evenly however many are taken."""
FIT_NAME = Pattern("[a-z][a-z0-9_]{0,39}", "1 to 40 small letters, digits and _, a letter first")


class Pellet(Section):
    """The pellet, and the face of its electrode."""

    thickness: Length
    """Thickness, for its resistance."""
    diameter: Length
    """Diameter of the electrode."""
    flaw_spacing: Length
    """Mean distance of its flaws: there is one on each square of this."""


class FlawLengths(Section):
    """The law of the lengths of flaws: log-normal, or a law that is fitted to measured lengths."""

    median: Length | None = None
    """Median by number."""
    spread: Annotated[Number, Field(gt=1, le=10)] | None = None
    """Geometric standard deviation."""
    lengths: Annotated[tuple[Length, ...], Entries(10, 100_000)] | None = None
    """Measured lengths, instead of median and spread."""
    law: LawName = "log-normal"
    """Law that is fitted to them; measured: none but for the longest, a tail of Pareto's."""
    longest: Length | None = None
    """Length that no flaw exceeds; by default there is none."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        stated = self.median is not None and self.spread is not None
        if stated == (self.lengths is not None):
            raise KeyProblem("median", "with spread, or lengths: give exactly one of them")
        return self

    def draws(self, rng: np.random.Generator) -> FlawLaw:
        """The law; one that is fitted has draws of its parameters. InputError as its `fitted`."""
        longest = self.longest or math.inf
        if self.lengths is not None:
            return LAWS[self.law].fitted(self.lengths, rng, longest)
        assert self.median is not None and self.spread is not None
        return LogNormal(self.median, math.log(self.spread), longest=longest)


class Patches(Section):
    """Patches of the face with one flaw each, whose lengths have equal ratios."""

    number: Annotated[Integer, Field(ge=LEAST_PATCHES, le=10_000)]
    """Number of patches of each electrolyte."""
    shortest: Length
    """Length of the shortest flaw."""
    longest: Length
    """Length of the longest flaw; best as long as the largest of the electrode."""
    first_seed: Annotated[Integer, Field(ge=0, lt=2**31)] = 1
    """Seed of the grains of the first patch; the others follow it."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.longest <= self.shortest:
            raise KeyProblem("longest", "must be larger than shortest")
        return self

    def lengths(self, count: int) -> list[float]:
        """Lengths of the flaws of `count` patches, m."""
        ratio = self.longest / self.shortest
        return [self.shortest * ratio ** (k * GOLDEN % 1.0) for k in range(count)]


class Electrolyte(Section):
    """An electrolyte, and what was measured of it."""

    name: Label
    """Its name in tables."""
    set: Changes = ()
    """Changes of the case, written as after --set."""
    measured: CurrentDensity | None = None
    """First current density at which it shorted."""
    flaws: FlawLengths | None = None
    """Lengths of its flaws, if they are others."""


class Fit(Section):
    """A number that is fitted to one datum; where it goes changes of the case have $NAME."""

    between: Bounds
    """Smallest and largest value, in the same unit."""
    to: Label
    """Electrolyte whose measured value decides: the median comes to the middle of its step."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        self.value(0.5)
        return self

    def value(self, share: float) -> object:
        """The value at a share of the way from the smallest to the largest, in the logarithm."""
        low, high = (float(b) if isinstance(b, int) else b for b in self.between)
        return between((low, high), np.array([share]), "log", "between")[0]


class Mechanism(Section):
    """A mechanism that is switched off."""

    off: Changes
    """Changes of the case without it."""
    electrolytes: Labels = ()
    """Electrolytes that have it; by default all."""


class Input(Section):
    """An assumed input, varied."""

    low: Changes
    """Changes of the case for the smaller value."""
    high: Changes
    """Changes of the case for the larger one."""
    electrolytes: Labels = ()
    """Electrolytes that have it; by default all that are varied."""


class StudyFile(Section):
    """Critical current density of electrolytes."""

    title: Note = ""
    """Title of figures and tables."""
    case: FilePath
    """Case of a patch with one flaw and a staircase; a relative path starts at the folder of this file."""
    definition: Definition
    """onset: a flaw begins to run; through: it can run to the depth; passage: it does, within half-cycles."""
    depth: Length
    """Height above the anode that counts as through."""
    pellet: Pellet
    """The pellet."""
    set: Changes = ()
    """Changes of the case for all electrolytes, written as after --set."""
    flaws: FlawLengths
    """Lengths of flaws, the same in all electrolytes that do not give others."""
    patches: Patches
    """Patches that are sampled."""
    small: Annotated[Integer, Field(ge=LEAST_PATCHES, le=10_000)] = LEAST_PATCHES
    """Number of patches with --small."""
    electrolytes: Annotated[tuple[Electrolyte, ...], Entries(1, 100)]
    """The electrolytes."""
    fits: Annotated[dict[Annotated[str, FIT_NAME], Fit], Entries(0, 2)] = Field(default_factory=dict)
    """Numbers that are fitted, at most two, in their order."""
    mechanisms: Annotated[dict[Label, Mechanism], Entries(0, 20)] = Field(default_factory=dict)
    """Mechanisms that are switched off one by one."""
    inputs: Annotated[dict[Label, Input], Entries(0, 50)] = Field(default_factory=dict)
    """Assumed inputs that are varied one by one."""
    varied: Labels = ()
    """Electrolytes for which they are varied."""

    def electrolyte(self, name: str) -> Electrolyte:
        """The electrolyte of a name."""
        return next(each for each in self.electrolytes if each.name == name)

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [each.name for each in self.electrolytes]
        if twice := [name for k, name in enumerate(names) if name in names[:k]]:
            raise KeyProblem("electrolytes", f'has two of the name "{twice[0]}"')
        for key, asked in self._references():
            for name in asked:
                if name not in names:
                    known = f"There are {', '.join(names)}.{nearest(name, names)}"
                    raise KeyProblem(key, f'= "{name}": no such electrolyte. {known}')
        for label, fit in self.fits.items():
            if self.electrolyte(fit.to).measured is None:
                raise KeyProblem(("fits", label, "to"), f'= "{fit.to}": nothing was measured of it')
            if not any(f"${label}" in text for text in (*self.set, *self.electrolyte(fit.to).set)):
                raise KeyProblem(
                    ("fits", label), f"is used by no change of {fit.to}: write ${label} in a set"
                )
        if self.inputs and not self.varied:
            raise KeyProblem("inputs", "have no effect without varied, the electrolytes for which they vary")
        return self

    def _references(self) -> Iterator[tuple[Key, Sequence[str]]]:
        """Keys with names of electrolytes, and the names."""
        yield ("varied",), self.varied
        for label, fit in self.fits.items():
            yield ("fits", label, "to"), [fit.to]
        for label, mechanism in self.mechanisms.items():
            yield ("mechanisms", label, "electrolytes"), mechanism.electrolytes
        for label, varied in self.inputs.items():
            yield ("inputs", label, "electrolytes"), varied.electrolytes


def load_study(path: Path) -> StudyFile:
    """The study of a file. InputError, in one line, if it is wrong."""
    return load_section(StudyFile, path)
