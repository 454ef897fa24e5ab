"""The one place that starts and stops Gmsh, so that nothing of the user's set-up leaks into a mesh."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType

from fem_model.base.errors import FemModelError
from fem_model.base.signals import signals
from fem_model.base.surroundings import elsewhere

ARGUMENTS = ["gmsh", "-setnumber", "General.Terminal", "0", "-skip_petscrc"]
"""Quiet from the start; the last one is for the PETSc within Gmsh, which would take any .petscrc."""
SYSTEM_PACKAGES = "libglu1-mesa libxft2 libxcursor1 libxinerama1 libxrender1"


def import_gmsh() -> ModuleType:
    """The gmsh module; FemModelError names what to install where it is missing or lacks a system library."""
    try:
        import gmsh
    except ModuleNotFoundError as error:
        raise FemModelError("Gmsh is missing: install the package gmsh (conda: python-gmsh)") from error
    except OSError as error:
        raise FemModelError(
            f"Gmsh cannot start ({error}). Its wheel needs system libraries; on Debian or Ubuntu: "
            f"apt-get install {SYSTEM_PACKAGES}"
        ) from error
    module: ModuleType = gmsh
    return module


@contextmanager
def gmsh_session() -> Iterator[ModuleType]:
    """A fresh, quiet, single-threaded Gmsh without configuration files; signal handlers stay."""
    gmsh = import_gmsh()
    if gmsh.isInitialized():
        raise FemModelError("a Gmsh session is already open in this process: call gmsh.finalize() first")
    on_broken_pipe = signal.getsignal(signal.SIGPIPE)
    with elsewhere("HOME"):  # in which FLTK would leave its preferences
        gmsh.initialize(ARGUMENTS, readConfigFiles=False, interruptible=False)
    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGPIPE, on_broken_pipe)  # which Gmsh has set to end the process
        signals.listen()  # to SIGTERM and SIGHUP: the same
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("General.NumThreads", 1)
        yield gmsh
    finally:
        gmsh.finalize()
