"""The command line: the only place with COMM_WORLD and exits. Heavy imports wait until they are needed."""

import json
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from cyclopts import App, CycloptsError, Parameter

import fem_model
from fem_model.base.compiler import prepare, why_not_compiled
from fem_model.base.errors import STOPPED, FemModelError, InputError
from fem_model.base.output import lenient_output
from fem_model.commands.ending import Failure, end
from fem_model.mesh.parallel import Alone, on_root


def _usable(_: object, value: object) -> None:
    """InputError for text that is not UTF-8, and for a path that cannot be looked up."""
    try:
        if isinstance(value, str | Path):
            str(value).encode()
        if isinstance(value, Path):
            value.exists()
    except UnicodeEncodeError:
        raise InputError(f"{value}: is not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"{value}: {error.strerror}") from None


app = App(
    name="fem-model",
    help="Lithium dendrites in composite solid electrolytes, from microstructure to figure.",
    version=fem_model.__version__,
    default_parameter=Parameter(validator=_usable),
    suppress_keyboard_interrupt=False,
)


def _each_once(_: object, texts: list[str] | None) -> None:
    from fem_model.case.overrides import require_each_once

    require_each_once(texts or [])


Set = Annotated[
    list[str] | None, Parameter(name="--set", negative=(), show_default=False, validator=_each_once)
]
Texts = Annotated[list[str] | None, Parameter(negative=(), show_default=False)]
Flag = Annotated[bool, Parameter(negative=())]


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 finished, 2 wrong input, 3 the solver gave up, 75 stopped."""
    prepare()
    with lenient_output() as out:
        try:
            words, sys.argv[1:] = sys.argv[1:], []  # DOLFINx reads them as well
            code = app(words, exit_on_error=False, print_error=False, result_action="return_value") or 0
        except BaseException as error:
            code = end(_failure(error), _ranks())
        sys.stdout.flush()
        if out.fault and not isinstance(out.fault, BrokenPipeError):  # else whoever reads has enough, as head
            print(f"fem-model: standard output: {out.fault.strerror}: not all is there", file=sys.stderr)
            code = code or InputError.exit_code
    sys.exit(code)


def _failure(error: BaseException) -> Failure:
    """Exit code and message of an error. Those that nobody expected are told with their traceback."""
    match error:
        case Alone(__cause__=BaseException() as own):
            return _failure(own)
        case FemModelError():
            return Failure(error.exit_code, f"fem-model: {error}")
        case CycloptsError():
            return _failure(InputError(f"{str(error).strip()} See fem-model --help."))
        case KeyboardInterrupt():
            return Failure(STOPPED, "fem-model: stopped by SIGINT")
        case SystemExit(code=int() | None as code):
            return Failure(code or 0, f"fem-model: sys.exit({code}) was called")
    if reason := why_not_compiled(error):
        return Failure(InputError.exit_code, f"fem-model: {reason}")
    return Failure(1, "".join(traceback.format_exception(error)).rstrip())


def _ranks() -> Any:
    """The communicator of all ranks, None where there is no MPI."""
    try:
        from fem_model._mpi_first import MPI
    except (ImportError, RuntimeError):
        return None
    return MPI.COMM_WORLD


def _solver(flags: Sequence[str] = ()) -> Any:
    """The communicator of all ranks, PETSc started with these flags.

    InputError, with what to install, where the solver is missing.
    """
    try:
        from fem_model._mpi_first import start_petsc

        start_petsc(flags)
        import_module("fem_model._dolfinx_first")
    except (ImportError, RuntimeError) as error:
        ways = 'pip install "fem-model[wheel]" on Linux x86-64, conda env create -f environment.yml elsewhere'
        raise InputError(f"the solver, which this needs, cannot be loaded ({error}): {ways}") from None
    return _ranks()


@app.command
def run(
    case: Path | None = None,
    *,
    out: Path | None = None,
    set_: Set = None,
    force: Flag = False,
    resume: Flag = False,
    time_limit: str | None = None,
    petsc: Annotated[str, Parameter(allow_leading_hyphen=True)] = "",
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
    force
        Replace the results that are in the folder.
    resume
        Go on from the newest checkpoint in the folder, on any number of ranks; a complete run goes on with a
        later time.end or more cycles.
    time_limit
        Stop after this wall time, say 3h, with a checkpoint and exit code 75.
    petsc
        Flags of PETSc that measure and report, say --petsc "-log_view". The solver is set in the case.
    dry_run
        Show the resolved case and the numbers that follow from it, then stop.
    """
    from fem_model.commands.petsc_flags import petsc_flags

    flags = petsc_flags(petsc)
    if dry_run:
        if case is None:
            raise InputError("run --dry-run: which case? fem-model run CASE.toml --dry-run")
        from fem_model.case import load_case
        from fem_model.commands.describe import dry_run as describe

        describe(load_case(case, set_ or []))
        return 0
    limit = None if time_limit is None else _seconds(time_limit)
    comm = _solver(flags)
    from fem_model.commands.run import Options, run_case

    return run_case(case, out, set_ or [], comm, Options(force, resume, limit))


def _seconds(text: str) -> float:
    from fem_model.case.base import DURATION

    try:
        return DURATION.parse(text)
    except ValueError as error:
        raise InputError(f"--time-limit {text}: {error}") from None


@app.command
def mesh(
    path: Path,
    *,
    out: Path | None = None,
    set_: Set = None,
    plot: Path | None = None,
    descriptors: Path | None = None,
) -> None:
    """Build the mesh of a case, tell what it and its microstructure are like, and draw it.

    Parameters
    ----------
    path
        A case file; or a .msh file, with lengths in micrometres and named regions, that is only looked at.
    out
        A .msh, .vtu, .xdmf or .vtk file; by default the mesh goes only to the cache, ./meshes or
        $FEM_MODEL_MESHES.
    set_
        Override a key of the case. May be repeated.
    plot
        A .png file for a picture of the mesh.
    descriptors
        A .json file for shares, areas of interfaces, contacts, percolation and two-point probabilities; these
        are also drawn, into a .png file of the same name.
    """
    from fem_model.commands.mesh import mesh as build_and_describe

    def work() -> None:
        build_and_describe(path, out, set_ or [], plot=plot, descriptors=descriptors)

    comm = _ranks()
    work() if comm is None else on_root(comm, work)


@app.command
def conductivity(path: Path, *, out: Path | None = None, set_: Set = None, tortuosity: Flag = False) -> None:
    """Effective conductivity in every direction, of a case's microstructure or of a mesh with named regions.

    Parameters
    ----------
    path
        A case file, or a .msh file with lengths in micrometres whose regions are named as the materials.
    out
        Folder for conductivity.json and the figures; by default out/conductivity beside the case file.
    set_
        Override a key of the case; for a mesh, say --set materials.A.sigma="0.5 S/m". May be repeated.
    tortuosity
        Also the tortuosity factor of each material, the others insulating: one more solution each.
    """
    comm = _solver()
    from fem_model.commands.conductivity import conductivity as conduct

    conduct(path, out, set_ or [], comm, tortuosity)


@app.command
def verify(
    *names: str,
    list_: Annotated[bool, Parameter(name="--list", negative=())] = False,
    full: Flag = False,
    out: Path = Path("out/verify"),
) -> int:
    """Compare with closed forms, exact bounds and published results; exit code 1 if an entry fails.

    Also mpiexec -n N fem-model verify

    Parameters
    ----------
    names
        The checks to run; all without any.
    list_
        List the checks and stop.
    full
        Run the sweeps as well: minutes become tens of minutes.
    out
        Folder for verify.json and the figures.
    """
    comm = _solver()
    from fem_model.commands.verify import list_checks
    from fem_model.commands.verify import verify as run_checks

    if list_:
        if comm.rank == 0:
            list_checks()
        return 0
    return run_checks(names, full, out, comm)


@app.command
def converge(
    case: Path,
    *,
    levels: int = 3,
    ratio: float = 2**0.5,
    refine: Literal["mesh", "interface", "time"] = "mesh",
    quantity: Texts = None,
    at: Texts = None,
    ranks: int = 1,
    out: Path | None = None,
    set_: Set = None,
    force: Flag = False,
    resume: Flag = False,
) -> int:
    """Run a case on ever finer levels: observed order, extrapolated values and their uncertainty.

    Parameters
    ----------
    case
        The case file; as it is, it is the coarsest level.
    levels
        Number of levels.
    ratio
        Factor from each level to the next finer one.
    refine
        What becomes finer: all cells, all cells and lam (interface), or the steps (time); grains stay.
    quantity
        A column of the series, t_short_s, or sigma_eff_S_m (also sigma_eff_x_S_m), which needs no run. May be
        repeated. Columns are taken at the end, or at a time: "tip_m@1 h". By default tip, voltage and shares.
    at
        A time for all columns without one of their own, say "30 min". May be repeated.
    ranks
        Number of MPI ranks for each level; this command itself runs without mpiexec.
    out
        Folder for the levels and converge.json, .md, .png; by default out/converge_REFINE beside the case.
    set_
        Override a key of the case on all levels. May be repeated.
    force
        Replace the results that are in the folder.
    resume
        Keep the levels that are finished, and go on with the others from their checkpoints.
    """
    if _solver().size > 1:
        raise InputError(
            "converge starts the ranks of its levels itself: leave out mpiexec, and use --ranks N"
        )
    from fem_model.commands.converge import Plan
    from fem_model.commands.converge import converge as study

    plan = Plan(levels, ratio, refine, quantity or (), at or (), ranks, force, resume)
    return study(case, out, set_ or [], plan)


@app.command
def post(folder: Path, *others: Path, paraview: Flag = False, out: Path | None = None) -> None:
    """Measure and draw runs: tables into RUN_DIR/post, figures into RUN_DIR/figures, a summary here.

    Parameters
    ----------
    folder
        Folder of a run, finished or still running.
    others
        More such folders; all together are also drawn side by side, on the same scales.
    paraview
        Also write the fronts as polylines for ParaView.
    out
        Folder for the picture of several runs, compare.png; by default the figures of the first run.
    """
    from fem_model.commands.post import post as measure_and_draw

    measure_and_draw((folder, *others), paraview=paraview, out=out)


@app.command
def materials(name: str | None = None) -> None:
    """The library of materials: each value with its unit, source and confidence.

    Parameters
    ----------
    name
        Only this material.
    """
    from fem_model.commands.describe import materials_table

    materials_table(name)


@app.command
def schema() -> None:
    """The JSON schema of a case file, for editors."""
    from fem_model.case import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
