"""One damaged file, read as the program reads it but in a forked process, and what is wrong with that."""

import os
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fem_model.base import machine
from fem_model.base.errors import InputError
from fem_model.readers import bounded, limits
from fem_model.readers.meshes import RegionMesh
from fem_model.readers.reading import READERS, Request, answer
from fem_model.record import checkpoint_files

Arrays = Mapping[str, Any]

SECONDS, MACHINE, MEMORY = 1.0, 300_000_000, 600e6
"""Processor time for a small file, memory of the machine, and what a process may take with what it shares.

The time is less than in earnest, so that what hangs ends soon.
"""
ENDLESS = {".su2", ".f3grid"}
"""Formats of meshes whose files do not say where they end."""
TOLD, FAULT = "told", "fault"
"""Names of the arrays with the message of an InputError and with a traceback."""
READER = {"images": "labels", "meshes": "mesh", "msh": "mesh"}
OPTIONS: Mapping[str, tuple[str | None, ...]] = {
    "images": (None, None),
    **dict.fromkeys(("meshes", "msh"), (None, "1")),
}


@dataclass(frozen=True)
class Trial:
    """What came of a file: arrays or a message; exit code (negative for a signal), processor time, memory."""

    found: Arrays | str
    code: int
    seconds: float
    memory: float

    @property
    def outcome(self) -> str:
        """What became of the file, in a word."""
        if self.code:
            return f"ended by {signal.Signals(-self.code).name}" if self.code < 0 else "not handed on"
        return "refused" if self.message is not None else "read"

    @property
    def message(self) -> str | None:
        """The message with which it was refused."""
        if isinstance(self.found, str):
            return self.found
        return str(self.found[TOLD]) if TOLD in self.found else None


def prepare(kind: str, file: Path, scratch: Path) -> None:
    """Set the bounds, and import what the readers of a kind need, once for all processes that are forked."""
    limits.SECONDS, machine.CONTAINER_LIMIT = SECONDS, scratch / "machine"
    machine.CONTAINER_LIMIT.write_text(str(MACHINE))
    bounded.read = _read_in_a_fork
    READERS[READER.get(kind, "fields")].prepared()
    if kind in WHOLE:
        WHOLE[kind](file)


def attempt(kind: str, path: Path, scratch: Path) -> Trial:
    """Read a file of a kind."""
    request = Request(READER.get(kind, ""), str(path), str(scratch), OPTIONS.get(kind, ()))
    code, seconds, memory = _forked(lambda: answer(request) if kind in READER else _read_whole(kind, request))
    try:
        return Trial(bounded.outcome(path, code, request.result), code, seconds, memory)
    except InputError as error:
        return Trial(str(error), code, seconds, memory)


def _forked(work: Callable[[], object]) -> tuple[int, float, float]:
    """Do some work in a forked process, silently."""
    child = os.fork()
    if not child:
        code = 1
        try:
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nothing, stream)
            work()
            code = 0
        finally:
            os._exit(code)
    _, status, used = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, 1024.0 * used.ru_maxrss


def _read_in_a_fork(reader: str, path: Path, *options: str | int | None) -> dict[str, Any]:
    """`bounded.read` without its server."""
    scratch = path.parent / ".scratch"
    scratch.mkdir(exist_ok=True)
    request = Request(reader, str(path.absolute()), str(scratch), options)
    return bounded.outcome(path, _forked(lambda: answer(request))[0], request.result)


def _read_whole(kind: str, request: Request) -> None:
    """What the program reads in its own process: a checkpoint, or a run with all that is measured on it."""
    limits.Allowance(Path(request.path).stat().st_size)
    try:
        found = dict(WHOLE[kind](Path(request.path)))
    except InputError as error:
        found = {TOLD: np.array(str(error))}
    except Exception:
        found = {FAULT: np.array(traceback.format_exc())}
    np.savez(request.result, allow_pickle=False, **found)


def _checkpoint(path: Path) -> Arrays:
    found = checkpoint_files.newest(path.parents[1])
    if found is None:
        return {TOLD: np.array("")}
    parts = {f"{k} {name}": array for k, part in enumerate(found.parts()) for name, array in part.items()}
    return parts | {"contents": np.array(str(found.contents))}


def measured(path: Path) -> int:
    """Number of all measures on the run to whose folder a file belongs."""
    from fem_model.post import Analysis, load_run
    from fem_model.post.tables import front_rows, grain_rows, tip_rows

    analysis = Analysis(load_run(path.parent))
    return len([*front_rows(analysis), *tip_rows(analysis), *grain_rows(analysis)])


WHOLE: Mapping[str, Callable[[Path], Arrays]] = {
    "checkpoints": _checkpoint,
    "runs": lambda path: {"rows": np.array(measured(path))},
}


def fault(kind: str, path: Path, trial: Trial, sound: Callable[[], Trial], names: str) -> str | None:
    """What is wrong with how a file was read that was damaged in this way; None if nothing is.

    `sound` reads it without the damage.
    """
    if trial.seconds > 2 * SECONDS + 1 or trial.memory > MEMORY:
        return f"took {trial.seconds:.1f} s and {trial.memory / 1e6:.0f} MB"
    if trial.message is not None:
        return None if "\n" not in trial.message else f"is told in several lines: {trial.message}"
    found: Any = trial.found
    if FAULT in found:
        return str(found[FAULT])
    if names == "cut" and kind != "runs" and path.suffix not in ENDLESS and _differ(found, sound().found):
        return "is taken although its end is missing"
    if kind == "checkpoints" and _differ(found, sound().found):
        return "is taken although it is another"
    return CHECKS[kind](found) if kind in CHECKS else None


def _differ(found: Any, sound: Any) -> bool:
    return isinstance(sound, str) or not all(np.array_equal(found[key], sound[key]) for key in sound)


def _image(found: Arrays) -> str | None:
    labels = found["labels"]
    sound = labels.dtype.kind in "iu" and labels.ndim in (2, 3)
    return None if sound else f"gave {labels.dtype}, {labels.shape}"


def _mesh(found: Arrays) -> str | None:
    mesh = RegionMesh(**{"entity": None, **found})
    known = np.isin(mesh.region, range(len(mesh.names))).all()
    if not known or not all(share > 0 for share in mesh.fractions().values()):
        return f"gave the regions {mesh.fractions()}"
    return _named(found)


def _named(found: Arrays) -> str | None:
    points, cells = found["points"], found["cells"]
    sound = ((cells >= 0) & (cells < len(points))).all() and np.isfinite(points).all()
    return None if sound else "gave cells or points that are none"


CHECKS: Mapping[str, Callable[[Arrays], str | None]] = {"images": _image, "meshes": _mesh, "msh": _mesh}
