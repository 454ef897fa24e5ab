"""Kills by number, which is the seed of the generator that draws them: each can be repeated alone."""

import csv
import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.faults.processes import PATIENCE, descendants, end, start, wait_for, words
from tests.fem.cases import NUCLEUS, toml

PHASES = ("start", "mesh", "compilation", "step", "checkpoint", "output", "take-over")
"""Parts of a run in which it is killed, in turn."""
SWEEP, EVERY = "sweep", 10
"""Phase of kills of a sweep, which are every tenth, on one core: of the queue, or of all that runs."""
RANKS = (1, 2)
SETTINGS = {
    "time": {"end": "3 min", "outputs": 3, "front_step": 0.05},
    "output": {"checkpoint_steps": 1, "figures": False},
}
MEMBERS = """case = "case.toml"
[axes.rate.zip]
"drive.current" = ["1 mA/cm^2", "2 mA/cm^2", "3 mA/cm^2"]
"time.end" = ["15 min", "1 min", "1 min"]
"""
"""Sweep whose first member still runs when a second call has started."""
EFFORT = {"newton_iterations", "linear_iterations", "faraday_error", "rejected"}
"""Columns on what a run took, and one of round-off."""
MODULES = 3
"""Compiled equations that are missing for a kill during compilation."""


@dataclass(frozen=True)
class Kill:
    """A run that is killed once, or a second time as it goes on."""

    number: int
    phase: str
    ranks: int
    delay: float
    """Seconds from the beginning of the phase to the kill."""
    one: bool
    """True if only the last rank is killed, as by a system without memory, or only the queue of a sweep."""


def drawn(number: int) -> Kill:
    """The kill of this number."""
    rng = np.random.default_rng(number)
    is_sweep = number % EVERY == EVERY - 1
    phase = SWEEP if is_sweep else PHASES[number % len(PHASES)]
    longest = {SWEEP: 6.0, "start": 2.5, "take-over": 2.5, "step": 0.3}.get(phase, 0.05)
    ranks = 1 if is_sweep else RANKS[number // len(PHASES) % len(RANKS)]
    return Kill(number, phase, ranks, rng.uniform(0, longest), bool(rng.integers(2)))


class Place:
    """A folder with a case, the caches that runs start from, and runs without a break."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.case = folder / "case.toml"
        self.late = 0
        """Kills that came after the end of the run."""
        folder.mkdir(parents=True, exist_ok=True)
        self.case.write_text(toml(NUCLEUS, SETTINGS))

    def run_whole(self) -> None:
        """Run without a break on all numbers of ranks and as a sweep, which fills the caches."""
        for n in RANKS:
            process = self.start(n, self.folder / "caches", self.whole(n))
            assert process.wait(300) == 0, f"the run without a break on {n} rank(s) failed"
        process = self.start_sweep(self.folder / "caches", self.folder / "wholes")
        assert process.wait(300) == 0, "the sweep without a break failed"

    def whole(self, ranks: int) -> Path:
        """Folder of the run without a break."""
        return self.folder / f"whole{ranks}"

    def start(self, ranks: int, caches: Path, out: Path, *more: str) -> "subprocess.Popen[bytes]":
        """Start the run, with all that it prints in a file beside its folder."""
        words = ["run", str(self.case), "--out", str(out), *more]
        return start(ranks, words, caches, out.with_suffix(".txt"))

    def start_sweep(self, caches: Path, out: Path) -> "subprocess.Popen[bytes]":
        """Start the sweep, one member after the other."""
        file = self.case.with_name("sweep.toml")
        file.write_text(MEMBERS)
        words = ["sweep", str(file), "--out", str(out), "--cores", "1"]
        return start(1, words, caches, out.with_suffix(".txt"))

    def suffer(self, kill: Kill) -> str | None:
        """Run, kill, go on to the end; why that is not as without a break, if it is not."""
        own = self.folder / f"kill{kill.number}"
        shutil.copytree(self.folder / "caches", own / "caches")
        fault = self._suffer_as_sweep(kill, own) if kill.phase == SWEEP else self._suffer(kill, own)
        if not fault:
            shutil.rmtree(own)
        return fault

    def _suffer(self, kill: Kill, own: Path) -> str | None:
        caches, out = own / "caches", own / "out"
        _prepare(kill, caches)
        ended = self._kill(kill, "start" if kill.phase == "take-over" else kill.phase, own)
        if kill.phase == "take-over" and not ended:
            ended = self._kill(kill, kill.phase, own, "--resume")
        self.late += ended
        code = self.start(kill.ranks, caches, out, "--resume").wait(PATIENCE)
        if code != 0:
            return _told(code, out)
        return differing(out, self.whole(kill.ranks))

    def _suffer_as_sweep(self, kill: Kill, own: Path) -> str | None:
        caches, out = own / "caches", own / "out"
        queue = self.start_sweep(caches, out)
        _await(kill.phase, own, queue)
        time.sleep(kill.delay)
        self.late += queue.poll() is not None
        victims = [queue.pid] if kill.one else sorted(descendants(queue.pid))
        for pid in victims:
            end(pid)
        queue.wait(PATIENCE)
        for pid in victims:
            wait_for(pid)
        before = _complete(out)
        if code := self.start_sweep(caches, out).wait(2 * PATIENCE):
            return _told(code, out)
        after, whole = _complete(out), self.folder / "wholes"
        if set(after) != set(_complete(whole)) or {name: after[name] for name in before} != before:
            return f"complete at {after}, before the second call at {before}"
        faults = (_fault_of(out / "members" / name, whole / "members" / name) for name in after)
        return next((fault for fault in faults if fault), None)

    def _kill(self, kill: Kill, phase: str, own: Path, *more: str) -> bool:
        """Start the run and kill it in a phase; True if it had ended before."""
        process = self.start(kill.ranks, own / "caches", own / "out", *more)
        _await(phase, own, process)
        time.sleep(kill.delay if phase != "start" or kill.phase == "start" else 2.5 + kill.delay)
        victims = sorted(descendants(process.pid))
        ranks = [pid for pid in victims if b"hydra" not in words(pid)]
        for pid in ranks[-1:] if kill.one else victims:
            end(pid)
        code = process.wait(PATIENCE)
        for pid in victims:
            wait_for(pid)
        return code == 0


def _told(code: int, out: Path) -> str:
    """An exit code with the last lines that were printed."""
    said = out.with_suffix(".txt").read_text(errors="replace").splitlines()
    return f"exit code {code}: {' | '.join(said[-3:])}"


def _complete(sweep: Path) -> dict[str, int]:
    """Members of a sweep that are complete, with the time of their summary."""
    summaries = sweep.glob("members/*/summary.json")
    return {
        path.parent.name: path.stat().st_mtime_ns
        for path in summaries
        if json.loads(path.read_text())["status"] == "finished"
    }


def _fault_of(member: Path, whole: Path) -> str | None:
    """Fault of a member, which is to come to its end once, and as without a break."""
    ends = (member / "run.log").read_text().count("finished: ")
    if ends != 1 or "nothing to do" in member.with_name(f"{member.name}.log").read_text():
        return f"{member}: {ends} end(s), and maybe started once more"
    return differing(member, whole)


def _prepare(kill: Kill, caches: Path) -> None:
    """Take away what the run is to make when it is killed."""
    if kill.phase == "mesh":
        shutil.rmtree(caches / "meshes")
    if kill.phase == "compilation":
        modules = sorted((caches / "fem-model").glob("*.so"))
        for module in np.random.default_rng(kill.number).choice(modules, MODULES, replace=False):
            for path in module.parent.glob(f"{module.name.partition('.')[0]}.*"):
                path.unlink()


def _await(phase: str, own: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a process is in this phase, or has ended."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and not _has_begun(phase, own) and time.monotonic() < until:
        time.sleep(0.002)


def _has_begun(phase: str, own: Path) -> bool:
    """True once a run is in this phase."""
    out, caches = own / "out", own / "caches"
    match phase:
        case "sweep":
            return any(out.glob("members/*.log"))
        case "mesh":
            return any((caches / "meshes").glob(".*.msh"))
        case "compilation":
            return any(not path.with_suffix(".c.cached").exists() for path in caches.glob("fem-model/*.c"))
        case "step":
            return (out / "series.csv").exists() and (out / "series.csv").stat().st_size > 0
        case "checkpoint":
            return (out / "checkpoint" / ".step.part").exists() and any(out.glob("checkpoint/step-*"))
        case "output":
            return (out / "fields.part").exists()
    return True


def differing(out: Path, whole: Path) -> str | None:
    """What was left behind, or the column that differs from that of a run without a break.

    That is by more than 1e-9 of its largest value.
    """
    suffixes = ".part", ".old"
    if left := [path for path in out.rglob("*") if path.suffix in suffixes or path.name == ".lock"]:
        return f"left behind: {left}"
    one, other = (list(csv.DictReader((folder / "series.csv").open())) for folder in (out, whole))
    if len(one) != len(other) or list(one[0]) != list(other[0]):
        return f"{len(one)} rows instead of {len(other)}"
    for name in other[0]:
        a, b = (np.array([float(row[name]) for row in rows]) for rows in (one, other))
        if name not in EFFORT and not abs(a - b).max() <= 1e-9 * abs(b).max():
            return f"{name} differs by {abs(a - b).max():.2g} of {abs(b).max():.2g}"
    return None
