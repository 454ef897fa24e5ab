"""Runs to their end, and what is read off them."""

from collections.abc import Iterator

import numpy as np
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.errors import SolverError
from fem_model.case import Case
from fem_model.processes.extras import Extras
from fem_model.simulation import Simulation


def finished(case: Case, comm: MPI.Comm, extras: Extras | None = None) -> Simulation:
    """A run to its end time, with nothing written. SolverError if it ends in another way."""
    return to_the_end(Simulation(case, comm, extras=extras))


def to_the_end(simulation: Simulation) -> Simulation:
    """The same for a simulation that is there already."""
    summary = simulation.run()
    if summary["status"] != "finished":
        raise SolverError(summary["reason"])
    return simulation


def instants(simulation: Simulation) -> Iterator[float]:
    """The same, with a pause at each instant: its time, s."""
    outcome = None
    while outcome is None:
        outcome = simulation.instant()
        if outcome is None or outcome.status == "finished":
            yield simulation.clock.t
        outcome = outcome or simulation.step()
    if outcome.status != "finished":
        raise SolverError(outcome.reason)


def column(simulation: Simulation, name: str) -> Floats:
    """A column of the series of a run without a folder. Collective."""
    values = np.array([row[name] for row in simulation.recorder.rows])
    return np.asarray(simulation.comm.bcast(values))


def crossings(simulation: Simulation, level: float = 0.5) -> Floats:
    """Points (n, 3) where edges of the mesh cross ξ = `level`, m; those of all ranks, each edge once."""
    finder, xi = simulation.recorder.measures.finder, simulation.recorder.measures.linear.x.array
    a, b = np.sort(finder.edges[np.diff(xi[finder.edges] >= level, axis=1)[:, 0]], axis=1).T
    share = ((level - xi[a]) / (xi[b] - xi[a]))[:, None]
    x = finder.space.tabulate_dof_coordinates()
    points = np.concatenate(simulation.comm.allgather(x[a] + share * (x[b] - x[a])))
    first = np.unique(np.round(points * 1e13), axis=0, return_index=True)[1]
    return np.asarray(points[first])
