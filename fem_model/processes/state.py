"""The state of a run at an instant: plain named fields and numbers, which nothing lists by hand.

Each process says which fields it has, where their values are, and what is kept of them on another mesh. From
these lists checkpoints are written, steps are taken back, and an engine is made on another mesh.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Protocol

from fem_model.base.arrays import Floats


class Place(Enum):
    """Places that the values of a field belong to."""

    NODES = auto()
    CELLS = auto()


class Kept(Enum):
    """Property of a field that is kept when it goes onto another mesh."""

    VALUES = auto()
    """Its values at the nodes."""
    AMOUNT = auto()
    """Its integral over the room ρ, within its bounds."""
    SHARE = auto()
    """Its integral over each material (over the face, for one of a face), within its bounds."""
    RATE = auto()
    """Its integral; it has no bounds."""


@dataclass(frozen=True)
class Field:
    """A field by its name: values over the local degrees of freedom, ghosts included.

    With a `face` it is one of the cells at the outer face of this name, and 0 in all others.
    """

    name: str
    values: Floats
    place: Place = Place.NODES
    kept: Kept = Kept.VALUES
    face: str | None = None


def components(name: str, values: Floats, dim: int) -> list[Field]:
    """A nodal vector field as one field for each component; all are views of `values`."""
    return [Field(f"{name}_{k}", values[k::dim]) for k in range(dim)]


@dataclass
class State:
    """Fields and numbers by name, as copies that nothing changes."""

    fields: dict[str, Field] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


class Part(Protocol):
    """Something that has a share in the state."""

    def fields(self) -> Sequence[Field]:
        """Its fields, as live values."""

    def numbers(self) -> Mapping[str, float]:
        """Its numbers."""

    def take_up(self, state: State) -> None:
        """Go on from a state, of which the fields have been put back."""


def state_of(parts: Sequence[Part]) -> State:
    """A copy of the state of all parts."""
    copies = [replace(field, values=field.values.copy()) for part in parts for field in part.fields()]
    fields = {field.name: field for field in copies}
    return State(fields, {name: value for part in parts for name, value in part.numbers().items()})


def restore(parts: Sequence[Part], state: State) -> None:
    """Put all parts into a state. Each field must be in it."""
    for part in parts:
        for own in part.fields():
            own.values[:] = state.fields[own.name].values
        part.take_up(state)
