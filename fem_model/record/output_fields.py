"""What is seen of a model at an instant: its fields as functions that are linear or constant in each cell."""

import fem_model._dolfinx_first  # noqa: F401

import ufl
from dolfinx import fem

from fem_model.physics.model import DendriteModel


class OutputFields:
    """ξ, φ (V) and the current density j = −σ_eff ∇φ (A/m²) of a model; z where something reacts.

    Where lithium floats, also φ_M (V), at nodes off the lithium that of the lithium nearest to them.
    """

    def __init__(self, model: DendriteModel) -> None:
        self.model, mesh = model, model.domain.mesh
        linear = fem.functionspace(mesh, ("Lagrange", 1))
        self.nodal = {name: fem.Function(linear, name=name) for name in ("xi", "phi")}
        self.metal = [fem.Function(linear, name="phi_metal")] if model.islands_float else []
        vectors = fem.functionspace(mesh, ("DG", 0, (mesh.geometry.dim,)))
        self.current = fem.Function(vectors, name="current_density")
        j = -model.sigma_eff * ufl.grad(model.phi)
        self.current_expression = fem.Expression(j, vectors.element.interpolation_points)
        self.conversion = [model.conversion] if model.case.reactions else []

    def now(self) -> list[fem.Function]:
        """The fields of the model as it is; they change with the next call."""
        for name, function in self.nodal.items():
            function.interpolate(getattr(self.model, name))
        self.current.interpolate(self.current_expression)
        for metal in self.metal:
            metal.x.array[:] = self.model.phi_metal.value + self.model.metal_offset.x.array
        return [*self.nodal.values(), *self.metal, self.current, *self.conversion]
