"""State of the members of a sweep, from what lies in its folder."""

from dataclasses import dataclass
from pathlib import Path

from fem_model.base.atomic import require_no_link
from fem_model.base.errors import InputError
from fem_model.base.outcome import COMPLETE
from fem_model.case import Case
from fem_model.case.extension import is_complete
from fem_model.readers.files import table_of, text_of
from fem_model.record.observables.time import TIME
from fem_model.study.process import is_running
from fem_model.sweep.plan import Member

MEMBERS = "members"
"""Folder of the members in that of a sweep."""
WAITING, RUNNING, INTERRUPTED = "waiting", "running", "interrupted"
"""States of members that have not ended by themselves; those that have are in the state of their run."""


@dataclass(frozen=True)
class State:
    """State of a member, and its reason or how far it has come."""

    status: str
    reason: str = ""

    @property
    def is_complete(self) -> bool:
        """True if nothing is left to do."""
        return self.status in COMPLETE


@dataclass(frozen=True)
class Place:
    """Files of a member in the folder of its sweep."""

    folder: Path
    recipe: Path
    log: Path


def place_of(sweep: Path, member: Member) -> Place:
    """Files of a member. InputError if its folder is a link."""
    home = sweep / MEMBERS
    require_no_link(home)
    require_no_link(home / member.name)
    return Place(home / member.name, home / f"{member.name}.toml", home / f"{member.name}.log")


def state_of(sweep: Path, member: Member) -> State:
    """State of a member. InputError if its folder holds a run of another case."""
    place = place_of(sweep, member)
    if is_running(place.log):
        return State(RUNNING, _progress(place.folder, member.case))
    complete = is_complete(place.folder, member.case)
    try:
        summary = table_of(place.folder / "summary.json")
    except InputError:
        return _without_summary(place, member.case)
    status = str(summary.get("status"))
    if status in COMPLETE and not complete:  # the case has become a longer one
        return State(INTERRUPTED, _progress(place.folder, member.case))
    return State(status, str(summary.get("reason")))


def _without_summary(place: Place, case: Case) -> State:
    if reason := failure_in(place.log):
        return State("failed", reason)
    progress = _progress(place.folder, case)
    return State(INTERRUPTED, progress) if progress or place.log.exists() else State(WAITING)


def failure_in(log: Path) -> str:
    """The message with which a run refused its input or was ended from outside; empty if there is none."""
    try:
        last = text_of(log).rstrip("\n").rpartition("\n")[2]
    except InputError:
        return ""
    message = last.removeprefix("fem-model: ")
    return "" if message == last or message.startswith("stopped by") else message


def _progress(folder: Path, case: Case) -> str:
    """Share of the simulated time that a run has come through; empty if it has no steps yet."""
    try:
        head, *_, last, _ = text_of(folder / "series.csv").split("\n")  # what follows is not finished
        row = dict(zip(head.split(","), last.split(","), strict=True))
        return f"{float(row[TIME.name]) / case.time.end:.0%}"
    except (InputError, ValueError, KeyError):
        return ""
