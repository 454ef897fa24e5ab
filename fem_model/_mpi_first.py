"""Imported before DOLFINx or PETSc: the binary wheel wants its MPI loaded first; conda has no such module.

Neither MPI nor PETSc takes settings from the working folder; PETSc takes none but those of `start_petsc`.
"""

from collections.abc import Sequence
from contextlib import suppress

from fem_model.surroundings import elsewhere

with elsewhere():
    with suppress(ModuleNotFoundError):
        import dolfinx_solver  # noqa: F401

    import petsc4py
    from mpi4py import MPI

__all__ = ["MPI", "start_petsc"]


def start_petsc(flags: Sequence[str] = ()) -> None:
    """Start PETSc with these flags, unless it has been started: no .petscrc and no variable adds to them."""
    with elsewhere():
        petsc4py.init(["fem-model", "-skip_petscrc", *flags])
