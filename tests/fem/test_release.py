"""Runs on one rank are freed in time: each keeps communicators, of which a process has about 2000."""

import gc
import weakref

from mpi4py import MPI

from fem_model.numerics.release import EVERY
from fem_model.simulation import Simulation
from tests.fem.cases import NUCLEUS, case


def test_runs_are_freed_although_python_does_not_collect_its_garbage() -> None:
    settings, domains = case(NUCLEUS), []
    gc.collect()
    gc.disable()
    try:
        for _ in range(EVERY + 1):
            domains.append(weakref.ref(Simulation(settings, MPI.COMM_SELF).domain.mesh))
    finally:
        gc.enable()
    assert sum(domain() is not None for domain in domains) <= EVERY
    assert domains[0]() is None
