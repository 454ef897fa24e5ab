"""Keeps the working folder, in which a file may have any name, off the module path of the program.

Uses only what Python has loaded before it looks there.
"""

import os
import sys

COMMAND = "fem-model"


def leave_out_the_working_folder() -> None:
    """Take the working folder off the module path of this program and its children.

    `python -m` puts it first. An empty entry of PYTHONPATH, as a colon too many makes it, stands for it as
    well, and others may be relative to it. The path of other programs, which import this package, stays.
    """
    started = [*sys.argv, ""][0]
    if started == "-m" and _is_the_module():
        if not sys.flags.safe_path:
            del sys.path[0]
    elif os.path.basename(started) != COMMAND:
        return
    if os.environ.get("PYTHONPATH"):
        _leave_out_relative(os.environ["PYTHONPATH"].split(os.pathsep))


def _is_the_module() -> bool:
    """True if `python -m fem_model`, or a module in it, was asked for."""
    package = __name__.partition(".")[0]
    return package in [word.removeprefix("-m").partition(".")[0] for word in sys.orig_argv]


def _leave_out_relative(entries: list[str]) -> None:
    absolute = [entry for entry in entries if os.path.isabs(entry)]
    relative = {os.path.abspath(entry) for entry in entries} - {os.path.abspath(entry) for entry in absolute}
    sys.path[:] = [entry for entry in sys.path if entry not in relative]
    os.environ["PYTHONPATH"] = os.pathsep.join(absolute)
