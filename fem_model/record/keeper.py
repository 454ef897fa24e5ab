"""Keeps the checkpoints of a run in its folder, and continues from one of them."""

import fem_model._dolfinx_first  # noqa: F401

import time
from dataclasses import asdict
from pathlib import Path

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.base.log import Stages, logger
from fem_model.case import case_to_toml
from fem_model.engine.clock import Clock
from fem_model.engine.march import March
from fem_model.engine.model import Model
from fem_model.processes.state import Field, Kept, Place, State
from fem_model.protocol.schedule import Schedule
from fem_model.record.checkpoint import Spaces, save, state_of
from fem_model.record.checkpoint import State as Stored
from fem_model.record.checkpoint_files import Saved, made, understood
from fem_model.record.recorder import Recorder
from fem_model.record.run_folder import Written


class Keeper:
    """Saves a run in its folder, and puts one that has just been made to where it was saved.

    The mesh may change in between: a checkpoint holds that of its instant. Every method is collective.
    """

    def __init__(
        self, folder: Path, march: March, recorder: Recorder, schedule: Schedule, stages: Stages
    ) -> None:
        self.folder, self.march, self.recorder = folder, march, recorder
        self.schedule, self.stages = schedule, stages
        self._last = time.monotonic(), 0
        """Time, s, and step of the last checkpoint."""

    @property
    def model(self) -> Model:
        """The equations of the run, on its mesh now."""
        return self.march.engine.model

    def begin(self, saved: Saved | None, *, of_this_process: bool) -> None:
        """Open the folder of a run that starts, or take it up as `saved`. Errors: see `go_on_from`."""
        case = self.model.case
        if saved:
            self.go_on_from(saved, of_this_process=of_this_process)
        else:
            with self.stages("output"):
                self.recorder.open(self.folder)
        if case.solver.reproducible and not of_this_process:
            steps = case.output.checkpoint_steps
            logger.info("reproducible: the solvers begin anew from each checkpoint, every %d steps", steps)

    def is_due(self) -> bool:
        """True if the last checkpoint is older than the case wants, by time or by steps."""
        case, (then, step) = self.model.case, self._last
        wanted = case.output
        steps = wanted.checkpoint_steps and self.march.clock.step - step >= wanted.checkpoint_steps
        old = time.monotonic() - then > wanted.checkpoint and not case.solver.reproducible
        return bool(steps or self.model.spaces.comm.bcast(old))

    def save(self, is_last: bool = False) -> None:
        """Write a checkpoint of this instant, and drop all but those that are kept; the last stays alone."""
        with self.stages("output"):
            mark = self.march.now()
            numbers = {
                "case": case_to_toml(self.model.case),
                "clock": asdict(mark.clock),
                "rung": self.march.ladder.rung,
                "engine": mark.state.numbers,
                "fields": {f.name: (f.place.name, f.kept.name, f.face) for f in mark.state.fields.values()},
                "recorder": self.recorder.state(),
                "written": asdict(self.recorder.written()),
                "schedule": self.schedule.state(),
                "seconds": dict(self.stages.seconds),
            }
            stored = Stored(numbers, *(_at(mark.state, place) for place in (Place.NODES, Place.CELLS)))
            kept = 1 if is_last else self.model.case.output.checkpoints
            save(self.folder, stored, self.model.domain, _spaces(self.model), mark.clock.step, kept)
            self._last = time.monotonic(), mark.clock.step

    def go_on_from(self, saved: Saved, *, of_this_process: bool) -> None:
        """Take the run up where a checkpoint has it, with the files of its folder.

        Time spent before is added, unless it was spent in this process.
        InputError if the checkpoint is of another mesh, or beyond the end of the case.
        """
        stored, end = state_of(saved, _spaces(self.model)), self.model.case.time.end
        with understood(saved):
            clock = made(Clock, stored.numbers["clock"])
            if clock.t > end:
                raise InputError(f"time.end = {end:g} s: the run has already reached {clock.t:g} s")
            self.march.clock, self.march.ladder.rung = clock, stored.numbers["rung"]
            self.schedule.restore(stored.numbers["schedule"])
            seconds = stored.numbers["seconds"]
            self.recorder.restore(stored.numbers["recorder"])
            self.march.engine.restore(State(_fields_in(stored), stored.numbers["engine"]))
            written = made(Written, stored.numbers["written"])
        self._last = time.monotonic(), clock.step
        left_out = [f"{fault}; the run goes on from {saved.folder.name}" for fault in saved.newer]
        self.recorder.reopen(self.folder, clock, written, left_out)
        if not of_this_process:
            self.stages.add(seconds)
            logger.info("resumed at t = %g s, step %d", clock.t, clock.step)


def _spaces(model: Model) -> Spaces:
    return Spaces(model.spaces.V, model.spaces.cells)


def _fields_in(stored: Stored) -> dict[str, Field]:
    """The fields of a checkpoint, by name."""
    values = {**stored.fields, **stored.cells}
    told = stored.numbers["fields"].items()
    return {n: Field(n, values[n], Place[place], Kept[kept], face) for n, (place, kept, face) in told}


def _at(state: State, place: Place) -> dict[str, Floats]:
    """The values of the fields at a place, by name."""
    return {name: field.values for name, field in state.fields.items() if field.place is place}
