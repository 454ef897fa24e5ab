"""Finds the cells of a distributed mesh in parts of their material that reach across the domain."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fem_model.base.arrays import Bools
from fem_model.mesh.domain import Domain, per_cell
from fem_model.mesh.msh import read_msh
from fem_model.mesh.parallel import on_root
from fem_model.mesh.statistics import spanning_cells


def spanning_in(domain: Domain, path: Path) -> Bools:
    """Flags (d, local cells) of the domain that was read from the mesh file `path`, by axis (collective).

    Parts are connected by facets; corners and edges in common do not count.
    """
    everywhere = on_root(domain.mesh.comm, lambda: spanning_cells(read_msh(path)).astype(np.int32))
    if everywhere is None:
        everywhere = np.empty((domain.mesh.geometry.dim, 0), dtype=np.int32)
    return np.array([per_cell(domain.mesh, along) for along in everywhere]) > 0
