"""The command line with an error of one rank: python fault.py PLACE KIND RANK CALL MARK ARGUMENT...

PLACE is module:function or module:class.method; there the error comes at call number CALL of this rank, or of
"all". The file MARK then holds the time.
"""

import os
import sys
import time
from functools import reduce, wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import fem_model.cli
from fem_model.base.errors import InputError, SolverError

ERRORS: dict[str, BaseException] = {
    "InputError": InputError("injected"),
    "SolverError": SolverError("injected"),
    "OSError": OSError("injected"),
    "ValueError": ValueError("injected"),
    "MemoryError": MemoryError("injected"),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "SystemExit": SystemExit(7),
}
RANK = ("PMI_RANK", "OMPI_COMM_WORLD_RANK")
"""What mpiexec calls the number of the rank."""


def find(place: str) -> tuple[Any, str, Any]:
    """The module or class that holds the function at `place`, its name there, and the function."""
    module, _, path = place.partition(":")
    *parents, name = path.split(".")
    owner = reduce(getattr, parents, import_module(module))
    return owner, name, getattr(owner, name)


def spoil(place: str, error: BaseException, call: int, mark: Path) -> None:
    """Have the function at `place` raise an error in place of a call."""
    (owner, name, whole), calls = find(place), 0

    @wraps(whole)
    def spoiled(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            mark.write_text(repr(time.time()))
            raise error
        return whole(*arguments, **options)

    setattr(owner, name, spoiled)


if __name__ == "__main__":
    place, kind, rank, call, mark, *arguments = sys.argv[1:]
    if rank in ("all", *(os.environ[name] for name in RANK if name in os.environ)):
        spoil(place, ERRORS[kind], int(call), Path(mark))
    sys.argv[1:] = arguments
    fem_model.cli.main()
