"""Means over the front: its normal and its speed, both smoothed, and what it holds per area.

S = (1 − λ²∇²)⁻¹ is a mean over about λ. The speed of the front is that of the reaction, averaged over the
front with the weight the reaction has there, and so defined on both sides of it:

    v̄ = S(v |∇h|) / S(|∇h|),   v = V_m i_n/F.

The normal is smoothed by 2S − S², which leaves waves of the front alone (its error is (λk)⁴) and takes out
what is shorter than a few λ. Where the profile is flatter than the tanh, as while it adjusts, the profile
term with the bare normal amplifies ripples along the front; with this one it damps them.
"""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import ufl
from dolfinx import fem

from fem_model.base.arrays import Floats
from fem_model.base.log import Stages
from fem_model.laws.interface import NORMAL_FLOOR, normal
from fem_model.numerics.band import BandVector
from fem_model.numerics.smoothing import Smoother
from fem_model.processes.front import Front

DENSITY_FLOOR = 1e-6
"""Floor of λ S(|∇h|), which is of order one on a front; beyond about 14 λ from it v̄ fades to 0."""


def smoother(front: Front, name: str, bcs: list[fem.DirichletBC] | None = None) -> Smoother:
    """S of a front, with zero on the nodes of `bcs`."""
    spaces = front.spaces
    return Smoother(spaces.V, spaces.dx, front.lam, name, bcs, front.reach)


class NormalComponent:
    """(2S − S²) n_k = S(2n_k − S n_k) for one component of the normal.

    On faces that mirror (the sides, and the anode with its contact at 90°) the component across is zero.
    """

    def __init__(self, front: Front, axis: int) -> None:
        spaces = front.spaces
        self.smooth = smoother(front, "normal", front.mirrors(axis))
        self.once, self.twice, self.load = (spaces.nodal(name) for name in ("once", "twice", "load"))
        self.mass, self.owned = spaces.mass, spaces.owned

    def update(self, bare: Floats) -> Floats:
        """Nodal values from ∫ n_k w dx on the owned nodes."""
        self.smooth(bare, self.once)
        self.mass.mult(self.once.x.petsc_vec, self.load.x.petsc_vec)
        return self.smooth(2 * bare - self.load.x.array[: self.owned], self.twice)


class NormalSolver:
    """The smoothed normal of a front, made a unit vector again."""

    def __init__(self, front: Front, stages: Stages) -> None:
        self.front, self.stages = front, stages
        w = ufl.TestFunction(front.spaces.vectors)
        self.bare = BandVector(front.band, ufl.inner(normal(front.distance), w) * front.spaces.dx)
        self.components = [NormalComponent(front, axis) for axis in range(front.spaces.axis + 1)]

    def update(self) -> None:
        """The smooth normal that belongs to ξ, into the front."""
        with self.stages("normal"):
            self.front.reach.update()
            bare = self.bare.assemble().reshape(-1, len(self.components)).T
            m = np.column_stack([c.update(n_k) for c, n_k in zip(self.components, bare, strict=True)])
        m /= np.sqrt((m**2).sum(axis=1, keepdims=True) + NORMAL_FLOOR**2)
        self.front.smooth_normal.x.array[:] = m.ravel()


class FrontAverage:
    """S(f)/S(|∇h|): what f holds per area of a front, known on both sides of it.

    With f = v|∇h| it is the speed v̄ of the front, m/s; with f = z the thickness of the product at it, m.
    """

    def __init__(self, front: Front, stages: Stages) -> None:
        self.front, self.stages, dx = front, stages, front.spaces.dx
        w = ufl.TestFunction(front.spaces.V)
        self.smooth = smoother(front, "front")
        self.density = BandVector(front.band, front.density * w * dx)
        moved = front.room * front.density * w * dx
        self.moved = self.density if front.room == 1.0 else BandVector(front.band, moved)
        self.parts: dict[str, fem.Function] = {}
        self.floor = DENSITY_FLOOR / front.section.lam

    def update(self) -> None:
        """The front has moved."""
        with self.stages("normal"):
            self.below = self.swept = self._smooth(self.density.assemble(), "density")
            if self.moved is not self.density:
                self.swept = self._smooth(self.moved.assemble(), "moved")

    def speed(self, growth: Floats) -> None:
        """v̄ into the front, from the weak reaction rate ∫ ρv|∇h| w dx of the owned nodes."""
        with self.stages("normal"):
            swept = self.swept / (self.swept**2 + self.floor**2)
            self.front.speed.x.array[:] = self._smooth(growth, "speed") * swept

    def of(self, load: Floats, name: str) -> Floats:
        """S(f)/S(|∇h|) at the nodes, from the weak load of f; `name` says where the last result is kept."""
        with self.stages("normal"):
            result: Floats = self._smooth(load, name) * self.below / (self.below**2 + self.floor**2)
        return result

    def _smooth(self, load: Floats, name: str) -> Floats:
        if name not in self.parts:
            self.parts[name] = self.front.spaces.nodal(name)
        return self.smooth(load, self.parts[name])
