"""Refuses meshes that this machine cannot hold, before they are made."""

from __future__ import annotations

import os
from pathlib import Path

from fem_model.errors import InputError

BYTES_PER_CELL = 1_000
"""Peak of Gmsh, the repair of the cells and the file, about, for triangles and tetrahedra alike."""
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def require_memory(cells: int) -> None:
    """InputError if a mesh of about so many cells needs more memory than there is."""
    needed, there = BYTES_PER_CELL * cells, machine_memory()
    if needed > there:
        raise InputError(
            f"the mesh would have about {cells:.2g} cells and need {needed / 1e9:.3g} GB; this machine has "
            f"{there / 1e9:.3g} GB. Larger cells or a smaller domain are needed."
        )


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container that limits it."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(installed, int(CONTAINER_LIMIT.read_text()))
    except (OSError, ValueError):  # no such limit
        return installed
