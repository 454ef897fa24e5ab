"""`python -m fem_model` is the same as `fem-model`."""

import os
import sys
from pathlib import Path
from typing import NoReturn

from fem_model.base.errors import STOPPED, InputError
from fem_model.base.launcher import is_first
from fem_model.base.signals import Stopped, signals


def main() -> None:
    """Run the command line; exit code 2 in a checkout that the processes started from here would not find."""
    with signals.heard(os._exit):
        try:
            _main()
        except Stopped as stopped:  # before MPI was there
            _end(str(stopped), STOPPED)


def _main() -> None:
    if not any(finder.find_spec("fem_model", None) for finder in sys.meta_path):
        checkout = Path(__file__).parents[1]
        _end(f"is not installed in this Python; pip install -e '{checkout}'", InputError.exit_code)
    from fem_model.cli import main as command_line

    command_line()


def _end(message: str, code: int) -> NoReturn:
    if is_first():
        print(f"fem-model: {message}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
