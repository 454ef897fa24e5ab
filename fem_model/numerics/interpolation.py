"""Values of one mesh at the points of another, on any number of ranks and however each is distributed.

`dolfinx.fem.create_interpolation_data` decides by distances in metres in which cell a point is, and takes
neighbours for each other where cells are smaller than a micrometre. Barycentric coordinates have no unit.
"""

import fem_model._dolfinx_first  # noqa: F401

from typing import NamedTuple

import numpy as np
from dolfinx import fem
from dolfinx.geometry import bb_tree, compute_collisions_points
from mpi4py import MPI
from petsc4py import PETSc

from fem_model.base.arrays import Floats, Ints
from fem_model.base.errors import FemModelError
from fem_model.numerics.release import watch

OUTSIDE = 1e-6
"""Least barycentric coordinate, negative, of a point that still counts as one of a cell."""
PADDING = 1e-9
"""Padding of the boxes around cells, in sizes of the mesh: a point on a boundary is outside by round-off."""
SNAP = 1e-12
"""Barycentric coordinates below this are 0, so that common nodes have common values to the last bit."""
CHUNK = 20_000
"""Points that are looked for at once."""


class Interpolation:
    """The interpolation of one scalar space, of any Lagrange element on simplices, in another one.

    Both meshes are of the same body and on the same ranks. Of the same space in itself it changes nothing.
    FemModelError, on every rank, if points of the target are outside of the source.
    """

    def __init__(self, source: fem.FunctionSpace, target: fem.FunctionSpace) -> None:
        self.same = source.mesh is target.mesh and source.ufl_element() == target.ufl_element()
        self.owned = target.dofmap.index_map.size_local
        if not self.same:
            self.matrix = _matrix(source, target)
            self.before, self.after = self.matrix.createVecs()
            watch(self, source.mesh.comm)

    def __call__(self, values: Floats) -> Floats:
        """Values at the owned degrees of freedom of the target, from local ones of the source."""
        if self.same:
            return values[: self.owned].copy()
        self.before.array = values[: self.before.local_size]
        self.matrix.mult(self.before, self.after)
        result: Floats = self.after.array.copy()
        return result

    def collected(self, amounts: Floats) -> Floats:
        """The transpose: what owned points of the target hold, given to the functions of the source there."""
        if self.same:
            return amounts.copy()
        self.after.array = amounts
        self.matrix.multTranspose(self.after, self.before)
        result: Floats = self.before.array.copy()
        return result


class _Rows(NamedTuple):
    """Rows of the matrix for some points."""

    depth: Floats
    """Least barycentric coordinate of each, −∞ where no cell is near."""
    columns: Ints
    """Global numbers of the degrees of freedom of its cell."""
    weights: Floats


def _matrix(source: fem.FunctionSpace, target: fem.FunctionSpace) -> PETSc.Mat:
    rows, columns = target.dofmap.index_map, source.dofmap.index_map
    found = _find(source, target.tabulate_dof_coordinates()[: rows.size_local])
    order = np.argsort(found.columns, axis=1)
    width = order.shape[1]
    starts = np.arange(rows.size_local + 1, dtype=PETSc.IntType) * width
    sorted_columns = np.take_along_axis(found.columns, order, axis=1).astype(PETSc.IntType)
    weights = np.take_along_axis(found.weights, order, axis=1)
    size = ((rows.size_local, rows.size_global), (columns.size_local, columns.size_global))
    csr = (starts, sorted_columns.ravel(), weights.ravel())
    return PETSc.Mat().createAIJ(size, csr=csr, comm=source.mesh.comm)


def _find(source: fem.FunctionSpace, points: Floats) -> _Rows:
    """Rows for this rank's points, each from the rank in whose cells it is deepest (collective)."""
    comm, x = source.mesh.comm, source.mesh.geometry.x
    padding = PADDING * float(comm.allreduce(np.abs(x).max(initial=0.0), op=MPI.MAX))
    boxes = comm.allgather((x.min(axis=0, initial=np.inf), x.max(axis=0, initial=-np.inf)))
    near = [((points >= low - padding) & (points <= high + padding)).all(axis=1) for low, high in boxes]
    asked = comm.alltoall([points[here] for here in near])
    cells = _Cells(source, padding)
    answers = comm.alltoall([cells.rows(some) for some in asked])
    found = cells.nothing(len(points))
    for here, answer in zip(near, answers, strict=True):
        better = answer.depth > found.depth[here]
        for mine, theirs in zip(found, answer, strict=True):
            mine[np.flatnonzero(here)[better]] = theirs[better]
    outside = comm.allreduce(int((found.depth < -OUTSIDE).sum()))
    if outside:
        raise FemModelError(f"{outside} points of a mesh are outside of the one whose fields it is to take")
    return found


class _Cells:
    """The cells of this rank, and which of them points are in."""

    def __init__(self, space: fem.FunctionSpace, padding: float) -> None:
        mesh, self.space = space.mesh, space
        dim = mesh.topology.dim
        self.tree = bb_tree(mesh, dim, padding=padding)
        corners = mesh.geometry.x[mesh.geometry.dofmaps[0]][:, :, :dim]
        self.corner, self.inverse = corners[:, 0], np.linalg.inv(corners[:, 1:] - corners[:, :1])

    def nothing(self, count: int) -> _Rows:
        """Rows of points that are in no cell."""
        width = self.space.dofmap.list.shape[1]
        return _Rows(np.full(count, -np.inf), np.zeros((count, width), np.int64), np.zeros((count, width)))

    def rows(self, points: Floats) -> _Rows:
        """Rows for these points."""
        result = self.nothing(len(points))
        for some in np.array_split(np.arange(len(points)), 1 + len(points) // CHUNK):
            inside, cells, place = self._deepest(points[some])
            result.depth[some[inside]] = place.min(axis=1)
            result.columns[some[inside]] = self._columns(cells)
            result.weights[some[inside]] = self._weights(place)
        return result

    def _deepest(self, points: Floats) -> tuple[Ints, Ints, Floats]:
        """Points near cells, the cell in which each is deepest, and its barycentric coordinates there."""
        near = compute_collisions_points(self.tree, points)
        point, cell = np.repeat(np.arange(len(points)), np.diff(near.offsets)), near.array
        away = points[point, : self.corner.shape[1]] - self.corner[cell]
        place = np.einsum("ni,nij->nj", away, self.inverse[cell])
        place = np.column_stack([1 - place.sum(axis=1), place])
        order = np.lexsort((place.min(axis=1), point))  # of each point the deepest one comes last
        inside = np.flatnonzero(np.diff(near.offsets))
        best = order[near.offsets[1:][inside] - 1]
        return inside, cell[best], place[best]

    def _columns(self, cells: Ints) -> Ints:
        dofs = self.space.dofmap.list[cells]
        columns: Ints = self.space.dofmap.index_map.local_to_global(dofs.ravel()).reshape(dofs.shape)
        return columns

    def _weights(self, place: Floats) -> Floats:
        """Values of the functions of a cell; a point outside of it counts as one on its boundary."""
        kept = np.where(place < SNAP, 0.0, place)
        kept /= kept.sum(axis=1, keepdims=True)
        values: Floats = self.space.element.basix_element.tabulate(0, kept[:, 1:])[0, :, :, 0]
        return values
