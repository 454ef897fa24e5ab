"""Properties of this machine: memory, and a folder for meshes."""

import os
from pathlib import Path

MESHES = "FEM_MODEL_MESHES"
"""The variable that names the cache of meshes."""
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container that limits it."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(installed, int(CONTAINER_LIMIT.read_text()))
    except (OSError, ValueError):  # no such limit
        return installed


def cache_folder() -> Path:
    """$FEM_MODEL_MESHES, by default ./meshes."""
    return Path(os.environ.get(MESHES) or "meshes")
