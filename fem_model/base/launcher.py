"""The place of this process among those that mpiexec or srun has started, known without MPI."""

import os

RANK = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")
"""Variables in which launchers number the ranks."""


def is_first() -> bool:
    """True if this process is the first of its ranks, or the only one."""
    return all(os.environ.get(name, "0") == "0" for name in RANK)
