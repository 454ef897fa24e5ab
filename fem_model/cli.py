"""The command line: the only place with COMM_WORLD and exits. Heavy imports wait until they are needed."""

import json
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any, NoReturn

from cyclopts import App, CycloptsError, Parameter

import fem_model
from fem_model.errors import FemModelError, InputError

app = App(
    name="fem-model",
    help="Lithium dendrites in composite solid electrolytes, from microstructure to figure.",
    version=fem_model.__version__,
)

Set = Annotated[list[str] | None, Parameter(name="--set", negative=(), show_default=False)]
Flag = Annotated[bool, Parameter(negative=())]


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 finished, 2 wrong input, 3 the solver gave up, 75 stopped."""
    try:
        code = app(sys.argv[1:], exit_on_error=False, print_error=False, result_action="return_value") or 0
    except CycloptsError as error:
        code = _tell(InputError(f"{str(error).strip()} See fem-model --help."))
    except FemModelError as error:
        code = _tell(error)
    except (KeyboardInterrupt, Exception):
        code = _crash()
    sys.stdout.flush()
    sys.exit(code)


def _tell(error: FemModelError) -> int:
    """One message, from the first rank only: these errors are raised on all."""
    try:
        first = _world().rank == 0
    except ImportError:
        first = True
    if first:
        print(f"fem-model: {error}", file=sys.stderr)
    return error.exit_code


def _world() -> Any:
    """The communicator of all ranks; ImportError where there is no MPI."""
    from fem_model._mpi_first import MPI

    return MPI.COMM_WORLD


def _crash() -> int:
    """What nobody expected, on one rank perhaps: the others would wait for it, so end them all."""
    traceback.print_exc()
    sys.stderr.flush()
    if "mpi4py.MPI" in sys.modules and _world().size > 1:
        _world().Abort(1)
    return 1


@app.command
def run(
    case: Path, *, out: Path | None = None, set_: Set = None, force: Flag = False, dry_run: Flag = False
) -> int:
    """Simulate a case; also mpiexec -n N fem-model run CASE.toml

    Parameters
    ----------
    case
        The case file.
    out
        Folder for the results; by default the folder "out" beside the case file.
    set_
        Override a key of the case, say --set drive.current="2 mA/cm^2". May be repeated.
    force
        Replace the results that are in the folder.
    dry_run
        Show the resolved case and the numbers that follow from it, then stop.
    """
    if dry_run:
        from fem_model.case import load_case
        from fem_model.describe import dry_run as describe

        describe(load_case(case, set_ or []))
        return 0
    comm = _world()
    from fem_model.job import run_case

    return run_case(case, out, set_ or [], comm, force=force)


@app.command
def mesh(case: Path, *, out: Path | None = None, set_: Set = None, plot: Path | None = None) -> None:
    """Build the mesh of a case, tell its statistics, and draw it.

    Parameters
    ----------
    case
        The case file.
    out
        The .msh file; by default the mesh goes to the cache, ./meshes or $FEM_MODEL_MESHES.
    set_
        Override a key of the case. May be repeated.
    plot
        A .png file for a picture of the mesh.
    """
    from fem_model.case import load_case
    from fem_model.describe import mesh_table
    from fem_model.mesh.cache import build_mesh, cached_mesh
    from fem_model.mesh.picture import plot_mesh

    loaded = load_case(case, set_ or [])
    path = build_mesh(loaded, out) if out else cached_mesh(loaded)
    mesh_table(path)
    if plot:
        plot_mesh(path, plot)
        print(f"picture in {plot}")


@app.command
def materials(name: str | None = None) -> None:
    """The library of materials: each value with its unit, source and confidence.

    Parameters
    ----------
    name
        Only this material.
    """
    from fem_model.describe import materials_table

    materials_table(name)


@app.command
def schema() -> None:
    """The JSON schema of a case file, for editors."""
    from fem_model.case import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
