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

    `array` has the current by the owned nodes, A, as `assemble` found it last. What else is made from that is
    for the band as it was: the front must not have moved since.
    """

    def __init__(self, band: Band, density: Any, phi: fem.Function) -> None:
        self.band, one = band, fem.Constant(band.mesh, 1.0)
        self.points = AtPoints(band, [density, ufl.derivative(density, phi, one)])
        self.array = np.zeros(0)
        self.found, self.version = np.zeros((2, 0, 0)), band.version

    def assemble(self) -> Floats:
        """Evaluate for φ as it is; the current by the owned nodes, A. Collective."""
        self.found, self.version = self.points.integrals(), self.band.version
        self.array = self.band.by_nodes(self.current)
        return self.array

    @property
    def current(self) -> Floats:
        """Current at the points of the band, times their weights, A."""
        return self._of_now(0)

    @property
    def slope(self) -> Floats:
        """Its derivative by φ, A/V."""
        return self._of_now(1)

    def _of_now(self, which: int) -> Floats:
        assert self.version == self.band.version, "the front has moved since the last assembly"
        found: Floats = self.found[which]
        return found

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
