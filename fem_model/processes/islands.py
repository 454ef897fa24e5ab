"""Islands: lithium that is isolated from the anode, as it is now."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence

import numpy as np

from fem_model.numerics.connection import IslandFinder
from fem_model.processes.front import Front
from fem_model.processes.metal import Metal
from fem_model.processes.process import Process
from fem_model.processes.unknown_potentials import UnknownPotentials


class Islands:
    """Finds the islands at each instant, and gives each a potential of its own."""

    def __init__(
        self, front: Front, metal: Metal, processes: Sequence[Process], unknowns: UnknownPotentials
    ) -> None:
        self.front, self.metal, self.processes, self.unknowns = front, metal, processes, unknowns
        self.finder = IslandFinder(front.spaces.domain)
        self.places = front.spaces.cells.dofmap.list[:, 0]

    def update(self) -> bool:
        """Find them; whether there are as many as before. Collective."""
        found = [process.conducts_electrons() for process in self.processes]
        conducting = [cells[self.places] for cells in found if cells is not None]
        cells = np.any(conducting, axis=0) if conducting else None
        labels, count = self.finder.islands(self.front.xi.x.array, cells)
        self.unknowns.set_islands(labels, count)
        same, self.metal.islands_before = count == self.metal.islands_before, count
        return same
