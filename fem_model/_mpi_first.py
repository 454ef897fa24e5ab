"""Imported before DOLFINx or PETSc: the binary wheel wants its MPI loaded first; conda has no such module.

Neither MPI nor PETSc takes settings from the working folder; PETSc takes none but those of `start_petsc`. Its
signal handlers would report an error where a process is only told to stop, or its reader has left.
"""

from collections.abc import Sequence
from contextlib import suppress

from fem_model.base.compiler import prepare
from fem_model.base.signals import signals
from fem_model.base.surroundings import elsewhere

with elsewhere():
    with suppress(ModuleNotFoundError):
        import dolfinx_solver  # noqa: F401

    import petsc4py
    from mpi4py import MPI

signals.listen()  # to SIGHUP and SIGUSR1, which UCX takes
prepare()

__all__ = ["MPI", "start_petsc"]


def start_petsc(flags: Sequence[str] = ()) -> None:
    """Start PETSc with these flags, unless it has been started: no .petscrc and no variable adds to them."""
    with elsewhere():
        petsc4py.init(["fem-model", "-skip_petscrc", "-no_signal_handler", *flags])
