"""Refuses meshes that this machine cannot hold, before they are made."""

from __future__ import annotations

from fem_model.base.errors import InputError
from fem_model.base.machine import machine_memory
from fem_model.readers.images import BYTES_PER_VOXEL

BYTES_PER_CELL = 1_000
"""Peak of Gmsh, the repair of the cells and the file, about, for triangles and tetrahedra alike."""
BYTES_PER_VALUE = 8
"""Bytes of the smooth field of each label of an image at each node of the lattice."""


def require_memory(cells: int, voxels: int = 0, values: int = 0) -> None:
    """InputError if a mesh of about so many cells, of an image of so many voxels and so many values of smooth
    fields, needs more memory than there is."""
    needed = BYTES_PER_CELL * cells + BYTES_PER_VOXEL * voxels + BYTES_PER_VALUE * values
    there = machine_memory()
    if needed > there:
        image = f" from {voxels:.2g} voxels" if voxels else ""
        raise InputError(
            f"the mesh would have about {cells:.2g} cells{image} and need {needed / 1e9:.3g} GB; "
            f"this machine has {there / 1e9:.3g} GB. Larger cells (mesh.cell_size_bulk, cell_size_front, "
            "cell_size_boundary; a smaller refinement) or a smaller domain are needed."
        )
