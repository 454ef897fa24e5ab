"""`python -m fem_model` is the same as `fem-model`."""

import os
import sys
from pathlib import Path

from fem_model.base.errors import STOPPED
from fem_model.base.signals import Stopped, signals

RANK = ("PMI_RANK", "OMPI_COMM_WORLD_RANK")
"""Variables in which mpiexec numbers the ranks."""


def main() -> None:
    """Run the command line; exit code 2 in a checkout that the processes started from here would not find."""
    with signals.heard(os._exit):
        try:
            _main()
        except Stopped as stopped:  # before MPI was there
            if all(os.environ.get(name, "0") == "0" for name in RANK):
                print(f"fem-model: {stopped}", file=sys.stderr)
            sys.exit(STOPPED)


def _main() -> None:
    if not any(finder.find_spec("fem_model", None) for finder in sys.meta_path):
        checkout = Path(__file__).parents[1]
        print(f"fem-model: is not installed in this Python; pip install -e '{checkout}'", file=sys.stderr)
        sys.exit(2)
    from fem_model.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
