"""Finds the lithium connected to the anode, its highest points, and the isolated islands."""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass

import numpy as np
from dolfinx import fem
from dolfinx.la import InsertMode
from mpi4py import MPI
from scipy.spatial import cKDTree

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.simplices import connected, distinct_edges, edges_of
from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import combine


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of the mesh's nodes that are connected by its edges, numbered over all ranks."""

    number: Ints
    """Number of the part of each local node, −1 for nodes of none."""
    count: int

    def chosen(self, which: Bools) -> Bools:
        """The nodes of the parts for which `which`, (count,), is true."""
        nodes: Bools = np.append(which, False)[self.number]
        return nodes


class TipFinder:
    """Highest points of the ξ = ½ contour connected to the anode, on linear triangles or tetrahedra.

    On linear cells the contour is straight, so its highest point lies on an edge and is found
    exactly. Two parts of lithium are connected where ξ ≥ ½ on a chain of mesh edges.
    """

    def __init__(self, domain: Domain) -> None:
        mesh, self.comm = domain.mesh, domain.mesh.comm
        self.space = fem.functionspace(mesh, ("Lagrange", 1))
        self.numbers = fem.Function(self.space)
        self.height = self.space.tabulate_dof_coordinates()[:, mesh.geometry.dim - 1]
        self.cells = self.space.dofmap.list
        self.edges = distinct_edges(self.cells)[0].astype(np.int32)
        names = {tag: k for k, tag in enumerate(domain.materials.values())}
        self.material = np.array([names[tag] for tag in domain.cell_tags.values], dtype=np.int16)
        self.num_materials = len(names)
        anode = domain.facet_tags.find(domain.faces["anode"])
        self.on_anode = fem.locate_dofs_topological(self.space, mesh.topology.dim - 1, anode)

    def tips(self, xi: Floats) -> Floats:
        """Height (m) above the anode of the highest connected point in each material; 0 where none is."""
        parts = self.parts(xi >= 0.5)
        attached = parts.chosen(self.at_anode(parts))
        a, b, cell = self.crossings(xi)
        a, b, cell = (of_edge[attached[a]] for of_edge in (a, b, cell))
        heights = self.height[a] + (0.5 - xi[a]) / (xi[b] - xi[a]) * (self.height[b] - self.height[a])
        result = np.zeros(self.num_materials)
        np.maximum.at(result, self.material[cell], heights)
        return combine(self.comm, result, MPI.MAX)

    def crossings(self, xi: Floats) -> tuple[Ints, Ints, Ints]:
        """Both nodes of the edges of all cells that cross the contour, that with ξ ≥ ½ first; their cells."""
        inside = xi >= 0.5
        count = np.sum([inside[corner] for corner in self.cells.T], axis=0, dtype=np.int8)
        mixed = np.flatnonzero((count > 0) & (count < self.cells.shape[1]))
        edges = edges_of(self.cells[mixed])
        a, b = edges.reshape(-1, 2).T
        crossing = inside[a] != inside[b]
        a, b, cell = a[crossing], b[crossing], np.repeat(mixed, edges.shape[1])[crossing]
        return np.where(inside[a], a, b), np.where(inside[a], b, a), cell

    def parts(self, chosen: Bools) -> Parts:
        """The parts into which the chosen nodes fall, over all ranks; ghosts are chosen as their owners are.

        Each rank numbers its own; at ghosts, the number that the owner gave is another name of the same part.
        """
        nodes, (a, b) = np.flatnonzero(chosen), self.edges.T
        edges = np.searchsorted(nodes, self.edges[chosen[a] & chosen[b]])
        labels = connected(edges, len(nodes))
        count = int(labels.max(initial=-1)) + 1
        labels = labels + (self.comm.exscan(count) or 0)
        self.numbers.x.array[nodes] = labels
        self.numbers.x.scatter_forward()
        names = np.column_stack([labels, self.numbers.x.array[nodes].astype(np.int64)])
        same = np.concatenate(self.comm.allgather(np.unique(names[names[:, 0] != names[:, 1]], axis=0)))
        merged = connected(same, self.comm.allreduce(count))
        number = np.full(len(chosen), -1)
        number[nodes] = merged[labels]
        return Parts(number, int(merged.max(initial=-1)) + 1)

    def at_anode(self, parts: Parts) -> Bools:
        """True for parts that reach the anode."""
        reached = np.zeros(parts.count + 1)
        reached[parts.number[self.on_anode]] = 1.0
        there: Bools = combine(self.comm, reached[:-1], MPI.MAX) > 0
        return there


class IslandFinder:
    """The parts of lithium that are isolated from the anode, and the nodes that are nearest to each.

    Cells that conduct electrons connect lithium as well: their nodes count as metal.
    """

    def __init__(self, domain: Domain) -> None:
        self.finder, self.comm = TipFinder(domain), domain.mesh.comm
        self.points = self.finder.space.tabulate_dof_coordinates()

    def islands(self, xi: Floats, conducting: Bools | None) -> tuple[Ints, int]:
        """Number of the island nearest to each local node, −1 where the anode's lithium is nearer.

        Also the number of islands, which are numbered alike on any number of ranks. The foil itself counts
        as the anode's. `conducting` are the local cells that conduct electrons.
        """
        lithium = xi >= 0.5
        metal = lithium if conducting is None else lithium | self._nodes_of(conducting)
        parts = self.finder.parts(metal)
        anode, found = self.finder.at_anode(parts), self._gather(lithium, parts.number)
        connected = anode[found[:, 3].astype(np.int64)]
        apart, others = found[~connected], found[connected]
        if not len(apart):
            return np.full(len(xi), -1), 0
        apart = apart[np.lexsort(np.round(apart[:, :3], 13).T)]  # ranks agree on places to round-off
        _, first, of_part = np.unique(apart[:, 3], return_index=True, return_inverse=True)
        number = np.argsort(np.argsort(first))[of_part]
        distance, nearest = cKDTree(apart[:, :3]).query(self.points)
        to_anode = self.finder.height if not len(others) else cKDTree(others[:, :3]).query(self.points)[0]
        closer = distance < np.minimum(to_anode, np.maximum(self.finder.height, 0.0) + 1e-30)
        return np.where(closer, number[nearest], -1), len(first)

    def _nodes_of(self, cells: Bools) -> Bools:
        """Nodes of cells, on all ranks."""
        flags = self.finder.numbers
        flags.x.array[:] = 0.0
        flags.x.array[self.finder.space.dofmap.list[cells].ravel()] = 1.0
        flags.x.scatter_reverse(InsertMode.add)
        flags.x.scatter_forward()
        nodes: Bools = flags.x.array > 0
        return nodes

    def _gather(self, chosen: Bools, number: Ints) -> Floats:
        """Coordinates and number of the part of the chosen nodes of all ranks, (n, 4)."""
        own = chosen.copy()
        own[self.finder.space.dofmap.index_map.size_local :] = False
        return np.concatenate(self.comm.allgather(np.column_stack([self.points[own], number[own]])))
