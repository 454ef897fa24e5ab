"""The current at which lithium begins to run from each flaw of a case, found without a run.

A front at rest neither plates nor dissolves while its overpotential η lies between 0 and P (the dead zone of
`laws.kinetics`). So the potential of one instant says how far a flaw is from running: by the largest

    x = η − (V_m/F) γκ − P

in the cells that its contour ξ = ½ crosses, at the points at which the reaction is integrated. The onset i_c
of a flaw is the current density of the face at which that is 0, with all lithium where it is: flaws that run
before it take their share of it. On an open face of the free share f, in an electrolyte that takes no
voltage, it is i_c = f i_n(P).

K may jump along the front, at a junction of boundaries. There the onset is that of the weakest point, from
which lithium may come to rest again after a part of λ.
"""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass
from functools import cache

import basix
import numpy as np
import numpy.typing as npt
from dolfinx import fem
from mpi4py import MPI
from scipy.optimize import root_scalar
from scipy.spatial import KDTree

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError, SolverError
from fem_model.base.units import length
from fem_model.case import Case
from fem_model.engine.engine import Engine
from fem_model.mesh.domain import Domain, build_domain
from fem_model.numerics.connection import TipFinder
from fem_model.protocol.drive import Drive

MOUTH = 1.5
"""Height over the half-width of a path up to which a contour belongs to the foil, in a flaw twice as high."""
BESIDE = 2.0
"""Distance from the middle of a flaw over its radius up to which a contour is its own."""
FIRST = 1.0
"""Current density of the first potential of a search, A/m²."""
RTOL = 1e-5
"""Relative change of a current at which the search for it ends."""
NOTHING = -np.inf
"""Excess of a flaw without a contour."""


@dataclass(frozen=True)
class Onset:
    """The place and the current density at which lithium begins to run from a flaw."""

    flaw: int
    """Number of the flaw: first those of the list in the case, then the random ones."""
    height_m: float
    """Height of its lithium above the anode."""
    current_density_A_m2: float
    """i_c, of the face."""
    overpotential_V: float
    """η at the place where it begins to run."""
    place_m: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _Contour:
    """Cells of this rank that the contour of a flaw crosses, above its mouth."""

    cells: npt.NDArray[np.int32]
    places: Floats
    """Their middles, (n, d), m."""
    height: float
    """Highest of them over all ranks, m."""


class OnsetSearch:
    """Search for the onsets of the filled flaws of a case, as an engine has it. Methods are collective."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.comm = engine, engine.comm
        model = engine.model
        self.flaws = [k for k, (flaw, _) in enumerate(model.cracks.flaws) if flaw.filled]
        if engine.case.intrusion is None or not self.flaws:
            raise InputError("an onset needs [intrusion], and flaws filled with lithium (anode.initial)")
        eta = model.electrodes.phi - model.metal.potential
        excess = eta - model.front.capillary - model.electrodes.resist
        cell = model.domain.mesh.basix_cell()
        points = basix.make_quadrature(cell, model.spaces.quadrature_degree)[0]
        self.excess, self.eta = fem.Expression(excess, points), fem.Expression(eta, points)
        self.contours = self._contours()
        self.evaluate = cache(self._evaluate)

    def onsets(self) -> list[Onset]:
        """The onset of each flaw that reaches above its mouth, in the order of their numbers."""
        found = enumerate(zip(self.flaws, self.contours, strict=True))
        return [self._onset(k, flaw, contour) for k, (flaw, contour) in found if contour.height > 0]

    def _onset(self, index: int, flaw: int, contour: _Contour) -> Onset:
        def excess(current: float) -> float:
            return self.evaluate(current)[index][0]

        first = FIRST
        start, eta = self.evaluate(first)[index][:2]
        guess = first * (1 - start / eta)
        found = root_scalar(excess, x0=first, x1=guess, rtol=RTOL, method="secant")
        if not found.converged:
            raise SolverError(f"no current was found at which the flaw of {length(contour.height)} runs")
        _, eta, *place = self.evaluate(found.root)[index]
        return Onset(flaw, contour.height, float(found.root), eta, tuple(place))

    def _evaluate(self, current: float) -> list[tuple[float, ...]]:
        """Largest excess (V) of each flaw, with η (V) and the place (m), at a current density, A/m²."""
        engine = self.engine
        engine.settle(Drive(current=current * engine.spaces.area))
        local = [self._largest(contour) for contour in self.contours]
        ranks = self.comm.allgather(local)
        return [max(of_flaw) for of_flaw in zip(*ranks, strict=True)]

    def _largest(self, contour: _Contour) -> tuple[float, ...]:
        """The largest excess of a flaw on this rank, and η and the place there."""
        if not len(contour.cells):
            return (NOTHING,)
        mesh = self.engine.model.domain.mesh
        excess, eta = (e.eval(mesh, contour.cells) for e in (self.excess, self.eta))
        cell, point = np.unravel_index(excess.argmax(), excess.shape)
        return float(excess[cell, point]), float(eta[cell, point]), *map(float, contour.places[cell])

    def _contours(self) -> list[_Contour]:
        """The contour of each flaw: of cells beside several, that of the nearest."""
        model = self.engine.model
        cells = np.unique(TipFinder(model.domain).crossings(model.front.xi.x.array)[2]).astype(np.int32)
        x = model.spaces.V.tabulate_dof_coordinates()[:, : model.spaces.axis + 1]
        places = x[model.spaces.V.dofmap.list[cells]].mean(axis=1)
        flaws = [model.cracks.flaws[k] for k in self.flaws]
        tree = KDTree(np.concatenate([points for _, points in flaws]))
        of_point = np.repeat(np.arange(len(flaws)), [len(points) for _, points in flaws])
        distance, nearest = tree.query(places)
        radius = np.array([flaw.radius for flaw, _ in flaws])
        flaw = np.where(distance < BESIDE * radius[of_point[nearest]], of_point[nearest], -1)
        return [self._above_mouth(cells[flaw == k], places[flaw == k]) for k in range(len(flaws))]

    def _above_mouth(self, cells: npt.NDArray[np.int32], places: Floats) -> _Contour:
        z, section = places[:, -1], self.engine.case.intrusion
        assert section is not None and section.half_width is not None
        height = float(self.comm.allreduce(z.max(initial=0.0), op=MPI.MAX))
        above = z >= min(MOUTH * section.half_width, height / 2)
        return _Contour(cells[above], places[above], height)


def onsets(case: Case, comm: MPI.Comm, domain: Domain | None = None) -> list[Onset]:
    """The onsets of the flaws of a case as it starts. Errors: InputError if it has no crack, SolverError."""
    return OnsetSearch(Engine(domain or build_domain(case, comm), case)).onsets()
