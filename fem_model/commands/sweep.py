"""`fem-model sweep`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fem_model.base.errors import InputError
from fem_model.commands._options import Flag, Pdf
from fem_model.commands._solver import ranks

Slurm = Annotated[
    Flag,
    Parameter(help="Write a Slurm job array of the members that are left; submit it where sbatch is."),
]
Status = Annotated[Flag, Parameter(help="Show the state of each member, and stop.")]
Results = Annotated[Flag, Parameter(help="Write the results of the members that are complete, and stop.")]
DryRun = Annotated[
    Flag, Parameter(help="Show the members, what they cost, and what all of them need; then stop.")
]


def sweep(
    file: Path,
    *,
    out: Path | None = None,
    cores: int | None = None,
    memory: str | None = None,
    dry_run: DryRun = False,
    status: Status = False,
    results: Results = False,
    slurm: Slurm = False,
    pdf: Pdf = False,
) -> int:
    """Run many cases that differ in some keys, side by side; called again, it runs what is left.

    Parameters
    ----------
    file
        A TOML file with a base case and axes (docs/sweeps.md).
    out
        Folder for the members and the results; by default out/NAME beside the file NAME.toml.
    cores
        Cores that the members take together; by default all.
    memory
        Memory that they take together, say "8 GB"; by default most of this machine's.
    """
    comm = ranks()
    if comm is not None and comm.size > 1:
        text = "sweep starts the ranks of its members itself: leave out mpiexec, and write ranks = N in FILE"
        raise InputError(text)
    chosen = [name for name, flag in _modes(dry_run, status, results, slurm) if flag]
    if len(chosen) > 1:
        raise InputError(f"{chosen[0]} and {chosen[1]} exclude each other")
    from fem_model.tasks import sweep as tasks

    room = tasks.Room.of_this_machine(_at_least_one(cores), _bytes(memory))
    work = tasks.Sweep.load(file, out)
    if dry_run:
        tasks.dry_run(work, room)
    elif status:
        tasks.show_status(work)
    elif results:
        tasks.conclude(work, pdf=pdf)
    elif slurm:
        tasks.to_slurm(work)
    else:
        return tasks.run_sweep(work, room, pdf=pdf)
    return 0


def _modes(dry_run: bool, status: bool, results: bool, slurm: bool) -> list[tuple[str, bool]]:
    return [("--dry-run", dry_run), ("--status", status), ("--results", results), ("--slurm", slurm)]


def _at_least_one(cores: int | None) -> int | None:
    if cores is not None and cores < 1:
        raise InputError(f"--cores {cores}: at least 1")
    return cores


def _bytes(text: str | None) -> float | None:
    from fem_model.base.units import parse_quantity

    if text is None:
        return None
    try:
        size = parse_quantity(text, "byte")
    except ValueError as error:
        raise InputError(f'--memory {text}: {error}. Example: --memory "8 GB"') from None
    if size <= 0:
        raise InputError(f"--memory {text}: must be positive")
    return size
