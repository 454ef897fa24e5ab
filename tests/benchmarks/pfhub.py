"""PFHub benchmark 7a beside what others have published."""

import json
import sys

from tests.benchmarks.child import run
from tests.benchmarks.result import Cell, Part, Table

LEVELS = ((72, 1, 50), (66, 2, 75), (104, 2, 200))
"""Cells per unit of length, degree, and steps, for about the errors that are published."""
PUBLISHED: list[list[Cell]] = [
    ["MMSP", 44.0, 3.3e-3],
    ["MMSP", 164.0, 6.7e-4],
    ["MMSP", 810.0, 1.3e-4],
    ["FiPy", 10790.0, 1.2e-4],
]


def main() -> None:
    """Solve a level in this process and print its nodal error, and core-seconds without start-up."""
    from fem_model.study.verification.allen_cahn import MPI, Level, solve

    found = solve(MPI.COMM_WORLD, Level(*map(int, sys.argv[1:])))
    print(json.dumps([found.core_seconds, found.nodal]))


def row(cells: int, degree: int, steps: int) -> list[Cell]:
    """A level in a process of its own."""
    numbers = map(str, (cells, degree, steps))
    return [f"fem_model, P{degree}", *run("-m", "tests.benchmarks.pfhub", *numbers).told]


def measure() -> list[Table]:
    rows = [*(row(*level) for level in LEVELS), *PUBLISHED]
    return [Table("PFHub 7a: error of η at t = 8 in the nodal norm", ["code", "core-seconds", "error"], rows)]


PART = Part(
    "pfhub",
    "PFHub 7a",
    "A given, moving Allen–Cahn front with a source; √Σ e² ΔxΔy at t = 8 over core-seconds, with meshing. "
    "The figures of other codes are those published, on their machines.",
    "Not shown: potential, kinetics and capillarity. The domain here is 1.8 times as wide, as it has no "
    "periodic sides.",
    measure,
    ("code", "core-seconds", "error"),
)

if __name__ == "__main__":
    main()
