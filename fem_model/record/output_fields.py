"""Output fields of a model at an instant: functions that are linear or constant in each cell."""

import fem_model._dolfinx_first  # noqa: F401

import ufl
from dolfinx import fem

from fem_model.engine.model import Model


class OutputFields:
    """ξ, φ (V) and the current density j = −σ_eff ∇φ (A/m²) of a model; then what its processes show.

    Where lithium floats, also φ_M (V), at nodes off the lithium that of the lithium nearest to them.
    """

    def __init__(self, model: Model) -> None:
        self.model, mesh = model, model.domain.mesh
        linear = fem.functionspace(mesh, ("Lagrange", 1))
        self.xi, self.phi = fem.Function(linear, name="xi"), fem.Function(linear, name="phi")
        self.metal = [fem.Function(linear, name="phi_metal")] if model.metal.floats else []
        vectors = fem.functionspace(mesh, ("DG", 0, (mesh.geometry.dim,)))
        self.current = fem.Function(vectors, name="current_density")
        j = -model.charge.sigma_eff * ufl.grad(model.charge.phi)
        self.current_expression = fem.Expression(j, vectors.element.interpolation_points)
        self.others = [function for process in model.processes for function in process.output()]

    def now(self) -> list[fem.Function]:
        """The fields of the model as it is; they change with the next call."""
        self.xi.interpolate(self.model.front.xi)
        self.phi.interpolate(self.model.charge.phi)
        self.current.interpolate(self.current_expression)
        for metal in self.metal:
            metal.x.array[:] = self.model.metal.phi.value + self.model.metal.offset.x.array
        return [self.xi, self.phi, *self.metal, self.current, *self.others]
