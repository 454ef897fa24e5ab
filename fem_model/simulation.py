"""A run, put together: mesh, model, stepper, recorder, and the loop over time. No physics here."""

import fem_model._dolfinx_first  # noqa: F401

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mpi4py import MPI

from fem_model.case import WIDTH_10_90, Case, case_to_toml
from fem_model.errors import SolverError
from fem_model.log import Stages, logger
from fem_model.mesh.domain import Domain, build_domain
from fem_model.mesh.parallel import require_everywhere
from fem_model.physics.model import DendriteModel, Extras
from fem_model.protocol.schedule import Schedule
from fem_model.record.checkpoint import State, load, save
from fem_model.record.recorder import Clock, Recorder
from fem_model.solve.ladder import StepLadder
from fem_model.solve.release import release, watch
from fem_model.solve.stepper import Stepper

SMALLEST_STEP = 1e-9
"""As a share of the simulated time; a run that needs a smaller step has failed."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: "finished", "short_circuit", "stopped" or "failed", and the sentence that says why."""

    status: str
    reason: str


def never() -> str | None:
    """The interruption that does not come."""
    return None


class Simulation:
    """One case on one communicator, with its results in `folder` (none written without one).

    `domain` replaces the mesh of the case, and `extras` adds to its equations. With `resume` it goes on from
    the newest checkpoint in the folder, or starts anew (and says so in the log) where there is none.
    """

    def __init__(
        self,
        case: Case,
        comm: MPI.Comm,
        folder: Path | None = None,
        *,
        domain: Domain | None = None,
        extras: Extras | None = None,
        resume: bool = False,
    ) -> None:
        self.case, self.comm, self.folder, self.clock = case, comm, folder, Clock()
        self.stages = Stages()
        release(comm)
        with self.stages("mesh"):
            self.domain = domain or build_domain(case, comm, folder)
        watch(self, self.domain.mesh.comm)
        with self.stages("forms"):
            self.model = DendriteModel(self.domain, case, extras)
            self.stepper = Stepper(self.model, self.stages)
            spaces = self.model.V, self.model.cells
            state = load(folder, *spaces, case_to_toml(case)) if folder and resume else None
            stages = case.drive.stages()
            self.schedule = Schedule(stages, self.model.area, case.counter.series_resistance)
            resumed = state is not None
            self.recorder = Recorder(self.model, self.stepper, self.schedule, self.stages, folder, resumed)
        self.ladder = StepLadder(SMALLEST_STEP * case.time.end, case.time.step)
        self.outputs = [0.0, *case.time.output_times()]
        self._saved, self._solved = time.monotonic(), False
        if state:
            self._restore(state)

    def run(self, interrupted: Callable[[], str | None] = never) -> dict[str, Any]:
        """Go on until the end, a short circuit or a failure, and return what summary.json holds.

        `interrupted` is asked before each step for a reason to stop, the same on all ranks.
        """
        outcome = None
        with self.stages("other"):
            while outcome is None:
                outcome = self._pause(interrupted) or self.instant() or self.step()
            if self._solved:
                self.recorder.save_fields(self.clock.t)
        logger.info("%s: %s", outcome.status, outcome.reason)
        return self.recorder.finish(self.clock, outcome.status, outcome.reason)

    def instant(self) -> Outcome | None:
        """Solve for the potential now and record it; the outcome if this is where the run ends.

        Where a stage of the protocol ends the next one begins: the instant has a row for each.
        """
        try:
            while self._observe():
                if outcome := self._end():
                    return outcome
                if not self.schedule.advance(self.clock.t, self.recorder.ledger.passed):
                    return Outcome("finished", f"the protocol ended after {self.clock.t:g} s")
                self.stepper.forget()
                self.clock.dt = 0.0
            return self._end()
        except SolverError as error:
            require_everywhere(self.comm, error, "instant")
            empty = "" if self.recorder.ledger.foil_left else "; the foil has no lithium left to give"
            return Outcome("failed", f"t = {self.clock.t:g} s: {error.reason}{empty}")

    def _observe(self) -> bool:
        """Solve for the potential, record the instant, and tell whether the stage is over."""
        self.stepper.settle(self.schedule.drive)
        self._solved = True
        row, t = self.recorder.record(self.clock), self.clock.t
        over = self.schedule.watch(t, self.recorder.ledger.passed, row["voltage_V"], row["tip_m"])
        if t in self.outputs or (over and len(self.schedule.stages) > 1):
            self.recorder.save_fields(t)
        return over

    def _end(self) -> Outcome | None:
        """The outcome if lithium has come through, or the time has."""
        t, gap = self.clock.t, self.domain.depth - self.recorder.rows[-1]["tip_m"]
        if gap <= WIDTH_10_90 * self.case.phase_field.lam:
            text = f"lithium came within {gap * 1e6:.3g} µm of the counter electrode"
            return Outcome("short_circuit", text)
        return Outcome("finished", f"reached the end time, {t:g} s") if t >= self.case.time.end else None

    def step(self) -> Outcome | None:
        """One accepted step, by as many smaller ones as it takes; the outcome if none succeeds."""
        clock = self.clock
        target = min(t for t in [*self.outputs, self.case.time.end, self.schedule.end] if t > clock.t)
        while True:
            remaining = min(target - clock.t, self._until_full())
            dt = self.ladder.propose(self.stepper.limit(self.recorder.ledger.foil_left), remaining)
            try:
                charges = self.stepper.advance(dt)
            except SolverError as error:
                require_everywhere(self.comm, error, "step")
                clock.rejected += 1
                logger.info("t = %g s: step of %g s rejected: %s", clock.t, dt, error.reason)
                if not self.ladder.reject():
                    return Outcome("failed", f"t = {clock.t:g} s: no step is small enough: {error.reason}")
                continue
            self.recorder.book(charges)
            self._solved = False
            clock.t = target if dt == target - clock.t else clock.t + dt
            clock.dt, clock.step = dt, clock.step + 1
            return None

    def _until_full(self) -> float:
        """Step after which the capacity of the stage is reached at the current of this instant, s."""
        return self.schedule.longest_step(self.stepper.passed_current(), self.recorder.ledger.passed)

    def _pause(self, interrupted: Callable[[], str | None]) -> Outcome | None:
        """Between a step and the next instant: save a checkpoint if it is time to or if the run must stop."""
        reason = interrupted()
        due = self.comm.bcast(time.monotonic() - self._saved > self.case.output.checkpoint)
        if self.folder and (reason or due):
            with self.stages("output"):
                self._save(self.folder)
        return Outcome("stopped", f"{reason}; --resume goes on from here") if reason else None

    def _save(self, folder: Path) -> None:
        numbers, fields, cells = self.stepper.state()
        everything = {
            "case": case_to_toml(self.case),
            "clock": asdict(self.clock),
            "rung": self.ladder.rung,
            "stepper": numbers,
            "recorder": self.recorder.state(),
            "schedule": self.schedule.state(),
            "seconds": dict(self.stages.seconds),
        }
        spaces = self.model.V, self.model.cells
        save(folder, State(everything, fields, cells), *spaces, self.clock.step)
        self._saved = time.monotonic()

    def _restore(self, state: State) -> None:
        self.clock = Clock(**state.numbers["clock"])
        self.ladder.rung = state.numbers["rung"]
        self.schedule.restore(state.numbers["schedule"])
        self.stages.add(state.numbers["seconds"])
        self.recorder.reopen(state.numbers["recorder"], self.clock)
        self.stepper.restore(state.numbers["stepper"], state.fields, state.cells)
        logger.info("resumed at t = %g s, step %d", self.clock.t, self.clock.step)
