"""Measures of the fields of one mesh: tips, lithium by material, currents by material."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Sequence

import numpy as np
import ufl
from dolfinx import fem

from fem_model.base.arrays import Floats
from fem_model.engine.model import Model
from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import AssembledVector, combine, total
from fem_model.numerics.connection import TipFinder
from fem_model.record.alloy import AlloyMeasures

ROUND_OFF = 1e-6
"""Excess of ξ over its bounds that is not counted: far from the front the solver leaves ±1e-8."""


class Measures:
    """Integrals and tips of a model on its mesh. All are collective."""

    def __init__(self, model: Model) -> None:
        self.model, domain = model, model.domain
        self.comm = domain.mesh.comm
        self.finder = TipFinder(domain)
        self.linear = model.front.xi if model.case.mesh.degree == 1 else fem.Function(self.finder.space)
        self.names = list(domain.materials)
        order = {tag: k for k, tag in enumerate(domain.materials.values())}
        owned = domain.mesh.topology.index_map(domain.mesh.topology.dim).size_local
        dofs = model.spaces.cells.dofmap.list[:owned, 0]
        self.material = np.empty(owned, dtype=np.int64)
        self.material[dofs] = [order[tag] for tag in domain.cell_tags.values[:owned]]
        self.weights = self._weights(domain)
        self.alloy = AlloyMeasures(model, self.material, self.names) if model.case.reactions else None

    def _weights(self, domain: Domain) -> list[Floats]:
        """∫ ρ w dx over each material, so that ∫ρξ is a product of vectors."""
        inside = fem.Function(self.model.spaces.cells)
        form = inside * self.model.front.room * ufl.TestFunction(self.model.spaces.V) * self.model.spaces.dx
        vector = AssembledVector(form)
        weights = []
        for k in range(len(self.names)):
            inside.x.array[:] = self.material == k
            weights.append(vector.assemble().copy())
        return weights

    def room(self) -> float:
        """∫ρ dx, m³: what lithium can take of the electrolyte."""
        return total(self.comm, np.sum(self.weights, axis=0))

    def lithium(self) -> Floats:
        """∫ξ dx within each material."""
        xi = self.model.front.xi.x.array
        local = np.array([w @ xi[: len(w)] for w in self.weights])
        return combine(self.comm, local)

    def tips(self) -> Floats:
        """Height (m) of the highest point of the connected front in each material."""
        if self.linear is not self.model.front.xi:
            self.linear.interpolate(self.model.front.xi)
        return self.finder.tips(self.linear.x.array)

    def beyond(self) -> float:
        """−∫min(ξ, 0) dx + ∫max(ξ − 1, 0) dx, by the values at the nodes, m³; round-off is left out."""
        weights = np.abs(np.sum(self.weights, axis=0))
        xi = self.model.front.xi.x.array[: len(weights)]
        excess = np.maximum(-xi, xi - 1.0)
        return total(self.comm, weights * np.where(excess > ROUND_OFF, excess, 0.0))

    def dead(self, islands: Sequence[Floats]) -> float:
        """∫ξ dx over the nodes nearest to isolated lithium; each island is 1 there and 0 elsewhere."""
        weights = np.sum(self.weights, axis=0)
        owned = weights * self.model.front.xi.x.array[: len(weights)]
        return sum((total(self.comm, owned * island[: len(owned)]) for island in islands), 0.0)

    def by_material(self, values: Floats) -> Floats:
        """The sum within each material of what belongs to each owned cell."""
        return combine(self.comm, np.bincount(self.material, weights=values, minlength=len(self.names)))
