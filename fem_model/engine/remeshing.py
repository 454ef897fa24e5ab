"""A state on another mesh of the same body: what each field says is kept of it, is kept."""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass, replace

import ufl

from fem_model.base.arrays import Floats
from fem_model.engine.model import Model
from fem_model.numerics.algebra import AssembledVector
from fem_model.numerics.crossing import Crossing, Side
from fem_model.numerics.face_crossing import FaceCrossing, FaceSide
from fem_model.processes.state import Field, Kept, Place, State


@dataclass(frozen=True, eq=False)
class Ground:
    """A mesh with what its nodes weigh: ∫ρ w dx for amounts, ∫ w² dx for rates (m³), on the owned nodes."""

    side: Side
    room: Floats
    mass: Floats

    @classmethod
    def of(cls, model: Model) -> "Ground":
        """Ground of a model."""
        spaces, w = model.spaces, ufl.TestFunction(model.spaces.V)
        room = AssembledVector(model.front.room * w * spaces.dx).assemble().copy()
        return cls(Side(model.domain, spaces.V, spaces.cells), room, spaces.mass_diagonal())


class Remeshing:
    """The way of a state from one model to another one of the same case and the same body."""

    def __init__(self, before: Model, after: Model) -> None:
        self.before, self.after = Ground.of(before), Ground.of(after)
        self.crossing = Crossing(self.before.side, self.after.side)
        self.cells = len(after.domain.cell_tags.values)

    def __call__(self, state: State) -> State:
        """The state on the other mesh. SolverError if its cells are too large for what a field holds."""
        moved = {name: replace(field, values=self._moved(field)) for name, field in state.fields.items()}
        return State(moved, dict(state.numbers))

    def _moved(self, field: Field) -> Floats:
        before, after, crossing, values = self.before, self.after, self.crossing, field.values
        if field.face is not None:
            return self._on_face(field, field.face)
        match field.place, field.kept:
            case Place.NODES, Kept.AMOUNT:
                return crossing.amount(values, before.room, after.room)
            case Place.NODES, Kept.RATE:
                return crossing.density(values, before.mass, after.mass)
            case Place.CELLS, Kept.SHARE:
                return crossing.share(values)
            case Place.CELLS, _:
                return crossing.cell_density(values)
            case _:
                return crossing.smooth(values)

    def _on_face(self, field: Field, face: str) -> Floats:
        crossing = FaceCrossing(
            *(FaceSide(g.side.domain, g.side.cells, face) for g in (self.before, self.after))
        )
        keep = crossing.share if field.kept is Kept.SHARE else crossing.rate
        return keep(field.values, self.cells)
