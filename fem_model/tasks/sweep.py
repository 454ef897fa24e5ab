"""`fem-model sweep`: many runs of a case that differ in some keys, on one machine or through Slurm."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Column, Table

from fem_model.base.atomic import make_folder, make_own_folder
from fem_model.base.errors import InputError
from fem_model.base.machine import machine_memory
from fem_model.base.outcome import EXIT_CODES
from fem_model.base.terminal import PIPE_WIDTH, terminal
from fem_model.base.units import readable
from fem_model.record.pace import pace
from fem_model.study.process import MOST_RANKS, Children, launcher
from fem_model.sweep.cost import cost_of
from fem_model.sweep.plan import Member, Plan, load_plan
from fem_model.sweep.queue import Job, Queue
from fem_model.sweep.slurm import require_not_queued, submit, write_script
from fem_model.sweep.status import INTERRUPTED, MEMBERS, RUNNING, WAITING, State, state_of

SHARE_OF_MEMORY = 0.8
"""Share of the memory of this machine that members may take together."""

COSTS = ("unknowns", "ranks", "steps", "core time", "memory", "disk")


@dataclass(frozen=True)
class Room:
    """Cores and memory (bytes) that the members may take together."""

    cores: int
    memory: float

    @classmethod
    def of_this_machine(cls, cores: int | None, memory: float | None) -> "Room":
        """Room as asked for; else all cores that this process may use, and most of the memory."""
        return cls(cores or len(os.sched_getaffinity(0)), memory or SHARE_OF_MEMORY * machine_memory())

    def require_place(self, jobs: Sequence[Job]) -> None:
        """InputError if a job alone needs more."""
        for job in jobs:
            ranks, memory = job.cost.ranks, job.cost.memory
            if ranks > self.cores:
                raise InputError(
                    f"{job.member.name} has {ranks} ranks; there are {self.cores} cores (--cores)"
                )
            if memory > self.memory:
                needs = f"{job.member.name} needs {memory / 1e9:.2g} GB"
                raise InputError(f"{needs}; there are {self.memory / 1e9:.2g} GB (--memory)")


@dataclass(frozen=True)
class Sweep:
    """A plan and the folder for its members."""

    plan: Plan
    folder: Path

    @classmethod
    def load(cls, path: Path, out: Path | None) -> "Sweep":
        """A sweep with its folder, by default out/NAME beside the file. InputError if the file is wrong."""
        return cls(load_plan(path), out or path.parent / "out" / path.stem)

    def job(self, member: Member, most: int) -> Job:
        """A member with its estimated cost; unless the file gives its ranks, these are `most` at most."""
        return Job(member, cost_of(member.case, self.plan.file.ranks, most))

    def states(self) -> list[State]:
        """States of all members in their order. InputError if a folder holds a run of another case."""
        return [state_of(self.folder, member) for member in self.plan.members]

    def left(self, most: int) -> tuple[list[Job], list[Job]]:
        """Members that have not come to their end: those that nobody runs, and those that another call runs.

        InputError also if they have ranks and there is no MPI.
        """
        pairs = zip(self.plan.members, self.states(), strict=True)
        jobs = [(self.job(member, most), state) for member, state in pairs if not state.is_complete]
        launcher(max((job.cost.ranks for job, _ in jobs), default=1))
        free = [job for job, state in jobs if state.status != RUNNING]
        return free, [job for job, state in jobs if state.status == RUNNING]

    def make_folders(self) -> None:
        """Make the folders of the sweep and of its members. InputError if they cannot be made."""
        make_folder(self.folder)
        make_own_folder(self.folder / MEMBERS)


def dry_run(sweep: Sweep, room: Room) -> None:
    """Print the members with their values and what they cost, and what all of them cost together."""
    jobs = [sweep.job(member, room.cores) for member in sweep.plan.members]
    names = ["member", *sweep.plan.values(jobs[0].member), *COSTS]
    table = Table(*(Column(name, overflow="fold") for name in names))
    for job in jobs:
        cost = job.cost
        time = " to ".join(readable(seconds, "s", 2) for seconds in cost.core_seconds)
        sizes = f"{cost.memory / 1e9:.2g} GB", f"{cost.disk / 1e6:.2g} MB"
        counts = str(cost.unknowns), str(cost.ranks), f"{cost.steps[0]} to {cost.steps[1]}"
        table.add_row(job.member.name, *sweep.plan.values(job.member).values(), *counts, time, *sizes)
    terminal(PIPE_WIDTH).print(table)
    for line in totals(jobs, room):
        print(line)
    room.require_place(jobs)


def totals(jobs: Sequence[Job], room: Room) -> list[str]:
    """Cost of all jobs together in sentences."""
    least, most = (sum(job.cost.core_seconds[k] for job in jobs) for k in (0, 1))
    wall = [sum(job.cost.wall[k] for job in jobs) for k in (0, 1)]
    measured = all(pace(job.member.case.microstructure.dim).is_measured for job in jobs)
    ranks = max((job.cost.ranks for job in jobs), default=1)
    memory = max((job.cost.memory for job in jobs), default=1)
    beside = max(min(room.cores // ranks, int(room.memory // memory), len(jobs)), 1)
    time = " to ".join(readable(seconds / beside, "s", 2) for seconds in wall)
    source = "as measured here" if measured else "a guess"
    hours = f"{least / 3600:.2g} to {most / 3600:.2g} core-hours"
    return [
        f"{len(jobs)} members: {hours}, {source}",
        f"{beside} side by side on {room.cores} core(s): {time}",
        f"disk: {sum(job.cost.disk for job in jobs) / 1e9:.2g} GB",
    ]


def run_sweep(sweep: Sweep, room: Room, *, pdf: bool = False) -> int:
    """Run what is missing or has failed, write the results, and return the exit code."""
    jobs, others = sweep.left(room.cores)
    room.require_place(jobs)
    sweep.make_folders()
    there = f"; another call runs {len(others)}, for which this one waits" if others else ""
    print(f"{len(sweep.plan.members)} members, {len(jobs)} of them to run{there}")
    with Children() as children:
        Queue(sweep.folder, room.cores, room.memory, children, tell).run([*others, *jobs])
        conclude(sweep, pdf=pdf)
        left = [state.status for state in sweep.states() if not state.is_complete]
    if left:
        print(f"{len(left)} members are left; the same command goes on with them")
    if {*left} & {"stopped", INTERRUPTED, WAITING, RUNNING}:
        return EXIT_CODES["stopped"]
    return EXIT_CODES["failed"] if left else 0


def to_slurm(sweep: Sweep) -> None:
    """Write a job array of what is missing or has failed, and submit it where that can be."""
    require_not_queued(sweep.folder)
    jobs, others = sweep.left(MOST_RANKS)
    if others:
        print(f"another call runs {len(others)} of the members, which are left out")
    if not jobs:
        print(f"all {'others' if others else 'members'} are complete; nothing to submit")
        return
    sweep.make_folders()
    script = write_script(sweep.folder, sweep.plan.path.stem, jobs)
    print(f"written {script}, {len(jobs)} task(s)")
    job = submit(sweep.folder)
    print(f"submitted as job {job}" if job else f"there is no sbatch here; where it is: sbatch {script}")


def tell(member: Member, state: State) -> None:
    """Print how a member stands."""
    text = f"{member.name}: {state.status.replace('_', ' ')}"
    terminal().print(f"{text}, {state.reason}" if state.reason else text, soft_wrap=True)


def show_status(sweep: Sweep) -> None:
    """Print how each member stands, and how many stand alike."""
    states = sweep.states()
    for member, state in zip(sweep.plan.members, states, strict=True):
        tell(member, state)
    print(", ".join(f"{count} {status}" for status, count in Counter(s.status for s in states).items()))


def conclude(sweep: Sweep, *, pdf: bool = False) -> None:
    """Write tables and figures of the members that are complete, and report what was written, and of whom."""
    from fem_model.sweep.report import Report
    from fem_model.sweep.results import results_of

    report = Report(sweep.plan, results_of(sweep.plan, sweep.folder, sweep.states()))
    for path in report.save(sweep.folder, pdf=pdf):
        print(f"written {path}")
    for sentence in report.missing():
        print(sentence)
