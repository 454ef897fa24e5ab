"""Frees what PETSc keeps of objects that are gone.

A run keeps some 35 communicators, of which MPI has about 2000: some forty runs in one process use them up.
Objects of several ranks must be destroyed together, so what Python lets go PETSc only puts aside. On one rank
they go as soon as Python collects its garbage, which a large process does too rarely.
"""

import fem_model._dolfinx_first  # noqa: F401

import gc
import itertools
import weakref
from typing import NamedTuple

from mpi4py import MPI
from petsc4py import PETSc


class _Watched(NamedTuple):
    owner: "weakref.ref[object]"
    comm: MPI.Comm


_watched: list[_Watched] = []
_on_one_rank = itertools.count(1)

EVERY = 10
"""Number of runs on one rank after which garbage is collected."""


def watch(owner: object, comm: MPI.Comm) -> None:
    """Have what `owner` keeps on the communicator of its mesh freed once it is gone."""
    if comm.size > 1:
        _watched.append(_Watched(weakref.ref(owner), comm))


def release(comm: MPI.Comm) -> None:
    """Free what owners on these ranks have left behind. Collective."""
    if comm.size > 1 or next(_on_one_rank) % EVERY == 0:
        gc.collect()
    for entry in list(_watched) if comm.size > 1 else []:
        if MPI.Comm.Compare(entry.comm, comm) in (MPI.IDENT, MPI.CONGRUENT):
            PETSc.garbage_cleanup(entry.comm)
            if entry.owner() is None:
                _watched.remove(entry)
