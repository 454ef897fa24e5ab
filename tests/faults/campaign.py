"""Kills by number, which is the seed of the generator that draws them: each can be repeated alone."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.conftest import launcher
from tests.fem.cases import NUCLEUS, toml

PHASES = ("start", "mesh", "compilation", "step", "checkpoint", "output", "take-over")
"""Parts of a run in which it is killed, in turn."""
RANKS = (1, 2)
SETTINGS = {
    "time": {"end": "3 min", "outputs": 3, "front_step": 0.05},
    "output": {"checkpoint_steps": 1, "figures": False},
}
EFFORT = {"newton_iterations", "linear_iterations", "faraday_error", "rejected"}
"""Columns on what a run took, and one of round-off."""
PATIENCE = 60.0
"""Seconds within which each thing happens that is waited for."""
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
    """True if only the last rank is killed, as by a system without memory."""


def drawn(number: int) -> Kill:
    """The kill of this number."""
    rng = np.random.default_rng(number)
    phase = PHASES[number % len(PHASES)]
    longest = {"start": 2.5, "take-over": 2.5, "step": 0.3}.get(phase, 0.05)
    ranks = RANKS[number // len(PHASES) % len(RANKS)]
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
        """Run without a break on all numbers of ranks, which fills the caches."""
        for n in RANKS:
            process = self.start(n, self.folder / "caches", self.whole(n))
            assert process.wait(300) == 0, f"the run without a break on {n} rank(s) failed"

    def whole(self, ranks: int) -> Path:
        """Folder of the run without a break."""
        return self.folder / f"whole{ranks}"

    def start(self, ranks: int, caches: Path, out: Path, *more: str) -> "subprocess.Popen[bytes]":
        """Start the run, with all that it prints in a file beside its folder."""
        words = ["-m", "fem_model", "run", str(self.case), "--out", str(out), *more]
        prefix = [launcher(), "-n", str(ranks)] if ranks > 1 else []
        env = os.environ | {"XDG_CACHE_HOME": str(caches), "FEM_MODEL_MESHES": str(caches / "meshes")}
        with out.with_suffix(".txt").open("ab") as log:
            return subprocess.Popen(
                [*prefix, sys.executable, *words], env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def suffer(self, kill: Kill) -> str | None:
        """Run, kill, go on to the end; why that is not as without a break, if it is not."""
        own = self.folder / f"kill{kill.number}"
        caches, out = own / "caches", own / "out"
        shutil.copytree(self.folder / "caches", caches)
        _prepare(kill, caches)
        ended = self._kill(kill, "start" if kill.phase == "take-over" else kill.phase, own)
        if kill.phase == "take-over" and not ended:
            ended = self._kill(kill, kill.phase, own, "--resume")
        self.late += ended
        code = self.start(kill.ranks, caches, out, "--resume").wait(PATIENCE)
        if code != 0:
            said = out.with_suffix(".txt").read_text(errors="replace").splitlines()
            return f"exit code {code}: {' | '.join(said[-3:])}"
        if left := [
            path for path in out.rglob("*") if path.suffix in (".part", ".old") or path.name == ".lock"
        ]:
            return f"left behind: {left}"
        difference = differing(out, self.whole(kill.ranks))
        if not difference:
            shutil.rmtree(own)
        return difference

    def _kill(self, kill: Kill, phase: str, own: Path, *more: str) -> bool:
        """Start the run and kill it in a phase; True if it had ended before."""
        process = self.start(kill.ranks, own / "caches", own / "out", *more)
        until = time.monotonic() + PATIENCE
        while process.poll() is None and not _has_begun(phase, own) and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(kill.delay if phase != "start" or kill.phase == "start" else 2.5 + kill.delay)
        victims = sorted(_descendants(process.pid))
        ranks = [pid for pid in victims if b"hydra" not in _words(pid)]
        for pid in ranks[-1:] if kill.one else victims:
            _end(pid)
        code = process.wait(PATIENCE)
        for pid in victims:
            _wait_for(pid)
        return code == 0


def _prepare(kill: Kill, caches: Path) -> None:
    """Take away what the run is to make when it is killed."""
    if kill.phase == "mesh":
        shutil.rmtree(caches / "meshes")
    if kill.phase == "compilation":
        modules = sorted((caches / "fem-model").glob("*.so"))
        for module in np.random.default_rng(kill.number).choice(modules, MODULES, replace=False):
            for path in module.parent.glob(f"{module.name.partition('.')[0]}.*"):
                path.unlink()


def _has_begun(phase: str, own: Path) -> bool:
    """True once a run is in this phase."""
    out, caches = own / "out", own / "caches"
    match phase:
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


def _descendants(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listing.read_text().split()
        except OSError:  # it has ended
            continue
        for child in children:
            yield from _descendants(int(child))


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b"hydra"  # it has ended: nothing to kill


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _wait_for(pid: int) -> None:
    """Wait until a process is gone."""
    until = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}/cmdline").exists() and _words(pid) and time.monotonic() < until:
        time.sleep(0.005)


def differing(out: Path, whole: Path) -> str | None:
    """The column that differs by more than 1e-9 of its largest value from that of a run without a break."""
    one, other = (list(csv.DictReader((folder / "series.csv").open())) for folder in (out, whole))
    if len(one) != len(other) or list(one[0]) != list(other[0]):
        return f"{len(one)} rows instead of {len(other)}"
    for name in other[0]:
        a, b = (np.array([float(row[name]) for row in rows]) for rows in (one, other))
        if name not in EFFORT and not abs(a - b).max() <= 1e-9 * abs(b).max():
            return f"{name} differs by {abs(a - b).max():.2g} of {abs(b).max():.2g}"
    return None
