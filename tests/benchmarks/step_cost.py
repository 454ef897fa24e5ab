"""What an accepted step costs per unknown (ξ and φ together), and where: assembly, set-up, solve.

    OMP_NUM_THREADS=1 python tests/benchmarks/step_cost.py
    OMP_NUM_THREADS=1 mpiexec -n 2 python tests/benchmarks/step_cost.py

Two electrolytes side by side as in runs/fig3i, ten short fixed steps, about 20,000 and 200,000 unknowns.
The first step is not counted, since the solvers are set up in it. Run it on an idle machine.
"""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fem_model.case import Case, load_case
from fem_model.simulation import Simulation  # loads MPI in the right order, so mpi4py comes after it

MPI = importlib.import_module("mpi4py.MPI")

ROOT = Path(__file__).resolve().parents[2]
STEPS = 10
STAGES = ("assembly", "set-up", "solve", "normal", "measures", "other")
LEVELS = {  # cell size at the front, height of the fine part
    "20k": ("0.3 um", "14 um"),
    "200k": ("0.13 um", "28 um"),
}


def benchmark_case(front: str, height: str) -> Case:
    overrides = [
        f"mesh.cell_size_front={front}",
        f"mesh.front_height={height}",
        "time.end=200 s",
        f"time.step={200 / STEPS} s",
        "time.outputs=1",
        "output.figures=false",
    ]
    return load_case(ROOT / "runs" / "fig3i" / "case.toml", overrides)


def measure(case: Case, comm: MPI.Comm) -> dict[str, float]:
    """Seconds by stage over the steps after the first, and what they were spent on."""
    simulation = Simulation(case, comm)
    simulation.instant()
    simulation.step()
    before = dict(simulation.stages.seconds)
    summary = simulation.run()
    spent = {name: summary["time_by_stage_s"].get(name, 0.0) - before.get(name, 0.0) for name in STAGES}
    rows = simulation.recorder.rows[2:]
    steps = summary["steps"] - 1
    return spent | {
        "unknowns": summary["num_dofs"],
        "steps": steps,
        "rejected": summary["rejected"],
        "Newton": sum(row["newton_iterations"] for row in rows) / steps,
        "linear": sum(row["linear_iterations"] for row in rows) / steps,
    }


def main() -> None:
    comm = MPI.COMM_WORLD
    names = ("cells", "unknowns", "steps", "Newton", "linear", "ms/step", "µs/unknown", *STAGES)
    if comm.rank == 0:
        print(f"{comm.size} rank(s); stages in µs per step and unknown")
        print("".join(f"{name:>11}" for name in names))
    for level, (front, height) in LEVELS.items():
        found = measure(benchmark_case(front, height), comm)
        each = 1e6 / (found["steps"] * found["unknowns"])
        total = sum(found[name] for name in STAGES)
        values = [
            f"{found['unknowns']:.0f}",
            f"{found['steps']:.0f}",
            f"{found['Newton']:.1f}",
            f"{found['linear']:.1f}",
            f"{1e3 * total / found['steps']:.1f}",
            f"{total * each:.2f}",
            *(f"{found[name] * each:.2f}" for name in STAGES),
        ]
        if comm.rank == 0:
            print("".join(f"{value:>11}" for value in (level, *values)), flush=True)


if __name__ == "__main__":
    main()
