"""Prescribed current or voltage, constant or as a protocol of many stages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, GetJsonSchemaHandler, Tag, model_validator
from pydantic_core import CoreSchema

from fem_model.case.base import (
    Capacity,
    CurrentDensity,
    Duration,
    Entries,
    Integer,
    KeyProblem,
    Section,
    SignedCurrentDensity,
    SignedVoltage,
    VoltageLimit,
)
from fem_model.case.sheet import EXAMPLES, LONGEST, read_step

MOST_STAGES = 100_000
"""Stages that a protocol can have, all repetitions together."""


@dataclass(frozen=True)
class Stage:
    """A stretch of time with one current (A/m²) or one voltage (V), and what ends it, whichever is first.

    `duration` in s, `capacity` the size of the charge passed in it (C/m²), `limit` that of the voltage (V),
    `cutoff` that of the current below which it ends (A/m²).
    """

    current: float | None = None
    voltage: float | None = None
    duration: float = math.inf
    capacity: float = math.inf
    limit: float = math.inf
    cutoff: float = 0.0

    @property
    def time(self) -> float:
        """Time after which it ends at the latest, s, as far as that is known beforehand."""
        if self.current:
            return min(self.duration, self.capacity / abs(self.current))
        return self.duration


def or_infinite(limit: float | None) -> float:
    """A limit, infinite if it is not given."""
    return math.inf if limit is None else limit


class Galvanostatic(Section):
    """A constant mean current density."""

    mode: Literal["galvanostatic"]
    """Kind of drive."""
    current: SignedCurrentDensity
    """Mean current density; positive plates at the anode."""
    voltage_limit: VoltageLimit | None = None
    """The run ends when the size of the voltage exceeds this."""

    @model_validator(mode="after")
    def _not_zero(self) -> Self:
        if self.current == 0:
            raise KeyProblem("current", "must not be zero")
        return self

    def stages(self) -> Sequence[Stage]:
        """The one stage."""
        return [Stage(current=self.current, limit=or_infinite(self.voltage_limit))]


class Potentiostatic(Section):
    """A constant voltage."""

    mode: Literal["potentiostatic"]
    """Kind of drive."""
    voltage: SignedVoltage
    """Potential of the counter electrode minus that of the anode; positive plates at the anode."""

    @model_validator(mode="after")
    def _not_zero(self) -> Self:
        if self.voltage == 0:
            raise KeyProblem("voltage", "must not be zero")
        return self

    def stages(self) -> Sequence[Stage]:
        """The one stage."""
        return [Stage(voltage=self.voltage)]


class Step(Section):
    """One step of a list: a current (0 is a rest) or a voltage, and at least one way in which it ends."""

    current: SignedCurrentDensity | None = None
    """Mean current density; positive plates at the anode, 0 is a rest."""
    voltage: SignedVoltage | None = None
    """Potential of the counter electrode minus that of the anode."""
    time: Duration | None = None
    """Longest duration."""
    capacity: Capacity | None = None
    """The charge it passes at most, in either direction."""
    voltage_limit: VoltageLimit | None = None
    """Largest size of the voltage; beyond it the step ends."""
    current_limit: CurrentDensity | None = None
    """Smallest size of the current; below it the step ends, where the voltage is given."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: object) -> object:
        return read_step(data) if isinstance(data, str) else data

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.current is None) == (self.voltage is None):
            raise KeyProblem("current", "or voltage: give exactly one")
        ends = (self.capacity, self.voltage_limit, self.current_limit)
        if self.time is None and (self.current == 0 or all(end is None for end in ends)):
            text = "is missing: a step ends after a time or, unless it rests, a capacity or at a limit"
            raise KeyProblem("time", text)
        if self.voltage is not None and self.voltage_limit is not None:
            raise KeyProblem("voltage_limit", "has no meaning where the voltage is given")
        if self.voltage is None and self.current_limit is not None:
            raise KeyProblem("current_limit", "has no meaning where the current is given")
        return self

    def stages(self) -> list[Stage]:
        """The step with what it leaves out made infinite."""
        time, capacity, limit = map(or_infinite, (self.time, self.capacity, self.voltage_limit))
        return [Stage(self.current, self.voltage, time, capacity, limit, self.current_limit or 0.0)]


class Repeat(Section):
    """Steps that are gone through several times before the list goes on."""

    steps: Annotated[tuple["Entry", ...], Entries(1, 1000)]
    """The steps in their order, or further repeats."""
    repeat: Annotated[Integer, Field(ge=1, le=MOST_STAGES)]
    """Number of times they are repeated."""

    @property
    def count(self) -> int:
        """Number of steps."""
        return self.repeat * count(self.steps)

    def stages(self) -> list[Stage]:
        """All steps, one after the other."""
        return [stage for entry in self.steps for stage in entry.stages()] * self.repeat


def _kind(entry: object) -> str:
    repeats = isinstance(entry, Repeat) or (isinstance(entry, Mapping) and "steps" in entry)
    return "<repeat>" if repeats else "<step>"


class InWords:
    """Annotation of an entry that may be text as well, for the schema."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {
            "anyOf": [
                {"type": "string", "pattern": f"^.{{1,{LONGEST}}}$", "examples": EXAMPLES},
                handler(schema),
            ]
        }


Entry = Annotated[
    Annotated[Step, Tag("<step>")] | Annotated[Repeat, Tag("<repeat>")],
    Field(discriminator=Discriminator(_kind)),
    InWords(),
]


def count(entries: Sequence[Step | Repeat]) -> int:
    """Number of steps, all repeats together."""
    return sum(entry.count if isinstance(entry, Repeat) else 1 for entry in entries)


class Steps(Section):
    """A list of steps, gone through one or more times."""

    mode: Literal["steps"]
    """Kind of drive."""
    steps: Annotated[tuple[Entry, ...], Entries(1, 1000)]
    """The steps in their order, as tables or in words: "plate at 0.5 mA/cm^2 for 1 h or until 50 mV"."""
    repeat: Annotated[Integer, Field(ge=1, le=MOST_STAGES)] = 1
    """Number of times the list is repeated."""

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        number = count(self.steps) * self.repeat
        if number > MOST_STAGES:
            text = f"make {number} steps with all repeats; at most {MOST_STAGES} are possible"
            raise KeyProblem("steps", text)
        return self

    def stages(self) -> Sequence[Stage]:
        """All steps, one after the other."""
        return [stage for entry in self.steps for stage in entry.stages()] * self.repeat


class Cycling(Section):
    """Plating and stripping of a fixed capacity at a fixed current."""

    mode: Literal["cycling"]
    """Kind of drive."""
    current: CurrentDensity
    """Size of the current; the first half-cycle plates at the anode."""
    capacity: Capacity
    """Charge of each half-cycle."""
    cycles: Annotated[Integer, Field(ge=1, le=MOST_STAGES // 2)]
    """Number of cycles of two halves."""
    voltage_limit: VoltageLimit | None = None
    """A half-cycle ends early when the size of the voltage exceeds this."""

    def stages(self) -> Sequence[Stage]:
        """Half-cycles, plating first."""
        limit = or_infinite(self.voltage_limit)
        halves = [Stage(current=sign * self.current, capacity=self.capacity, limit=limit) for sign in (1, -1)]
        return halves * self.cycles


class Staircase(Section):
    """Cycles whose current grows from one to the next: the test for the critical current density."""

    mode: Literal["staircase"]
    """Kind of drive."""
    start: CurrentDensity
    """Current of the first cycle."""
    step: CurrentDensity
    """Increase of the current from each cycle to the next."""
    largest: CurrentDensity
    """Current that is not exceeded; after its cycle the protocol ends."""
    half_cycle: Duration | None = None
    """Time of each half-cycle."""
    capacity: Capacity | None = None
    """Charge of each half-cycle, instead of a time."""
    reversal: bool = Field(default=True, strict=True)
    """True if each current is also passed the other way; if not, every step plates."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.half_cycle is None) == (self.capacity is None):
            raise KeyProblem("half_cycle", "or capacity: give exactly one")
        if self.largest < self.start:
            raise KeyProblem("largest", "must not be smaller than start")
        if (self.largest - self.start) / self.step > MOST_STAGES / 2:
            raise KeyProblem("step", f"is so small that there are more than {MOST_STAGES // 2} currents")
        return self

    def stages(self) -> Sequence[Stage]:
        """Half-cycles at start, start + step, … up to largest."""
        count = int((self.largest - self.start) / self.step * (1 + 1e-12)) + 1
        duration, capacity = or_infinite(self.half_cycle), or_infinite(self.capacity)
        signs = (1, -1) if self.reversal else (1,)
        currents = [sign * (self.start + k * self.step) for k in range(count) for sign in signs]
        return [Stage(current=i, duration=duration, capacity=capacity) for i in currents]


Drive = Annotated[Galvanostatic | Potentiostatic | Steps | Cycling | Staircase, Field(discriminator="mode")]
