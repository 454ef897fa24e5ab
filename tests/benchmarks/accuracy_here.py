"""A frozen case to its end, and what it took since the imports.

python -m tests.benchmarks.accuracy_here CASE
"""

import argparse
import json
from pathlib import Path
from time import process_time

from fem_model.case import load_case
from fem_model.simulation import Simulation

from mpi4py import MPI  # isort: skip  # Simulation has loaded it in the right order


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("case", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    asked, began = parser.parse_args(), process_time()
    summary = Simulation(load_case(asked.case, asked.overrides), MPI.COMM_SELF).run()
    share = summary["li_share_by_phase"]["A"]
    told = {"tip_um": 1e6 * summary["tip_m"], "share": share, "unknowns": summary["num_dofs"]}
    print(json.dumps(told | {"seconds": process_time() - began, "steps": summary["steps"]}))


if __name__ == "__main__":
    main()
