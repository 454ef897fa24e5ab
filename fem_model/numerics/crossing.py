"""Fields that go onto another mesh of the same body, with what they hold kept.

The meshes may be nested or not, and distributed in any way over the same ranks. Arrays are over the local
degrees of freedom, owned ones first; results hold those of ghosts too. On the same mesh nothing changes.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.base.errors import SolverError
from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import AssembledVector, combine, dot
from fem_model.numerics.interpolation import Interpolation

ROUND_OFF = 1e-14
"""Relative error of a sum that is left alone."""
LOST = 1e-9
"""Relative error of a sum that is too large to go on from."""
SHIFTS = 30
"""Most Newton steps to where the front is to be; three or four are usual."""


class Side(NamedTuple):
    """A mesh with its spaces: scalar Lagrange for the nodes, DG0 for the cells."""

    domain: Domain
    nodes: fem.FunctionSpace
    cells: fem.FunctionSpace


class Crossing:
    """The way of fields from one mesh of a body to another one.

    Linear fields are kept exactly, and all fields where the target is finer and nested in the source; others
    to second order in the sizes of the cells, those of cells to first order. FemModelError, on every rank, if
    the meshes are not of one body.
    """

    def __init__(self, source: Side, target: Side) -> None:
        self.comm, self.source, self.target = source.domain.mesh.comm, source, target
        self.nodes = Interpolation(source.nodes, target.nodes)
        self.cells = Interpolation(source.cells, target.cells)
        self.back = Interpolation(target.cells, source.cells)
        self.volumes = _volumes(source), _volumes(target)
        self.tags = _tags(source), _tags(target)

    def smooth(self, values: Floats) -> Floats:
        """Values at the nodes, interpolated: potentials, distances, speeds, components of a normal."""
        return _filled(self.target.nodes, self.nodes(values))

    def amount(self, values: Floats, before: Floats, after: Floats) -> Floats:
        """ξ at the nodes with the same Σ wξ, w = ∫ρ·test dx on the owned nodes `before` and `after`.

        What interpolation changes is put right by a shift of the whole front, far less than a cell. No value
        leaves the range that the source has. SolverError if Σ wξ cannot be kept: lithium was thinner
        than the cells of the target.
        """
        own = values[: len(before)]
        low, high = _range(self.comm, own)
        moved = keep_share(self.comm, self.nodes(values), after, dot(self.comm, before, own), low, high)
        return _filled(self.target.nodes, moved)

    def density(self, values: Floats, before: Floats, after: Floats) -> Floats:
        """Rates per volume at the nodes, of any sign, with the same Σ wr; see `amount` for w.

        They are corrected in proportion to their size. For linear elements; others have nodes with w = 0.
        """
        goal = dot(self.comm, before, values[: len(before)])
        return _filled(self.target.nodes, keep_rate(self.comm, self.nodes(values), after, goal))

    def share(self, values: Floats) -> Floats:
        """Shares of the cells, in [0, 1], with the same integral over each material.

        The range that a material has in the source is not left. SolverError if its integral cannot be kept.
        """
        return self._by_material(values, self._keep_share)

    def cell_density(self, values: Floats) -> Floats:
        """Rates per volume of the cells, of any sign, with the same integral over each material."""
        return self._by_material(values, self._keep_rate)

    def _keep_share(self, given: Floats, volumes: Floats, crossed: Floats, into: Floats) -> Floats:
        goal = dot(self.comm, volumes, given)
        return keep_share(self.comm, crossed, into, goal, *_range(self.comm, given))

    def _keep_rate(self, given: Floats, volumes: Floats, crossed: Floats, into: Floats) -> Floats:
        return keep_rate(self.comm, crossed, into, dot(self.comm, volumes, given))

    def _by_material(
        self, values: Floats, keep: Callable[[Floats, Floats, Floats, Floats], Floats]
    ) -> Floats:
        own, crossed = values[: len(self.volumes[0])], self._averaged(values)
        before, after = self.source.domain.materials, self.target.domain.materials
        for name in before:
            here, there = self.tags[0] == before[name], self.tags[1] == after[name]
            crossed[there] = keep(own[here], self.volumes[0][here], crossed[there], self.volumes[1][there])
        return _filled(self.target.cells, crossed)

    def _averaged(self, values: Floats) -> Floats:
        """Means over the cells with their middle in that of the target, or the value at its own middle."""
        crossed = self.cells(values)
        if not self.cells.same:
            volumes = self.volumes[0]
            covered = self.back.collected(volumes)
            sums = self.back.collected(volumes * values[: len(volumes)])
            np.divide(sums, covered, out=crossed, where=covered > 0)
        return crossed


def keep_share(
    comm: MPI.Comm, values: Floats, weights: Floats, goal: float, low: float, high: float
) -> Floats:
    """Values in [low, high] with Σ wv = goal, by the same shift of ln(v/(1 − v)) everywhere (collective).

    For ξ = ½(1 − tanh(n/2λ)) that is a shift of n: 0 and 1 remain, the profile keeps its shape. Where that is
    not enough all values come nearer to one bound, by the same share of what is left to it. SolverError if
    that is not enough either.
    """
    total, scale = partial(dot, comm, weights), dot(comm, np.abs(weights), np.abs(values))
    shift, moved = 0.0, np.clip(values, low, high)
    for _ in range(SHIFTS):
        missing = goal - total(moved)
        front = total(np.where((moved > low) & (moved < high), moved * (1 - moved), 0.0))
        if abs(missing) <= ROUND_OFF * scale or front <= ROUND_OFF * scale:
            break
        shift += float(np.clip(missing / front, -1, 1))
        moved = np.clip(_shifted(values, shift), low, high)
    return _blended(comm, moved, weights, goal, low, high)


def _blended(comm: MPI.Comm, values: Floats, weights: Floats, goal: float, low: float, high: float) -> Floats:
    """Values nearer to the bound in the direction of the goal by the same share of what is left to it."""
    missing = goal - dot(comm, weights, values)
    scale = max(abs(goal), dot(comm, np.abs(weights), np.abs(values)))
    if abs(missing) <= ROUND_OFF * scale:
        return values
    left = (high if missing > 0 else low) - values
    room = dot(comm, weights, left)
    share = min(missing / room, 1.0) if room else 0.0
    if abs(missing - share * room) > LOST * scale:
        raise SolverError("a field cannot keep its integral on the other mesh, whose cells are too large")
    return np.clip(values + share * left, low, high)


def keep_rate(comm: MPI.Comm, values: Floats, weights: Floats, goal: float) -> Floats:
    """Values with Σ wv = goal, each changed in proportion to its size (collective)."""
    size, missing = dot(comm, weights, np.abs(values)), goal - dot(comm, weights, values)
    if missing and not size:
        raise SolverError("a rate cannot keep its integral on the other mesh, whose cells are too large")
    return values + missing / size * np.abs(values) if missing else values


def _shifted(values: Floats, shift: float) -> Floats:
    """Values whose ln(v/(1 − v)) is larger by the shift."""
    factor = np.exp(shift)
    shifted: Floats = factor * values / (1 + (factor - 1) * values)
    return shifted


def _range(comm: MPI.Comm, values: Floats) -> tuple[float, float]:
    """Least and largest value of all ranks."""
    ends = np.array([-values.min(initial=np.inf), values.max(initial=-np.inf)])
    low, high = combine(comm, ends, MPI.MAX)
    return -float(low), float(high)


def _volumes(side: Side) -> Floats:
    """Volumes of the owned cells, m² (2D) or m³."""
    return AssembledVector(ufl.TestFunction(side.cells) * side.domain.dx).assemble().copy()


def _tags(side: Side) -> npt.NDArray[np.int32]:
    """Tags of the materials of the owned cells, in the order of their degrees of freedom."""
    tags = np.empty(len(side.domain.cell_tags.values), dtype=np.int32)
    tags[side.cells.dofmap.list[:, 0]] = side.domain.cell_tags.values
    return tags[: side.cells.dofmap.index_map.size_local]


def _filled(space: fem.FunctionSpace, owned: Floats) -> Floats:
    """Owned values with those of the ghosts."""
    function = fem.Function(space)
    function.x.array[: len(owned)] = owned
    function.x.scatter_forward()
    values: Floats = function.x.array
    return values
