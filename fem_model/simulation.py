"""A run, put together: mesh, engine, recorder, and the loop over time. No physics here."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mpi4py import MPI

from fem_model.base.arguments import path_of, require
from fem_model.base.errors import InputError, OutputError, SolverError
from fem_model.base.log import Stages, logger
from fem_model.base.outcome import COMPLETE, Outcome
from fem_model.case import Case, case_to_toml
from fem_model.case.case import require_case
from fem_model.engine.clock import Clock
from fem_model.engine.engine import Engine
from fem_model.engine.march import March
from fem_model.engine.model import Model
from fem_model.mesh.domain import Domain, build_domain
from fem_model.mesh.parallel import on_root, require_everywhere
from fem_model.numerics.ladder import StepLadder
from fem_model.numerics.release import release, watch
from fem_model.processes.extras import Extras
from fem_model.protocol import ending
from fem_model.protocol.schedule import Reading, Schedule
from fem_model.record.checkpoint import domain_of, find
from fem_model.record.checkpoint_files import Saved
from fem_model.record.folder_lock import FolderLock
from fem_model.record.keeper import Keeper
from fem_model.record.observables.tips import TIP
from fem_model.record.observables.voltage import VOLTAGE
from fem_model.record.recorder import Recorder
from fem_model.record.run_folder import require_no_results

SMALLEST_STEP = 1e-9
"""Smallest step as a share of the simulated time; a run that needs a smaller step has failed."""


def never() -> str | None:
    """The interruption that does not come."""
    return None


def require_ranks(comm: MPI.Comm) -> None:
    """InputError unless this process belongs to a communicator."""
    require(comm, MPI.Comm, "comm", "a communicator of mpi4py, such as MPI.COMM_WORLD")
    if comm == MPI.COMM_NULL:
        raise InputError("comm is MPI.COMM_NULL: this process is not among the ranks of the run")


class Simulation:
    """One case on one communicator, with its results in `folder` (none written without one).

    `comm` holds the ranks that share the work; a program that runs cases side by side gives each its own.
    `domain` replaces the mesh of the case, `extras` adds to its equations. With `resume` it continues from
    the newest checkpoint in the folder, on the mesh that is in it, or starts anew where there is none. A
    folder that holds the results of a run is an InputError without `resume`, or `force`, which replaces them,
    and so is one that another run writes to.
    """

    def __init__(
        self,
        case: Case,
        comm: MPI.Comm,
        folder: str | Path | None = None,
        *,
        domain: Domain | None = None,
        extras: Extras | None = None,
        resume: bool = False,
        force: bool = False,
    ) -> None:
        require_case(case)
        require_ranks(comm)
        folder = path_of(folder, "folder") if folder else None
        if folder and not (resume or force):
            require_no_results(folder, comm)
        self.case, self.comm, self.folder, self.extras = case, comm, folder, extras
        self.stages = Stages()
        release(comm)
        self._lock = on_root(comm, lambda: FolderLock(folder)) if folder else None
        try:
            saved = find(folder, case_to_toml(case), comm) if folder and resume else None
            self._put_together(domain, saved)
        except BaseException:
            self._unlock()
            raise

    def _put_together(self, domain: Domain | None, saved: Saved | None, *, again: bool = False) -> None:
        """Mesh, engine, recorder and files, at the start or as `saved`; `again` if by this very process."""
        case, comm, folder = self.case, self.comm, self.folder
        with self.stages("mesh"):
            domain = domain or (domain_of(saved, comm) if saved else build_domain(case, comm, folder))
        watch(domain, domain.mesh.comm)
        with self.stages("forms"):
            engine = Engine(domain, case, self.extras, self.stages)
            stages, area = case.drive.stages(), engine.model.spaces.area
            self.schedule = Schedule(stages, area, case.counter.series_resistance)
            self.recorder = Recorder(engine, self.schedule, self.stages)
        ladder = StepLadder(SMALLEST_STEP * case.time.end, case.time.step)
        ledger = self.recorder.ledger
        self.march = March(engine, ledger, ladder, lambda: self.schedule.drive, self._overrun)
        self.outputs, self._solved = [0.0, *case.time.output_times()], False
        self.keeper: Keeper | None = None
        if folder:
            self.keeper = Keeper(folder, self.march, self.recorder, self.schedule, self.stages)
            self.keeper.begin(saved, of_this_process=again)

    @property
    def engine(self) -> Engine:
        """The case at this instant, on its mesh now."""
        return self.march.engine

    @property
    def model(self) -> Model:
        """The equations of the case on its domain."""
        return self.engine.model

    @property
    def domain(self) -> Domain:
        """The mesh now."""
        return self.model.domain

    @property
    def clock(self) -> Clock:
        """Time, last step, and counts."""
        return self.march.clock

    def run(self, interrupted: Callable[[], str | None] = never) -> dict[str, Any]:
        """Go on until the end, a short circuit or a failure, and return what summary.json holds.

        `interrupted` is asked before each step for a reason to stop, the same on all ranks.
        """
        try:
            return self._run(interrupted)
        finally:
            self._unlock()

    def _unlock(self) -> None:
        """Let another run have the folder."""
        if self._lock:
            self._lock.release()

    def _run(self, interrupted: Callable[[], str | None]) -> dict[str, Any]:
        outcome = None
        with self.stages("other"):
            while outcome is None:
                outcome = self._pause(interrupted) or self.instant() or self.step()
            if self._solved:
                self.recorder.save_fields(self.clock.t)
            if self.keeper and self.clock.step and outcome.status != "stopped":
                self.keeper.save(is_last=outcome.status in COMPLETE)
        logger.info("%s: %s", outcome.status, outcome.reason)
        return self.recorder.finish(self.clock, outcome.status, outcome.reason)

    def instant(self) -> Outcome | None:
        """Find the potential now and record it; the outcome if this is where the run ends.

        Where a stage of the protocol ends the next one begins: the instant has a row for each.
        """
        try:
            while self._observe():
                if outcome := self._end():
                    return outcome
                if not self.schedule.advance(self.clock.t, self.recorder.ledger.passed):
                    return ending.end_of_protocol(self.clock.t, self.schedule.results[-1].ended_by)
                self.march.unsettle(restart=True)
            return self._end()
        except SolverError as error:
            require_everywhere(self.comm, error, "instant")
            return ending.failure(self.case, self.clock.t, error.reason)

    def _observe(self) -> bool:
        """Record the instant, with its potential, and tell whether the stage is over."""
        self.march.settle()
        self._solved = True
        row, t, passed = self.recorder.record(self.clock), self.clock.t, self.engine.rates.passed
        strips_nothing = passed < 0 and not self.engine.foil.can_strip()
        over = self.schedule.watch(self._reading(row[VOLTAGE.name]), row[TIP.name], strips_nothing)
        if t in self.outputs or (over and len(self.schedule.stages) > 1):
            self.recorder.save_fields(t)
        return over

    def _overrun(self) -> float:
        """Distance of the instant beyond a limit of the stage or a short circuit, over what is tolerated."""
        self.recorder.look()
        voltage = self.schedule.voltage(float(self.model.metal.phi.value), self.engine.rates.passed)
        short = ending.beyond_a_short(self.case, self._gap)
        return max(short, self.schedule.overrun(self._reading(voltage)))

    def _reading(self, voltage: float) -> Reading:
        return Reading(self.clock.t, self.recorder.ledger.passed, self.engine.rates.passed, voltage)

    @property
    def _gap(self) -> float:
        """Distance of lithium from the counter electrode, m, at the instant last looked at."""
        return self.domain.depth - self.recorder.now.tip

    def _end(self) -> Outcome | None:
        """The outcome if lithium has come through, a process ends the run, or the time is over."""
        if short := ending.short_circuit(self.case, self._gap, self.recorder.landmarks.is_full):
            return short
        ends = [end for process in self.model.processes if (end := process.ending())]
        return ends[0] if ends else ending.end_of_time(self.case, self.clock.t)

    def step(self) -> Outcome | None:
        """One accepted step; the outcome if none succeeds."""
        t = self.clock.t
        target = min(time for time in [*self.outputs, self.case.time.end, self.schedule.end] if time > t)
        failure = self.march.step(target, self._until_full())
        self._solved = failure is not None
        return ending.failure(self.case, self.clock.t, failure) if failure else None

    def remesh(self, domain: Domain) -> None:
        """Go on from this instant on another domain of the same body. Errors: see `Engine.on`."""
        engine = self.engine.on(domain, self.march.now().state)
        self.recorder.attach(engine)
        self.march.go_on_with(engine)

    def _until_full(self) -> float:
        """Step after which the capacity of the stage is reached at the current of this instant, s."""
        return self.schedule.longest_step(self.engine.rates.passed, self.recorder.ledger.passed)

    def _pause(self, interrupted: Callable[[], str | None]) -> Outcome | None:
        """Between a step and the next instant: save a checkpoint if it is time to or if the run must stop."""
        reason, exactly = interrupted(), self.case.solver.reproducible
        if self.keeper and ((is_due := self.keeper.is_due()) or (reason and not exactly)):
            self.keeper.save()
            if is_due and exactly:
                self._begin_anew()
        place = "the last checkpoint" if exactly else "here"
        return Outcome("stopped", f"{reason}; --resume continues from {place}") if reason else None

    def _begin_anew(self) -> None:
        """Go on from the checkpoint just written as a run does that resumes: the solvers have no memory."""
        assert self.folder
        self.recorder.close()
        notices = self.recorder.notices
        del self.keeper, self.march, self.recorder, self.schedule  # two engines would be too many
        release(self.comm)
        saved = find(self.folder, case_to_toml(self.case), self.comm)
        if saved is None:
            raise OutputError(f"{self.folder}: the checkpoint just written is gone")
        self._put_together(None, saved, again=True)
        self.recorder.notices = [*notices, *self.recorder.notices]
