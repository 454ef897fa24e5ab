"""Turns a model in time into rows and a summary; they go into a folder, or stay in memory without one."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.base.constants import F
from fem_model.base.log import Stages, logger
from fem_model.engine.clock import Clock
from fem_model.engine.engine import Engine
from fem_model.engine.ledger import Ledger
from fem_model.engine.model import Model
from fem_model.materials import V_m
from fem_model.protocol.schedule import Schedule
from fem_model.record.checkpoint_files import made
from fem_model.record.landmarks import Landmarks
from fem_model.record.measures import Measures
from fem_model.record.observables.column import Row
from fem_model.record.observables.observable import Instant, Subject
from fem_model.record.observables.registry import Panel
from fem_model.record.observables.tips import TIP, TIP_IN
from fem_model.record.output_fields import OutputFields
from fem_model.record.run_folder import RunFolder, Written, open_folder, take_up_folder
from fem_model.record.summary import Summary

SEEN = 1e-9
"""Thickness of lithium (m) over the anode, the charge of which nothing smaller is compared with."""


class Recorder:
    """Observes a run. Every method is collective."""

    def __init__(self, engine: Engine, schedule: Schedule, stages: Stages) -> None:
        self.schedule, self.stages, model = schedule, stages, engine.model
        self.measures = Measures(model)
        self.start = self.measures.lithium()
        self.ledger = _new_ledger(model, self.start)
        self.landmarks = _new_landmarks(model, self.measures.room() - self.ledger.start)
        self.rows: list[Row] = []
        """The rows so far on rank 0, where no folder takes them."""
        self.last: Row = {}
        """The last row; empty before the first."""
        self.output: RunFolder | None = None
        self.notices: list[str] = []
        """Sentences on what was damaged where the run was taken up."""
        self._read(engine)

    def attach(self, engine: Engine) -> None:
        """Observe another engine from now on, say on another mesh: the run and its series go on."""
        self.measures = Measures(engine.model)
        self._read(engine)

    def _read(self, engine: Engine) -> None:
        self.subject = Subject(engine, self.measures, self.schedule, self.ledger)
        self.panel, self.seen = Panel(self.subject), OutputFields(engine.model)

    def count_from_here(self) -> None:
        """Take the lithium that is there now for that of the start."""
        self.start = self.measures.lithium()
        self.ledger.start = float(self.start.sum())

    def open(self, folder: Path) -> None:
        """Write into a folder, in the place of what an earlier run has left there."""
        self.output = open_folder(folder, self.subject.model)

    def reopen(self, folder: Path, clock: Clock, written: Written, notices: Sequence[str]) -> None:
        """Go on with the files of an interrupted run, as they were `written`, from the instant of `clock`.

        `notices` say what was wrong with its checkpoints; what is wrong with the files is added.
        """
        self.output, found = take_up_folder(folder, self.subject.model, clock, written)
        self.notices = [*notices, *found]
        for notice in self.notices if self.measures.comm.rank == 0 else ():
            logger.warning("%s", notice)

    def written(self) -> Written:
        """The files as they are now; without a folder there are none. The rows are those of rank 0."""
        return self.output.written() if self.output else Written()

    def state(self) -> dict[str, Any]:
        """Numbers that `restore` needs to go on."""
        return {
            "ledger": asdict(self.ledger),
            "landmarks": asdict(self.landmarks),
            "start": self.start.tolist(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up the numbers of an interrupted run."""
        vars(self.ledger).update(vars(made(Ledger, state["ledger"])))
        self.landmarks = made(Landmarks, state["landmarks"])
        self.start = np.array(state["start"])
        self.subject.engine.foil.open(self.ledger.foil_left > 0)

    def look(self) -> Instant:
        """The instant now, whose potential has just been found."""
        with self.stages("measures"):
            self.now = Instant(self.subject, self.start, self.measures.tips())
        return self.now

    def record(self, clock: Clock) -> Row:
        """Add the row of the instant last looked at, and return it."""
        with self.stages("measures"):
            now = self.now
            now.clock = clock
            self.ledger.measure(float(now.lithium.sum()), self.subject.engine.stored())
            self.last = row = self.panel.row(now)
        self.landmarks.watch(row)
        if self.output:
            self.output.add(row)
        elif self.measures.comm.rank == 0:
            self.rows.append(row)
        return row

    def save_fields(self, t: float) -> None:
        """Write ξ, φ and the current density into the folder, unless they are there for this time already."""
        if self.output:
            with self.stages("output"):
                self.output.save_fields(t, self.seen)

    def close(self) -> None:
        """Close the files, for another recorder that goes on with them."""
        if self.output:
            self.output.close()

    def finish(self, clock: Clock, status: str, reason: str) -> dict[str, Any]:
        """Write the summary, which is also returned, and close the files."""
        last = self.last or self._tips()
        summary = Summary(self.subject, self.landmarks, last).told(clock, status, reason, self.stages)
        if self.notices:
            summary["notices"] = self.notices
        if self.output:
            self.output.finish(summary)
        return summary

    def _tips(self) -> Row:
        """Values known of an instant whose potential has not been found."""
        tips = self.measures.tips()
        return {TIP.name: float(tips.max()), **TIP_IN.row(self.measures.names, tips)}


def _new_ledger(model: Model, start: Floats) -> Ledger:
    foil, least = (d * model.spaces.area * F / V_m for d in (model.case.anode.foil_thickness, SEEN))
    return Ledger(foil, least, float(start.sum()))


def _new_landmarks(model: Model, free: float) -> Landmarks:
    """`free` is the volume that lithium can still take, m³."""
    paths = model.cracks.paths
    rise = 2 * paths.half_width if paths else model.case.phase_field.lam
    return Landmarks(rise, F / V_m / model.spaces.area * free)
