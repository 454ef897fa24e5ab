"""Conduction in the electrolyte as a matrix: found once an instant, since φ does not change σ_eff."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable

import ufl
from dolfinx import fem

from fem_model.base.arrays import Floats
from fem_model.numerics.algebra import AssembledVector
from fem_model.numerics.sparsity import fill
from fem_model.processes.charge import Charge


class Conductance:
    """∫ σ_eff ∇φ·∇w dx by the nodes and what a script adds to the sink of charge, A; `matrix` in A/V."""

    def __init__(self, charge: Charge) -> None:
        self.charge, self.spaces = charge, charge.spaces
        self.matrix = self.spaces.sparsity.matrix()
        self.fill = self._by_cells() if self.spaces.is_linear else self._by_assembly()
        self.product = self.spaces.nodal("conduction")
        source = charge.source(ufl.TestFunction(self.spaces.V))
        self.source = None if source is None else AssembledVector(source)

    def _by_cells(self) -> Callable[[], None]:
        """A way by ∫ σ_eff dx of the cells, since gradients are constant in them."""
        spaces, stiffness = self.spaces, self.spaces.stiffness
        sigma = AssembledVector(self.charge.sigma_eff * ufl.TestFunction(spaces.cells) * spaces.dx)
        return lambda: fill(self.matrix, stiffness.entries(sigma.assemble()[spaces.cell_numbers]))

    def _by_assembly(self) -> Callable[[], None]:
        v, w, phi = ufl.TestFunction(self.spaces.V), ufl.TrialFunction(self.spaces.V), self.charge.phi
        form = fem.form(ufl.derivative(self.charge.conduction(v), phi, w))
        nothing = self.spaces.sparsity.empty()
        return lambda: fill(self.matrix, nothing, form)

    def renew(self) -> None:
        """Take σ_eff as it is now. Collective."""
        self.fill()

    def assemble(self) -> Floats:
        """The currents for φ as it is, on the owned nodes. Collective."""
        self.matrix.mult(self.charge.phi.x.petsc_vec, self.product.x.petsc_vec)
        if self.source:
            self.array[:] += self.source.assemble()
        return self.array

    @property
    def array(self) -> Floats:
        """The last ones."""
        owned: Floats = self.product.x.array[: self.spaces.owned]
        return owned
