"""A queue for one machine: members of a sweep side by side, each a process of its own."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fem_model.base.atomic import write_text
from fem_model.base.errors import STOPPED, SolverError
from fem_model.base.surroundings import python_module
from fem_model.case import case_to_toml
from fem_model.study.process import Children, Ended, last_words, launcher
from fem_model.sweep.cost import Cost
from fem_model.sweep.plan import Member
from fem_model.sweep.status import RUNNING, State, failure_in, place_of, state_of

PAUSE = 0.1
"""Seconds between looks at the members."""
WAITS = "started by another call, for which this one waits"
TOLD = (0, SolverError.exit_code, STOPPED)
"""Exit codes of runs that say in their summary how they ended."""


@dataclass(frozen=True)
class Job:
    """A member with what it needs."""

    member: Member
    cost: Cost


@dataclass
class Queue:
    """Runs jobs in the folder of a sweep within `cores` and `memory` (bytes), as `children`.

    Members that another sweep has started and that still run are waited for, not started again.
    """

    sweep: Path
    cores: int
    memory: float
    children: Children
    tell: Callable[[Member, State], None]
    """Receives each member as it starts and ends."""
    running: dict[str, tuple[Job, subprocess.Popen[bytes]]] = field(default_factory=dict)
    elsewhere: dict[str, Job] = field(default_factory=dict)

    def run(self, jobs: Sequence[Job]) -> None:
        """Run all jobs to their end, or until a signal has come and the members that run have stopped."""
        waiting = list(jobs)
        while self.running or ((waiting or self.elsewhere) and not self.children.told_to_stop):
            for job in list(waiting):
                if self._fits(job) and not self.children.told_to_stop:
                    waiting.remove(job)
                    self._start(job)
            time.sleep(PAUSE)
            self._collect()
            waiting += self._come_back()

    def _fits(self, job: Job) -> bool:
        used = [job, *(other for other, _ in self.running.values()), *self.elsewhere.values()]
        return (
            sum(one.cost.ranks for one in used) <= self.cores
            and sum(one.cost.memory for one in used) <= self.memory
        )

    def _start(self, job: Job) -> None:
        member, place = job.member, place_of(self.sweep, job.member)
        state = state_of(self.sweep, member)
        if state.status == RUNNING:
            self.elsewhere[member.name] = job
            state = replace(state, reason=f"{state.reason}, {WAITS}".removeprefix(", "))
        elif not state.is_complete:  # another call may have come to its end
            write_text(place.recipe, case_to_toml(member.case))
            words = command(place.recipe, place.folder, job.cost.ranks)
            self.running[member.name] = job, self.children.start(words, place.log)
            state = state_of(self.sweep, member)
        self.tell(member, state)

    def _collect(self) -> None:
        for name, (job, process) in list(self.running.items()):
            if ended := self.children.ended(process):
                del self.running[name]
                self._note(job.member, ended)
                self.tell(job.member, state_of(self.sweep, job.member))

    def _note(self, member: Member, ended: Ended) -> None:
        """Leave in the log of a run that could not say so itself how it ended."""
        log = place_of(self.sweep, member).log
        if ended.code not in TOLD and (words := last_words(log, ended.code)) != failure_in(log):
            with log.open("a", encoding="utf-8") as file:
                file.write(f"\nfem-model: {words}\n")

    def _come_back(self) -> list[Job]:
        """Jobs that others ran and left unfinished."""
        unfinished = []
        for name, job in list(self.elsewhere.items()):
            state = state_of(self.sweep, job.member)
            if state.status == RUNNING:
                continue
            del self.elsewhere[name]
            self.tell(job.member, state)
            if not state.is_complete:
                unfinished.append(job)
        return unfinished


def command(recipe: Path, folder: Path, ranks: int) -> list[str]:
    """The command that runs a member, or goes on with it."""
    run = python_module("fem_model", "run", recipe, "--out", folder, "--resume")
    return [*launcher(ranks), *run]
