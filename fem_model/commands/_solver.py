"""The ranks of a command, and the start of the solver for those that need it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING

from fem_model.base.solver import solver_needed
from fem_model.mesh.parallel import on_root

if TYPE_CHECKING:
    from mpi4py import MPI


ALL_RANKS: ContextVar[Callable[[], MPI.Comm]] = ContextVar("all ranks")
"""Source of the communicator of all ranks, set by the entry point. ImportError, RuntimeError: no MPI."""


def ranks() -> MPI.Comm | None:
    """The communicator of all ranks, None where there is no MPI."""
    try:
        return ALL_RANKS.get()()
    except (ImportError, RuntimeError):
        return None


def once(work: Callable[[], None]) -> None:
    """Do `work` on one of the ranks that were started together; its errors are those of all (collective)."""
    comm = ranks()
    work() if comm is None else on_root(comm, work)


def solver(flags: Sequence[str] = ()) -> MPI.Comm:
    """The communicator of all ranks, PETSc started with these flags.

    InputError, with what to install, where the solver is missing.
    """
    with solver_needed():
        from fem_model._mpi_first import start_petsc

        start_petsc(flags)
        import_module("fem_model._dolfinx_first")
        return ALL_RANKS.get()()
