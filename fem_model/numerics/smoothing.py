"""What the profile-keeping term takes from the front as it is: its normal and its speed, both smoothed.

S = (1 − λ²∇²)⁻¹ is a mean over about λ. The speed of the front is that of the reaction, averaged over the
front with the weight the reaction has there, and so defined on both sides of it:

    v̄ = S(v |∇h|) / S(|∇h|),   v = V_m i_n/F.

The normal is smoothed by 2S − S², which leaves waves of the front alone (its error is (λk)⁴) and takes out
what is shorter than a few λ. Where the profile is flatter than the tanh, as while it adjusts, the profile
term with the bare normal amplifies ripples along the front; with this one it damps them.
"""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from dolfinx.fem import petsc

from fem_model.base.log import Stages
from fem_model.laws.interface import NORMAL_FLOOR, normal, smoothing
from fem_model.numerics.algebra import AssembledVector, assemble_matrix
from fem_model.numerics.linear import FACTORISED, SMOOTHING, LinearSolver
from fem_model.physics.model import DendriteModel

Array = npt.NDArray[np.float64]

RTOL = 1e-10
ROOM_CHANGE = 2.0
"""Length over λ of the S by which the room changes between materials: in a shorter one a front stretches."""
DENSITY_FLOOR = 1e-6
"""Floor of λ S(|∇h|), which is of order one on a front; beyond about 14 λ from it v̄ fades to 0."""


class Smoother:
    """S, with zero on the nodes of `bcs`: from the weak load ∫ f w dx of the owned nodes to nodal values.

    It is a mean over λ, or over another length `over`, m.
    """

    def __init__(
        self, model: DendriteModel, bcs: list[fem.DirichletBC], name: str, over: fem.Constant | None = None
    ) -> None:
        w, u = ufl.TestFunction(model.V), ufl.TrialFunction(model.V)
        form = fem.form(smoothing(u, w, model.lam if over is None else over, model.dx))
        matrix = petsc.create_matrix(form)
        assemble_matrix(matrix, form, bcs)
        self.fixed = np.concatenate([bc.dof_indices()[0] for bc in bcs] or [np.zeros(0, np.int32)])
        small = model.V.dofmap.index_map.size_global < model.case.solver.direct_below
        self.linear = LinearSolver(matrix, FACTORISED if small else SMOOTHING, RTOL, name)
        self.load = fem.Function(model.V)

    def __call__(self, load: Array, result: fem.Function) -> Array:
        """S f into `result`, which is also the first guess; its values with ghosts."""
        self.load.x.array[: len(load)] = load
        self.load.x.array[self.fixed] = 0.0
        self.linear.solve(self.load.x.petsc_vec, result.x.petsc_vec)
        result.x.scatter_forward()
        values: Array = result.x.array
        return values


def spread(model: DendriteModel, values: fem.Function, result: fem.Function) -> None:
    """Put means of values that jump between cells into a nodal function: by 80 % within 6 λ."""
    load = AssembledVector(values * ufl.TestFunction(model.V) * model.dx)
    over = model.constant(ROOM_CHANGE * model.case.phase_field.lam)
    Smoother(model, [], "spread", over)(load.assemble(), result)


class NormalComponent:
    """(2S − S²) n_k = S(2n_k − S n_k) for one component of the normal.

    On faces that mirror (the sides, and the anode with its contact at 90°) the component across is zero.
    """

    def __init__(self, model: DendriteModel, axis: int) -> None:
        w = ufl.TestFunction(model.V)
        self.smooth = Smoother(model, model.mirrors(axis), "normal")
        self.once, self.twice = fem.Function(model.V), fem.Function(model.V)
        self.bare = AssembledVector(normal(model.distance)[axis] * w * model.dx)
        self.action = AssembledVector(self.once * w * model.dx)

    def update(self) -> Array:
        """Nodal values for the ξ now."""
        bare = self.bare.assemble()
        self.smooth(bare, self.once)
        return self.smooth(2 * bare - self.action.assemble(), self.twice)


class NormalSolver:
    """The smoothed normal of a model, made a unit vector again."""

    def __init__(self, model: DendriteModel, stages: Stages) -> None:
        self.model, self.stages = model, stages
        self.components = [NormalComponent(model, axis) for axis in range(model.axis + 1)]

    def update(self) -> None:
        """The smooth normal that belongs to ξ, into the model."""
        with self.stages("normal"):
            m = np.column_stack([component.update() for component in self.components])
        m /= np.sqrt((m**2).sum(axis=1, keepdims=True) + NORMAL_FLOOR**2)
        self.model.smooth_normal.x.array[:] = m.ravel()


class FrontAverage:
    """S(f)/S(|∇h|): what f holds per area of a model's front, known on both sides of it.

    With f = v|∇h| it is the speed v̄ of the front, m/s; with f = z the thickness w of the product at it, m.
    """

    def __init__(self, model: DendriteModel, stages: Stages) -> None:
        self.model, self.stages = model, stages
        w = ufl.TestFunction(model.V)
        self.smooth = Smoother(model, [], "front")
        self.density = AssembledVector(model.density * w * model.dx)
        self.product = AssembledVector(model.conversion * w * model.dx)
        moved = model.room * model.density * w * model.dx
        self.moved = self.density if model.room == 1.0 else AssembledVector(moved)
        self.parts: dict[str, fem.Function] = {}
        self.floor = DENSITY_FLOOR / model.case.phase_field.lam

    def update(self) -> None:
        """The front has moved."""
        with self.stages("normal"):
            self.below = self.swept = self._smooth(self.density.assemble(), "density")
            if self.moved is not self.density:
                self.swept = self._smooth(self.moved.assemble(), "moved")

    def thickness(self) -> None:
        """w into the model."""
        self.model.thickness.x.array[:] = np.maximum(self.average(self.product.assemble(), "thickness"), 0.0)

    def speed(self, growth: Array) -> None:
        """v̄ into the model, from the weak reaction rate ∫ ρv|∇h| w dx of the owned nodes."""
        with self.stages("normal"):
            swept = self.swept / (self.swept**2 + self.floor**2)
            self.model.front_speed.x.array[:] = self._smooth(growth, "speed") * swept

    def average(self, load: Array, name: str) -> Array:
        """S(f)/S(|∇h|) at the nodes, from the weak load of f; `name` says where the last result is kept."""
        with self.stages("normal"):
            result: Array = self._smooth(load, name) * self.below / (self.below**2 + self.floor**2)
        return result

    def _smooth(self, load: Array, name: str) -> Array:
        if name not in self.parts:
            self.parts[name] = fem.Function(self.model.V)
        return self.smooth(load, self.parts[name])
