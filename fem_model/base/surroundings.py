"""Hides the working folder from libraries and from the processes that this one starts.

Libraries take settings from the working folder when they are loaded or started: UCX from ucx.conf, petsc4py
from petsc.cfg, PETSc from .petscrc, matplotlib from matplotlibrc, setuptools from pybuilddir.txt. Some of
these settings run commands, load libraries or overwrite files.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLES = ("PETSC_OPTIONS", "PETSC_OPTIONS_YAML", "MATPLOTLIBRC")
"""Settings by environment, or the names of files with them."""
WAY_BACK = getattr(os, "O_PATH", os.O_RDONLY)
"""Flags for opening the working folder: on Linux it need not be readable for that."""


@contextmanager
def elsewhere(*variables: str) -> Iterator[None]:
    """Work in the root of the file system, without VARIABLES and others; afterwards all is as it was."""
    here = os.open(os.curdir, WAY_BACK)
    hidden = {name: os.environ.pop(name) for name in (*VARIABLES, *variables) if name in os.environ}
    os.chdir(os.sep)
    try:
        yield
    finally:
        os.fchdir(here)
        os.close(here)
        os.environ.update(hidden)


def python_module(module: str, *words: str | Path) -> list[str]:
    """The command that runs a module of this package in a process of its own.

    -P: what lies in the working folder is not imported.
    """
    return [sys.executable, "-P", "-m", module, *map(str, words)]
