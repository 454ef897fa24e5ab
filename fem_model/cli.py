"""The command line: its entry point, which alone knows all ranks, and the end of a command that failed.

What takes long to import waits until a command needs it.
"""

import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

import fem_model
from fem_model.base.compiler import prepare, why_not_compiled
from fem_model.base.errors import STOPPED, FemModelError, InputError
from fem_model.base.launcher import is_first
from fem_model.base.output import lenient_output
from fem_model.base.signals import Stopped, signals
from fem_model.commands._ending import Failure, end
from fem_model.commands._options import usable
from fem_model.commands._solver import ALL_RANKS, ranks
from fem_model.commands.conductivity import conductivity
from fem_model.commands.converge import converge
from fem_model.commands.materials import materials
from fem_model.commands.mesh import mesh
from fem_model.commands.new import new
from fem_model.commands.post import post
from fem_model.commands.run import run
from fem_model.commands.schema import schema
from fem_model.commands.study import study
from fem_model.commands.sweep import sweep
from fem_model.commands.verify import verify
from fem_model.mesh.parallel import Alone

if TYPE_CHECKING:
    from mpi4py import MPI

COMMANDS: tuple[Callable[..., int | None], ...] = (
    new, run, mesh, post, conductivity, converge, sweep, study, verify, materials, schema,
)  # fmt: skip
"""Commands in the order of the help."""

app = App(
    name="fem-model",
    help="Lithium dendrites in composite solid electrolytes, from microstructure to figure.",
    help_format="plaintext",
    version=fem_model.__version__,
    default_parameter=Parameter(validator=usable),
    suppress_keyboard_interrupt=False,
)
for place, command in enumerate(COMMANDS):
    app.command(command, sort_key=place)


def _all_ranks() -> "MPI.Comm":
    from fem_model._mpi_first import MPI

    return MPI.COMM_WORLD


ALL_RANKS.set(_all_ranks)


def main() -> NoReturn:
    """Run the command line.

    Exit codes: 0 finished, 2 wrong input, 3 the solver gave up or a file could not be written, 4 an entry of
    verify failed, 75 stopped.
    """
    prepare()
    with lenient_output(silent=_tells_the_same(sys.argv[1:]) and not is_first()) as out:
        try:
            words, sys.argv[1:] = sys.argv[1:], []  # DOLFINx reads them as well
            code = app(words, exit_on_error=False, print_error=False, result_action="return_value") or 0
        except BaseException as error:
            code = end(_failure(error), ranks())
        sys.stdout.flush()
        if out.fault and not isinstance(out.fault, BrokenPipeError):  # else whoever reads has enough, as head
            print(f"fem-model: standard output: {out.fault.strerror}: not all is there", file=sys.stderr)
            code = code or InputError.exit_code
    sys.exit(code)


def _tells_the_same(words: list[str]) -> bool:
    """True for what all ranks print alike; other commands may be programs side by side, as under srun."""
    return bool({*words} & {"--help", "-h", "--version", "--dry-run"}) or words[:1] in (
        ["schema"],
        ["materials"],
    )


def _failure(error: BaseException) -> Failure:
    """Exit code and message of an error. Unexpected ones are reported with their traceback."""
    match error:
        case Alone(__cause__=BaseException() as own):
            return _failure(own)
        case FemModelError():
            return Failure(error.exit_code, f"fem-model: {error}")
        case UnusedCliTokensError(unused_tokens=list() as words):
            return _failure(
                InputError(f"{' '.join(words)}: more than the command takes. See fem-model --help.")
            )
        case CycloptsError():
            return _failure(InputError(f"{str(error).strip()} See fem-model --help."))
        case Stopped():
            return Failure(STOPPED, f"fem-model: {error}")
        case KeyboardInterrupt():
            return Failure(STOPPED, "fem-model: stopped by SIGINT")
        case SystemExit(code=int() | None as code):
            return Failure(code or 0, f"fem-model: sys.exit({code}) was called")
    reason = why_not_compiled(error)
    if reason and signals.received:  # it has reached the compiler as well
        return _failure(Stopped(signals.received))
    if reason:
        return Failure(InputError.exit_code, f"fem-model: {reason}")
    return Failure(1, "".join(traceback.format_exception(error)).rstrip())
