"""Conduction in the electrolyte: σ_eff is taken once an instant, since φ does not change it."""

import fem_model._dolfinx_first  # noqa: F401

from typing import Protocol

import ufl
from dolfinx import fem
from dolfinx.la import InsertMode
from petsc4py import PETSc

from fem_model.base.arrays import Floats
from fem_model.numerics.algebra import AssembledVector, if_any
from fem_model.numerics.sparsity import fill
from fem_model.processes.charge import Charge


class Conduction(Protocol):
    """A way to find the matrix of ∫ σ_eff ∇φ·∇w dx and its currents. Methods are collective."""

    def renew(self, matrix: PETSc.Mat) -> None:
        """Fill the matrix (A/V) with σ_eff as it is now."""

    def currents(self) -> Floats:
        """The currents for φ as it is, on the owned nodes, A."""


class ByEdges:
    """Linear elements, whose gradients are constant in the cells: see `numerics.stiffness`."""

    def __init__(self, charge: Charge) -> None:
        self.spaces, self.phi = charge.spaces, charge.phi
        self.sigma = AssembledVector(charge.sigma_eff * ufl.TestFunction(self.spaces.cells) * self.spaces.dx)
        self.sums = fem.create_vector(self.spaces.V)

    def renew(self, matrix: PETSc.Mat) -> None:
        """Fill the matrix (A/V) with σ_eff as it is now."""
        stiffness = self.spaces.stiffness
        self.along = stiffness.along_edges(self.sigma.assemble()[self.spaces.cell_numbers])
        fill(matrix, stiffness.entries(self.along))

    def currents(self) -> Floats:
        """The currents for φ as it is, on the owned nodes, A."""
        self.sums.array[:] = self.spaces.stiffness.currents(self.along, self.phi.x.array)
        self.sums.scatter_reverse(InsertMode.add)
        owned: Floats = self.sums.array[: self.spaces.owned]
        return owned


class ByAssembly:
    """Elements of any degree."""

    def __init__(self, charge: Charge) -> None:
        form = charge.conduction(ufl.TestFunction(charge.spaces.V))
        self.nothing, self.vector = charge.spaces.sparsity.empty(), AssembledVector(form)
        self.form = fem.form(ufl.derivative(form, charge.phi, ufl.TrialFunction(charge.spaces.V)))

    def renew(self, matrix: PETSc.Mat) -> None:
        """Fill the matrix (A/V) with σ_eff as it is now."""
        fill(matrix, self.nothing, self.form)

    def currents(self) -> Floats:
        """The currents for φ as it is, on the owned nodes, A."""
        return self.vector.assemble()


class Conductance:
    """∫ σ_eff ∇φ·∇w dx by the nodes and what a script adds to the sink of charge, A; `matrix` in A/V."""

    def __init__(self, charge: Charge) -> None:
        self.matrix = charge.spaces.sparsity.matrix()
        self.way: Conduction = ByEdges(charge) if charge.spaces.is_linear else ByAssembly(charge)
        self.source = if_any(charge.source(ufl.TestFunction(charge.spaces.V)))

    def renew(self) -> None:
        """Take σ_eff as it is now. Collective."""
        self.way.renew(self.matrix)

    def assemble(self) -> Floats:
        """The currents for φ as it is, on the owned nodes; `array` keeps them. Collective."""
        self.array = self.way.currents()
        if self.source:
            self.array = self.array + self.source.assemble()
        return self.array
