"""The conversion z of the electrolyte that reacts with lithium: its rates, and its step."""

import fem_model._dolfinx_first  # noqa: F401

import numpy as np
import numpy.typing as npt
import ufl
from mpi4py import MPI

from fem_model.base.errors import SolverError
from fem_model.base.log import Stages
from fem_model.case.expected import THICKER
from fem_model.case.reactions import Reaction
from fem_model.laws.interface import FRONT
from fem_model.numerics.algebra import AssembledVector, combine
from fem_model.physics.model import DendriteModel
from fem_model.physics.reaction import GATE

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LARGEST_CONVERSION = 0.5 * GATE
"""Largest change of z in a step while its reaction is not fading."""
ROUND_OFF = 1e-14


class ConversionSolver:
    """Rates of z and of the lithium it takes, for a model with reactions."""

    def __init__(self, model: DendriteModel, stages: Stages) -> None:
        self.model, self.stages, self.comm = model, stages, model.domain.mesh.comm
        q, w = ufl.TestFunction(model.cells), ufl.TestFunction(model.V)
        self.converted = AssembledVector(model.conversion_rate(q))
        self.volumes = AssembledVector(q * model.dx).assemble().copy()
        self.sink = AssembledVector(model.lithium_sink(w)) if model.chemical_rates else None
        self.parabolic = [self._law(reaction) for reaction in model.case.reactions if reaction.diffusivity]

    def _law(self, reaction: Reaction) -> tuple[float, float, Bools]:
        """Start thickness (m) and D (m²/s) of a parabolic law, and which nodes its material has."""
        nodes = np.zeros(len(self.model.xi.x.array), dtype=bool)
        inside = self.model.only_in(reaction.material).x.array[self.model.cells.dofmap.list[:, 0]] > 0
        nodes[self.model.V.dofmap.list[inside].ravel()] = True
        return reaction.start_thickness or 0.0, reaction.diffusivity or 0.0, nodes

    def rates(self) -> Array:
        """∂z/∂t of the owned cells, 1/s, for the fields as they are."""
        with self.stages("assembly"):
            rates: Array = self.converted.assemble() / self.volumes
        return rates

    def lithium(self) -> Array | float:
        """Weak rate at which ξ loses lithium by the chemical route, on the owned nodes."""
        with self.stages("assembly"):
            return self.sink.assemble() if self.sink else 0.0

    def limit(self, rates: Array) -> float:
        """Largest step, s: of z anywhere, and of the thickest product at the front by each parabolic law.

        A law has no say while the front is not in its material.
        """
        fading = np.minimum(1.0, (1 - self.z) / GATE)
        fastest = float((rates / np.maximum(fading, ROUND_OFF)).max(initial=0.0))
        xi, thickness = self.model.xi.x.array, self.model.thickness.x.array
        front = xi * (1 - xi) > FRONT
        local = [float(thickness[front & nodes].max(initial=-np.inf)) for *_, nodes in self.parabolic]
        fastest, *thickest = combine(self.comm, np.array([fastest, *local]), MPI.MAX)
        laws = zip(self.parabolic, thickest, strict=True)
        steps = [THICKER * (thick + start) ** 2 / D for (start, D, _), thick in laws]
        return min([*steps, LARGEST_CONVERSION / fastest if fastest > 0 else np.inf])

    @property
    def z(self) -> Array:
        """Values of the owned cells."""
        values: Array = self.model.conversion.x.array[: len(self.volumes)]
        return values

    def allows(self, rates: Array, dt: float) -> bool:
        """Whether z would neither decrease nor exceed 1 anywhere. Collective."""
        change = dt * rates
        bad = change.min(initial=0.0) < -ROUND_OFF or (self.z + change).max(initial=0.0) > 1 + ROUND_OFF
        return not self.comm.allreduce(bool(bad), op=MPI.LOR)

    def advance(self, rates: Array, dt: float) -> None:
        """One step of z. `SolverError` if it would leave [0, 1] or decrease."""
        if not self.allows(rates, dt):
            raise SolverError("the conversion would leave its bounds")
        self.z[:] += dt * rates
        self.model.conversion.x.scatter_forward()
