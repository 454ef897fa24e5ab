"""Flaws of the electrolyte at the anode: cracks that are there from the start, with lithium or without."""

import math
import random
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from fem_model.case.base import (
    Entries,
    Integer,
    KeyProblem,
    Length,
    Number,
    Position,
    Section,
    Switch,
)

MOST_FLAWS = 1000

Direction = Literal["normal", "boundary", "boundaries"]


class FlawShape(Section):
    """Shape and content of a flaw."""

    width: Length | None = None
    """Width of the lithium in it; by default 6 lam, the least width of a path."""
    direction: Direction = "normal"
    """normal: straight up; boundary: along that between grains next to it; boundaries: on along others."""
    filled: Switch = True
    """True if the flaw is filled with lithium; else it is a path without toughness."""

    @property
    def radius(self) -> float:
        """Half of its width, m, with which it ends."""
        assert self.width is not None
        return self.width / 2


class Flaw(FlawShape):
    """A crack from the anode into the electrolyte."""

    position: Position
    """Place along x where it starts on the anode."""
    across: Position | None = None
    """Place along y, the breadth, where it starts; in 3D only, and needed there."""
    length: Length | None = None
    """Length without the round end; of one boundary at most, and by default, all; of several the height."""

    @property
    def along_the_anode(self) -> tuple[float, ...]:
        """The coordinates of its start on the anode, m: one in 2D, two in 3D."""
        return (self.position,) if self.across is None else (self.position, self.across)

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.length is None and self.direction != "boundary":
            text = 'is missing: only a flaw along one boundary can do without it. Example: "4 um"'
            raise KeyProblem("length", text)
        return self


class RandomFlaws(FlawShape):
    """Flaws at random places on the anode."""

    spacing: Length
    """Mean distance b of flaws: there is one on each b of the face, in 3D on each b²."""
    length: Length | None = None
    """Median of the log-normal lengths; along boundaries by default as long as these are."""
    spread: Annotated[Number, Field(ge=1, le=10)] = 1.0
    """Geometric standard deviation of the lengths; 1: all are equal."""
    lengths: Annotated[tuple[Length, ...], Entries(1, MOST_FLAWS)] | None = None
    """A list of lengths, each as frequent as the others, instead of length and spread."""
    seed: Annotated[Integer, Field(ge=0, le=2**32 - 1)] = 1
    """Seed of places and lengths."""

    @model_validator(mode="after")
    def _one_law(self) -> Self:
        if self.lengths is not None and (self.length is not None or self.spread != 1.0):
            raise KeyProblem("lengths", "and length with spread exclude each other: give one of them")
        if self.length is None and self.lengths is None and self.direction != "boundary":
            raise KeyProblem("length", 'is missing: give it, or a list of lengths. Example: "4 um"')
        return self

    def count(self, face: Sequence[float]) -> int:
        """Number of flaws on a face with these sizes, m."""
        return max(1, round(math.prod(face) / self.spacing ** len(face)))

    def drawn(self, face: Sequence[float]) -> tuple[Flaw, ...]:
        """The flaws on a face with these sizes, m."""
        numbers = random.Random(self.seed)
        names = ("position", "across")
        flaws = []
        for _ in range(self.count(face)):
            drawn: dict[str, Any] = {key: getattr(self, key) for key in FlawShape.model_fields}
            drawn |= {name: size * numbers.random() for name, size in zip(names, face, strict=False)}
            flaws.append(Flaw.model_construct(**drawn, length=self._length(numbers)))
        return tuple(flaws)

    def _length(self, numbers: random.Random) -> float | None:
        if self.lengths is not None:
            return float(numbers.choice(self.lengths))
        if self.length is None:
            return None
        return float(self.length * self.spread ** numbers.gauss(0.0, 1.0))


class Flaws(Section):
    """Lithium starts from cracks of the electrolyte at the anode."""

    kind: Literal["flaws"]
    """Shape of the lithium at the start."""
    flaws: Annotated[tuple[Flaw, ...], Entries(0, MOST_FLAWS)] = ()
    """Cracks, one by one."""
    random: RandomFlaws | None = None
    """Cracks at random places."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.flaws and self.random is None:
            raise KeyProblem("flaws", "are missing: give one at least, or random ones")
        return self

    def all(self, face: Sequence[float]) -> tuple[Flaw, ...]:
        """All flaws on a face with these sizes, m."""
        return self.flaws + (self.random.drawn(face) if self.random else ())

    @property
    def height(self) -> float:
        """Highest point of the lithium in flaws whose height is given, m; that of others needs the mesh."""
        given = [flaw for flaw in self.flaws if flaw.filled and flaw.direction != "boundary"]
        lengths = [flaw.length or 0.0 for flaw in given]
        if self.random and self.random.filled and self.random.direction != "boundary":
            lengths += [*(self.random.lengths or ()), self.random.length or 0.0]
        return max(lengths, default=0.0)
