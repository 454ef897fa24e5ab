"""Some steps of a frozen case, and what they cost: run as a process of its own, on any number of ranks.

    mpiexec -n 2 python -m tests.benchmarks.step CASE STEPS [--set section.key=value ...]

Rank 0 prints JSON. The first step is not counted, since the solvers are set up in it.
"""

import argparse
import ctypes
import json
from pathlib import Path
from typing import Any

from fem_model.case import load_case
from fem_model.record.memory import peak_memory
from fem_model.simulation import Simulation

from mpi4py import MPI  # isort: skip  # Simulation has loaded it in the right order


def reductions() -> int:
    """Reductions over all ranks so far; 0 where nobody counts them."""
    counter = getattr(ctypes.CDLL(None), "reductions_so_far", None)
    return int(counter()) if counter else 0


def measured(simulation: Simulation) -> dict[str, Any]:
    """Processor seconds of one step by stage, summed over the ranks, and those of the slowest rank."""
    before, counted, linear = dict(simulation.stages.busy), reductions(), simulation.engine.iterations()
    with simulation.stages("other"):
        if outcome := simulation.step() or simulation.instant():
            raise RuntimeError(f"the benchmark ends within its steps: {outcome.reason}")
    spent = {name: value - before.get(name, 0.0) for name, value in simulation.stages.busy.items()}
    after, comm = simulation.engine.iterations(), simulation.comm
    return {
        "stages": {name: comm.allreduce(value) for name, value in spent.items()},
        "slowest": comm.allreduce(sum(spent.values()), op=MPI.MAX),
        "reductions": reductions() - counted,
        "newton": after[0] - linear[0],
        "linear": after[1] - linear[1],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("case", type=Path)
    parser.add_argument("steps", type=int)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked, comm = parser.parse_args(), MPI.COMM_WORLD
    simulation = Simulation(load_case(asked.case, asked.overrides), comm)
    simulation.instant()
    simulation.step()
    simulation.instant()
    steps = [measured(simulation) for _ in range(asked.steps)]
    memory = comm.allreduce(peak_memory())
    unknowns = 2 * simulation.model.spaces.V.dofmap.index_map.size_global
    if comm.rank == 0:
        print(json.dumps({"unknowns": unknowns, "memory_B": memory, "steps": steps}))


if __name__ == "__main__":
    main()
