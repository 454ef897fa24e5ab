"""`fem-model run`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fem_model.base.errors import InputError
from fem_model.commands._options import Flag, Force, Set
from fem_model.commands._solver import solver

Petsc = Annotated[
    str,
    Parameter(
        allow_leading_hyphen=True,
        show_default=False,
        help='Flags of PETSc that measure and report, say --petsc "-log_view". The case sets the solver.',
    ),
]
Resume = Annotated[
    Flag,
    Parameter(
        help="Continue from the newest checkpoint in the folder, on any number of ranks; a complete run "
        "continues with a later time.end or more cycles."
    ),
]


def run(
    case: Path | None = None,
    *,
    out: Path | None = None,
    set_: Set = None,
    force: Force = False,
    resume: Resume = False,
    time_limit: str | None = None,
    petsc: Petsc = "",
    profile: Flag = False,
    dry_run: Flag = False,
) -> int:
    """Simulate a case; also mpiexec -n N fem-model run CASE.toml

    Parameters
    ----------
    case
        The case file; with --resume --out DIR it may be left out: then it is that of the folder.
    out
        Folder for the results; by default the folder "out" beside the case file.
    set_
        Override a key of the case, say --set drive.current="2 mA/cm^2". May be repeated, each key once.
    time_limit
        Stop after this wall time, say 3h, with a checkpoint and exit code 75.
    profile
        Print the processor seconds of each stage on each rank at the end, also into summary.json.
    dry_run
        Show the resolved case and the numbers that follow from it, then stop.
    """
    from fem_model.tasks.petsc_flags import petsc_flags

    flags = petsc_flags(petsc)
    if dry_run:
        return _dry_run(case, set_ or [])
    limit = None if time_limit is None else _seconds(time_limit)
    comm = solver(flags)
    from fem_model.tasks.run import Options, run_case

    return run_case(case, out, set_ or [], comm, Options(force, resume, limit, profile))


def _dry_run(case: Path | None, overrides: list[str]) -> int:
    if case is None:
        raise InputError("run --dry-run: which case? fem-model run CASE.toml --dry-run")
    from fem_model.case import load_case
    from fem_model.tasks.dry_run import dry_run

    dry_run(load_case(case, overrides))
    return 0


def _seconds(text: str) -> float:
    from fem_model.case.base import DURATION

    try:
        return DURATION.parse(text)
    except ValueError as error:
        raise InputError(f"--time-limit {text}: {error}") from None
