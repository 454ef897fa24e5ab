"""One run from the command line: its folder, its interruptions, its figures."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from mpi4py import MPI

from fem_model.case import load_case
from fem_model.errors import InputError
from fem_model.log import logger
from fem_model.mesh.parallel import on_root
from fem_model.simulation import Simulation

EXIT_CODES = {"finished": 0, "short_circuit": 0, "failed": 3, "stopped": 75}
FIGURES_TIMEOUT = 300.0
LAUNCHER_VARIABLES = ("PMI", "PMIX", "HYDI", "HYDRA", "MPIR", "OMPI", "SLURM")


def run_case(path: Path, out: Path | None, overrides: Sequence[str], comm: MPI.Comm, *, force: bool) -> int:
    """Run a case into a folder and return the exit code. Nothing is written if the input is wrong."""
    case = load_case(path, overrides)
    folder = out or path.parent / "out"
    on_root(comm, lambda: check_folder(folder, force))
    simulation = Simulation(case, comm, folder)
    stop = Interruption(comm)
    summary = simulation.run(stop)
    if comm.rank == 0:
        figures = draw_figures(folder) if case.output.figures else []
        tell(summary, folder, figures)
    return EXIT_CODES[summary["status"]]


def check_folder(folder: Path, force: bool) -> None:
    """InputError if results would be overwritten without being asked to."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; --out names the folder for the results")
    if (folder / "series.csv").exists() and not force:
        advice = "Use --force to replace them, or --out DIR for another folder"
        raise InputError(f"{folder}: holds the results of a run. {advice}")


class Interruption:
    """Tells all ranks alike that a signal has come. Made after PETSc, which installs handlers of its own."""

    def __init__(self, comm: MPI.Comm) -> None:
        self.comm, self.received = comm, 0
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = number

    def __call__(self) -> str | None:
        """The reason to stop, or None. Collective."""
        number = self.comm.allreduce(self.received, op=MPI.MAX)
        return f"stopped by {signal.Signals(number).name}" if number else None


def draw_figures(folder: Path) -> list[Path]:
    """The figures of a run, drawn by another process so that drawing cannot harm the run."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(LAUNCHER_VARIABLES)}
    command = [sys.executable, "-m", "fem_model.post", str(folder)]
    try:
        subprocess.run(
            command,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=FIGURES_TIMEOUT,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        logger.warning("no figures: %s %s", error, getattr(error, "stderr", "") or "")
    return sorted((folder / "figures").glob("*.png"))


def tell(summary: dict[str, Any], folder: Path, figures: Sequence[Path]) -> None:
    """The end of a run in a few lines."""
    print(f"{summary['status'].replace('_', ' ')}: {summary['reason']}")
    size = f"{summary['steps']} steps, {summary['num_dofs']} unknowns"
    print(f"  {size}, {summary['wall_s']:.1f} s wall on {summary['ranks']} rank(s)")
    print(f"  tip {summary['tip_m'] * 1e6:.2f} µm; charge balance closed to {summary['faraday_error']:.1e}")
    print(f"  results in {folder}")
    for figure in figures:
        print(f"  figure {figure}")
