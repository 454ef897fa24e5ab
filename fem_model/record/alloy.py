"""Measures of the electrolyte that reacts with lithium, and of what touches the front."""

from dataclasses import dataclass

import numpy as np
import ufl

from fem_model.base.arrays import Floats, Ints
from fem_model.engine.model import Model
from fem_model.numerics.algebra import AssembledVector, combine
from fem_model.numerics.band import BandVector


@dataclass(frozen=True)
class AlloySnapshot:
    """Measures of one instant."""

    interface: float
    """Share of product in the reacting electrolyte within the probing depth of front and foil; 0 if there is
    none."""
    total: float
    """Share of product in all of the reacting electrolyte."""
    surface: Floats
    """Share of the lithium surface that touches each material, unreacted."""
    interphase: float
    """Share of the lithium surface that touches product."""


class AlloyMeasures:
    """Takes snapshots of z. `material` numbers the material of each owned cell, as `names` has them."""

    def __init__(self, model: Model, material: Ints, names: list[str]) -> None:
        self.model, self.material, self.count = model, material, len(names)
        self.comm = model.domain.mesh.comm
        q = ufl.TestFunction(model.spaces.cells)
        depth = model.spaces.constant(model.case.output.probing_depth)
        self.interphase = model.interphase
        near = ufl.conditional(ufl.lt(abs(model.front.distance), depth), 1.0, 0.0)
        self.near = AssembledVector(near * q * model.spaces.dx)
        self.surface = BandVector(model.front.band, model.front.density * q * model.spaces.dx)
        self.volumes = AssembledVector(q * model.spaces.dx).assemble().copy()
        react = {reaction.material for reaction in model.case.reactions}
        self.reacting = np.array([name in react for name in names])[material]

    def snapshot(self) -> AlloySnapshot:
        """Measures now."""
        z, near, surface = self._z(), self.near.assemble(), self.surface.assemble()
        inside, weight = self.reacting, self.volumes
        of_z, all_of_it, near_z, all_near = self._sum(
            *((w * f)[inside] for w in (weight, near) for f in (z, np.ones_like(z)))
        )
        if self.interphase:
            at_foil, probed = self.interphase.probed(self.model.case.output.probing_depth)
            near_z, all_near, of_z = near_z + at_foil, all_near + probed, of_z + self.interphase.volume()
        touched = combine(
            self.comm, np.bincount(self.material, weights=surface * (1 - z), minlength=self.count)
        )
        product = float(self._sum(surface * z)[0])
        whole = touched.sum() + product
        return AlloySnapshot(
            float(near_z / all_near) if all_near > 0 else 0.0,
            float(of_z / all_of_it) if all_of_it > 0 else 0.0,
            touched / whole if whole > 0 else touched,
            float(product / whole) if whole > 0 else 0.0,
        )

    def _z(self) -> Floats:
        z: Floats = self.model.conversion.x.array[: len(self.volumes)]
        return z

    def _sum(self, *parts: Floats) -> Floats:
        """The sum of each part over all ranks."""
        return combine(self.comm, np.array([part.sum() for part in parts]))
