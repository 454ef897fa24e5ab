"""Work that only rank 0 does, without leaving the other ranks waiting when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fem_model.errors import FemModelError

if TYPE_CHECKING:
    from mpi4py import MPI


def on_root[Result](comm: MPI.Comm, work: Callable[[], Result]) -> Result | None:
    """Do `work` on rank 0 and return its result there, None elsewhere (collective).

    An exception on rank 0 is raised on every rank: a FemModelError as itself, any other as a FemModelError
    with its text.
    """
    result: Result | None = None
    error: FemModelError | None = None
    if comm.rank == 0:
        try:
            result = work()
        except FemModelError as caught:
            error = caught
        except Exception as caught:
            error = FemModelError(f"{type(caught).__name__}: {caught}")
            error.__cause__ = caught
    error = comm.bcast(error)
    if error is not None:
        raise error
    return result
