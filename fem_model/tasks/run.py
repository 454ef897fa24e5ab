"""One run from the command line: its folder, its interruptions, its figures."""

import fem_model._dolfinx_first  # noqa: F401

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpi4py import MPI

from fem_model.base.errors import InputError, OutputError
from fem_model.base.log import logger
from fem_model.base.outcome import EXIT_CODES, landmarks
from fem_model.base.signals import Stopped, name, signals
from fem_model.base.surroundings import python_module
from fem_model.case import Case, case_to_toml, derive, load_case
from fem_model.case.extension import is_complete
from fem_model.mesh.parallel import from_root, on_root, wait_for_all
from fem_model.record.folder_lock import require_no_run
from fem_model.record.pace import keep_pace
from fem_model.simulation import Simulation
from fem_model.study.process import environment_of_its_own
from fem_model.tasks.profile import Profile, keep_profile
from fem_model.tasks.taken import show_taken

FIGURES_TIMEOUT = 300.0
"""Seconds that the figures of a run may take."""
LATER = "What was saved is whole: --resume goes on from it, in a copy of the folder elsewhere as well"
"""Advice where a file of a run cannot be written."""
ANSWER = "the run stops after this step, {}; a second signal ends it at once"
"""Line that is printed when a signal asks a run to stop."""


@dataclass(frozen=True)
class Options:
    """Treatment of results in the folder of a run, the time limit (s of wall time), and its profile."""

    force: bool = False
    resume: bool = False
    time_limit: float | None = None
    profile: bool = False


def run_case(
    path: Path | None, out: Path | None, overrides: Sequence[str], comm: MPI.Comm, options: Options
) -> int:
    """Run a case into a folder and return the exit code. Nothing is written if the input is wrong."""
    began = time.monotonic()
    path, folder = where(path, out, options.resume)
    case = from_root(comm, lambda: load_case(path, overrides))
    on_root(comm, lambda: check_folder(folder, "a run", "series.csv", options.force, options.resume))
    on_root(comm, lambda: spare_case(path, folder, case, options.resume))
    if options.resume and from_root(comm, lambda: is_complete(folder, case)):
        if comm.rank == 0:
            print(f"{folder}: this run is complete; nothing to do")
        return 0
    is_used = from_root(comm, lambda: folder.is_dir() and any(folder.iterdir()))
    profile = Profile(comm)
    simulation = Simulation(case, comm, folder, resume=options.resume, force=options.force)
    on_root(comm, lambda: show_taken(case))
    if options.resume and is_used and comm.rank == 0 and simulation.clock.step == 0:
        print(f"{folder}: no checkpoint to go on from; starting anew")
    warnings = derive(case).warnings
    for warning in warnings if comm.rank == 0 else ():
        logger.warning(warning)
    for warning in (*simulation.recorder.notices, *warnings) if comm.rank == 0 else ():
        print(f"warning: {warning}")
    stop = Interruption(comm, None if options.time_limit is None else began + options.time_limit)
    saving = "at its last checkpoint" if case.solver.reproducible else "with a checkpoint"
    with signals.noted(ANSWER.format(saving) if comm.rank == 0 else ""):
        summary = _run(simulation, stop)
        profile.close(simulation.stages)
        if comm.rank == 0:
            conclude(summary, case, folder)
            if options.profile:
                keep_profile(profile, folder, summary)
        wait_for_all(comm)
    return EXIT_CODES[summary["status"]]


def _run(simulation: Simulation, stop: "Interruption") -> dict[str, Any]:
    """Run to the end. OutputError, with what to do, if a file cannot be written."""
    try:
        return simulation.run(stop)
    except OutputError as error:
        raise OutputError(f"{error}. {LATER}") from error


def where(path: Path | None, out: Path | None, resume: bool) -> tuple[Path, Path]:
    """The case file and the folder for its results. To go on, the folder alone will do.

    InputError if neither says which case is meant.
    """
    if path:
        return path, out or path.parent / "out"
    if not (resume and out):
        ways = "fem-model run CASE.toml, or fem-model run --resume --out DIR"
        raise InputError(f"run: which case? {ways}. See fem-model --help.")
    return out / "case.toml", out


def check_folder(folder: Path, what: str, results: str, force: bool, resume: bool) -> None:
    """InputError if results of `what`, files like `results`, would be overwritten without being asked to.

    A run that is in the folder is named before its results.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; --out names the folder for the results")
    if force and resume:
        raise InputError("--force and --resume exclude each other")
    if not (force or resume) and any(folder.glob(results)):
        require_no_run(folder)
        advice = "Use --resume to go on, --force to replace them, or --out DIR for another folder"
        raise InputError(f"{folder}: holds the results of {what}. {advice}")


def spare_case(path: Path, folder: Path, case: Case, resumed: bool) -> None:
    """InputError if the file of the case, comments and all, would be replaced by the resolved case."""
    target = folder / "case.toml"
    if resumed or not (target.exists() and target.samefile(path)):
        return
    if path.read_text(encoding="utf-8") != case_to_toml(case):
        raise InputError(f"{folder}: the resolved case would replace {path}; --out names another folder")


class Interruption:
    """Tells all ranks alike that a signal has come, or that `deadline` on the monotonic clock is over."""

    def __init__(self, comm: MPI.Comm, deadline: float | None = None) -> None:
        self.comm, self.deadline = comm, deadline

    def __call__(self) -> str | None:
        """The reason to stop, or None. Collective."""
        late = self.deadline is not None and time.monotonic() > self.deadline
        number = self.comm.allreduce(signals.received, op=MPI.MAX)
        over = self.comm.allreduce(int(late), op=MPI.MAX)
        if number:
            return f"stopped by {name(number)}"
        return "stopped at the time limit" if over else None


def conclude(summary: dict[str, Any], case: Case, folder: Path) -> None:
    """Draw the figures of a run that has ended, unless it was told to stop, and report how it did."""
    keep_pace(summary, case.microstructure.dim)
    wanted = case.output.figures and not signals.received
    tell(summary, folder, draw_figures(folder) if wanted else [])


def draw_figures(folder: Path) -> list[Path]:
    """The figures of a run, drawn by another process so that drawing cannot harm the run.

    A signal ends the drawing, and so does the time; a line then says how to draw them later.
    """
    try:
        with signals.raised():
            subprocess.run(
                python_module("fem_model.post", folder),
                env=environment_of_its_own(),
                check=True,
                capture_output=True,
                errors="replace",
                timeout=FIGURES_TIMEOUT,
                stdin=subprocess.DEVNULL,
            )
    except (OSError, subprocess.SubprocessError, Stopped) as error:
        logger.warning("no figures: %s %s", error, getattr(error, "stderr", "") or "")
        why = _why_not(error)
        print(f"no figures were drawn ({why}; see {folder / 'run.log'}); later: fem-model post {folder}")
        return []
    return sorted((folder / "figures").glob("*.png"))


def _why_not(error: BaseException) -> str:
    match error:
        case subprocess.TimeoutExpired():
            return f"not within {FIGURES_TIMEOUT:g} s"
        case Stopped():
            return f"stopped by {name(signals.received)}"
    return type(error).__name__


def tell(summary: dict[str, Any], folder: Path, figures: Sequence[Path]) -> None:
    """The end of a run in a few lines."""
    print(f"{summary['status'].replace('_', ' ')}: {summary['reason']}")
    size = f"{summary['steps']} steps, {summary['num_dofs']} unknowns"
    print(f"  {size}, {summary['wall_s']:.1f} s wall on {summary['ranks']} rank(s)")
    each = f"{summary['memory_per_unknown_B'] / 1e3:.2g} kB for each unknown"
    print(f"  memory {summary['peak_memory_B'] / 1e9:.2g} GB at most, {each}")
    print(f"  tip {summary['tip_m'] * 1e6:.2f} µm; charge balance closed to {summary['faraday_error']:.1e}")
    for line in landmarks(summary):
        print(f"  {line}")
    print(f"  results in {folder}")
    for figure in figures:
        print(f"  figure {figure}")
