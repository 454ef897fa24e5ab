"""A reaction between electrolyte and metal over the front, evaluated once for all that is made from it."""

import fem_model._dolfinx_first  # noqa: F401

from typing import Any

import numpy as np
import ufl
from dolfinx import fem

from fem_model.base.arrays import Floats
from fem_model.numerics.band import AtPoints, Band
from fem_model.numerics.sparsity import Sparsity


class VolumeReaction:
    """A current density per volume, A/m³, and its slope by φ, at the points of the band of the front.

    `array` has the current by the owned nodes, A, as `assemble` found it last.
    """

    def __init__(self, band: Band, density: Any, phi: fem.Function) -> None:
        self.band, one = band, fem.Constant(band.mesh, 1.0)
        self.points = AtPoints(band, [density, ufl.derivative(density, phi, one)])
        self.array = np.zeros(0)
        self.current = self.slope = np.zeros((0, 0))

    def assemble(self) -> Floats:
        """Evaluate for φ as it is; the current by the owned nodes, A. Collective."""
        self.current, self.slope = self.points.integrals()
        self.array = self.band.by_nodes(self.current)
        return self.array

    def by_cells(self) -> Floats:
        """Current by the owned cells, A."""
        return self.band.by_cells(self.current)

    def slopes(self, direction: Floats | None = None) -> Floats:
        """∂/∂φ of `array` along a direction (of all nodes, ghosts included; else 1), A/V. Collective."""
        along = 1.0 if direction is None else self.band.at_points(direction)
        return self.band.by_nodes(self.slope * along)

    def add_slope(self, entries: Floats, sparsity: Sparsity) -> None:
        """Add the derivative of `array` by φ, node by node, A/V."""
        basis = self.band.basis
        squares = (basis[:, :, None] * basis[:, None, :]).reshape(len(basis), -1)
        sparsity.add(entries, self.band.cells, self.slope, squares)
