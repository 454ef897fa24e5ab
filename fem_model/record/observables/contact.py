"""The contact of the lithium electrodes: what voids have left of it, and how uneven the current is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fem_model.base.constants import F
from fem_model.case import Case
from fem_model.case.sections import FixedCounter
from fem_model.materials import V_m
from fem_model.record.observables.column import Column, Condition, Row
from fem_model.record.observables.observable import Instant, Observable

if TYPE_CHECKING:
    from fem_model.processes.contact import FaceVoids

WITH_VOIDS = Condition("there is `[voids]`", lambda case: case.voids is not None)


def _two(case: Case) -> bool:
    return case.voids is not None and not isinstance(case.counter, FixedCounter)


WITH_BOTH = Condition("there is `[voids]` and the counter electrode is lithium", _two)


def _columns(face: str, when: Condition) -> dict[str, Column]:
    electrode = {"anode": "anode", "counter": "counter electrode"}[face]
    share = f"share of the {electrode}'s face that voids leave in contact, 1 − mean v/h_v"
    mean, largest = (f"{which} thickness v of the voids at the {electrode}" for which in ("mean", "largest"))
    focusing = f"largest over mean local current density of the {electrode}'s face; 0 at rest"
    return {
        "share": Column(
            f"contact_share_{face}", f"contact of the {electrode}", "", share, when, in_summary=True
        ),
        "mean": Column(f"void_mean_{face}_m", f"mean void at the {electrode}", "m", mean, when),
        "largest": Column(
            f"void_largest_{face}_m", f"largest void at the {electrode}", "m", largest, when, in_summary=True
        ),
        "focusing": Column(
            f"current_focusing_{face}", f"current focusing at the {electrode}", "", focusing, when
        ),
    }


FACES = {"anode": _columns("anode", WITH_VOIDS), "counter": _columns("counter", WITH_BOTH)}
"""Columns by the names of faces."""
ERROR = Column(
    "void_error",
    "error of the balance of voids",
    "",
    "|stripped − F ∫v/V_m − crept to the face| over the largest of ∫|I| dt and 1 nm of lithium; worse face",
    when=WITH_VOIDS,
)


class Contact(Observable):
    """Integrals over the faces."""

    columns = (*FACES["anode"].values(), *FACES["counter"].values(), ERROR)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        voids, film = self.subject.model.voids, self.subject.model.interphase
        assert voids is not None
        row: Row = {}
        for face in voids.faces:
            row |= self._of(face)
        ledger, reacted = self.subject.ledger, film.taken() if film else 0.0
        entered = {"anode": ledger.foil + reacted, "counter": -ledger.passed}
        missing = [abs(entered[f.face] + F / V_m * f.volume() + f.crept) for f in voids.faces]
        return {**row, ERROR.name: max(missing) / max(ledger.throughput, ledger.least)}

    def _of(self, face: FaceVoids) -> Row:
        columns, engine = FACES[face.face], self.subject.engine
        current = engine.cells.at_faces()[face.face]
        return {
            columns["share"].name: face.share(),
            columns["mean"].name: face.volume() / face.area,
            columns["largest"].name: face.largest(),
            columns["focusing"].name: face.focusing(current, engine.currents.smallest()),
        }
