"""The guard of every command that solves: PETSc started, DOLFINx loaded, or one line on what to install."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from fem_model.base.errors import InputError

if TYPE_CHECKING:
    from mpi4py import MPI


def ranks() -> MPI.Comm | None:
    """The communicator of all ranks, None where there is no MPI."""
    try:
        from fem_model._mpi_first import all_ranks
    except (ImportError, RuntimeError):
        return None
    return all_ranks()


def solver(flags: Sequence[str] = ()) -> MPI.Comm:
    """The communicator of all ranks, PETSc started with these flags.

    InputError, with what to install, where the solver is missing.
    """
    try:
        from fem_model._mpi_first import all_ranks, start_petsc

        start_petsc(flags)
        import_module("fem_model._dolfinx_first")
    except (ImportError, RuntimeError) as error:
        ways = 'pip install "fem-model[wheel]" on Linux x86-64, conda env create -f environment.yml elsewhere'
        raise InputError(f"the solver, which this needs, cannot be loaded ({error}): {ways}") from None
    return all_ranks()
