"""Work that only rank 0 does, and errors that only some ranks have: no rank is left waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from fem_model.base.errors import FemModelError

if TYPE_CHECKING:
    from mpi4py import MPI

TAG = 7511
"""Tag of the messages of `meet`."""
NAP = 1e-3
"""Seconds from one look for messages to the next."""
LONGEST_NAP = 0.02
"""Seconds for which a rank that waits for rank 0 sleeps at most."""
SKEW = 4.0
"""Seconds within which all ranks come to an error that all of them have."""


def on_root[Result](comm: MPI.Comm, work: Callable[[], Result]) -> Result | None:
    """Do `work` on rank 0 and return its result there, None elsewhere (collective).

    An exception on rank 0 is raised on every rank: a FemModelError as itself, any other as a FemModelError
    with its text.
    """
    result, error = _attempted(work) if comm.rank == 0 else (None, None)
    wait_for_all(comm)
    error = comm.bcast(error)
    if error is not None:
        raise error
    return result


def wait_for_all(comm: MPI.Comm) -> None:
    """Wait, asleep, until all ranks are here (collective): MPI's own wait would keep a core busy."""
    arrival, nap = comm.Ibarrier(), 1e-5
    while not arrival.Test():
        time.sleep(nap)
        nap = min(2 * nap, LONGEST_NAP)


def on_each[Result](comm: MPI.Comm, work: Callable[[], Result]) -> list[Result]:
    """Do `work` on every rank and return the results by rank (collective).

    Errors as `on_root`, on every rank that of the first rank that has one.
    """
    result, error = _attempted(work)
    for rank, found in enumerate(comm.allgather(error)):
        if found is not None:
            raise (rank == comm.rank and error) or found
    results: list[Result] = comm.allgather(result)
    return results


def _attempted[Result](work: Callable[[], Result]) -> tuple[Result | None, FemModelError | None]:
    """The result of some work, or the error that it ends in."""
    try:
        return work(), None
    except FemModelError as caught:
        return None, caught
    except Exception as caught:
        error = FemModelError(f"{type(caught).__name__}: {caught}")
        error.__cause__ = caught
        return None, error


def from_root[Result](comm: MPI.Comm, work: Callable[[], Result]) -> Result:
    """Do `work` on rank 0 and return its result on every rank (collective). Errors as `on_root`."""
    result: Result = comm.bcast(on_root(comm, work))
    return result


def meet[Word](comm: MPI.Comm, word: Word, patience: float) -> dict[int, Word]:
    """The words, by rank, of those ranks that come here as well; the others are given `patience` seconds.

    Unlike in a collective call nobody has to come: a word is small and leaves at once. Time in which this
    process is stopped, as batch systems do, does not count.
    """
    others = [rank for rank in range(comm.size) if rank != comm.rank]
    requests = [comm.isend(word, rank, TAG) for rank in others]
    words = {comm.rank: word}
    for _ in range(round(patience / NAP)):
        for rank in others:
            if rank not in words and comm.iprobe(rank, TAG):
                words[rank] = comm.recv(source=rank, tag=TAG)
        if len(words) == comm.size:
            for request in requests:
                request.wait()
            break
        time.sleep(NAP)
    return words


class Alone(Exception):
    """Raised from an error that other ranks do not have, so that nobody takes it for one to go on from."""


def require_everywhere(comm: MPI.Comm, error: FemModelError, place: str) -> None:
    """Return if every rank has caught an error at this `place`; Alone if this rank cannot go on from its own.

    The others then wait for this one elsewhere. To be called before going on from an error.
    """
    words = meet(comm, place, SKEW)
    if len(words) < comm.size or set(words.values()) != {place}:
        raise Alone from error
