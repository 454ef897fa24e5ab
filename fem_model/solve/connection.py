"""Which lithium is connected to the anode, how high it reaches, and which islands are cut off."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
from dolfinx import fem
from dolfinx.la import InsertMode
from mpi4py import MPI
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from fem_model.mesh.domain import Domain
from fem_model.solve.algebra import combine

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class TipFinder:
    """Highest points of the ξ = ½ contour connected to the anode, on linear triangles or tetrahedra.

    On linear cells the contour is straight, so its highest point lies on an edge and is found
    exactly. Two parts of lithium are connected where ξ ≥ ½ on a chain of mesh edges.
    """

    def __init__(self, domain: Domain) -> None:
        mesh, self.comm = domain.mesh, domain.mesh.comm
        self.space = fem.functionspace(mesh, ("Lagrange", 1))
        self.flags = fem.Function(self.space)
        self.height = self.space.tabulate_dof_coordinates()[:, mesh.geometry.dim - 1]
        corners = self.space.dofmap.list
        pairs = list(combinations(range(corners.shape[1]), 2))
        self.edges = corners[:, pairs].reshape(-1, 2)
        names = {tag: k for k, tag in enumerate(domain.materials.values())}
        self.material = np.repeat([names[tag] for tag in domain.cell_tags.values], len(pairs))
        self.num_materials = len(names)
        anode = domain.facet_tags.find(domain.faces["anode"])
        self.on_anode = fem.locate_dofs_topological(self.space, mesh.topology.dim - 1, anode)

    def tips(self, xi: Array) -> Array:
        """Height (m) above the anode of the highest connected point in each material; 0 where none is."""
        attached = self.attached(xi)
        a, b = self.edges[:, 0], self.edges[:, 1]
        crossing = (attached[a] & (xi[b] < 0.5)) | (attached[b] & (xi[a] < 0.5))
        a, b, material = a[crossing], b[crossing], self.material[crossing]
        heights = self.height[a] + (0.5 - xi[a]) / (xi[b] - xi[a]) * (self.height[b] - self.height[a])
        result = np.zeros(self.num_materials)
        np.maximum.at(result, material, heights)
        return combine(self.comm, result, MPI.MAX)

    def attached(self, xi: Array) -> Bools:
        """Nodes with ξ ≥ ½ that are connected to the anode, over all ranks."""
        lithium = xi >= 0.5
        labels = self._components(lithium)
        attached = np.zeros(len(xi), dtype=bool)
        attached[self.on_anode] = lithium[self.on_anode]
        count = -1
        while (now := self.comm.allreduce(int(attached.sum()), op=MPI.SUM)) != count:
            count = now
            attached |= lithium & np.isin(labels, labels[attached])
            attached = self._share(attached)
        return attached

    def _components(self, lithium: Bools) -> npt.NDArray[np.int32]:
        edges = self.edges[lithium[self.edges].all(axis=1)]
        n = len(lithium)
        graph = coo_array((np.ones(len(edges), dtype=bool), (edges[:, 0], edges[:, 1])), shape=(n, n))
        labels: npt.NDArray[np.int32] = connected_components(graph, directed=False)[1]
        return labels

    def _share(self, flags: Bools) -> Bools:
        """A node flagged on one rank becomes flagged on all."""
        self.flags.x.array[:] = flags
        self.flags.x.scatter_reverse(InsertMode.add)
        self.flags.x.scatter_forward()
        shared: Bools = self.flags.x.array > 0
        return shared


class IslandFinder:
    """The parts of lithium that are cut off from the anode, and the nodes that are nearest to each.

    Nodes of lithium belong together if they are no farther apart than the longest edge of the mesh there.
    """

    def __init__(self, domain: Domain) -> None:
        self.finder, self.comm = TipFinder(domain), domain.mesh.comm
        self.points = self.finder.space.tabulate_dof_coordinates()
        ends = self.points[self.finder.edges]
        self.longest = np.zeros(len(self.points))
        lengths = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
        np.maximum.at(self.longest, self.finder.edges.ravel(), np.repeat(lengths, 2))

    def islands(self, xi: Array) -> tuple[Ints, int]:
        """For each local node the number of the island nearest to it, −1 where the anode's lithium is nearer.

        Also the number of islands; both are the same on all ranks. The foil itself counts as the anode's.
        """
        lithium, attached = xi >= 0.5, self.finder.attached(xi)
        owned = np.arange(len(xi)) < self.finder.space.dofmap.index_map.size_local
        apart = self._gather(lithium & ~attached & owned)
        if not len(apart):
            return np.full(len(xi), -1), 0
        order = np.lexsort(apart.T[:3])
        tree = cKDTree(apart[order, :3])
        pairs = tree.query_pairs(float(apart[:, 3].max()), output_type="ndarray")
        graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(apart), len(apart)))
        count, labels = connected_components(graph, directed=False)
        distance, nearest = tree.query(self.points)
        others = self._gather(attached & owned)
        to_anode = self.finder.height if not len(others) else cKDTree(others[:, :3]).query(self.points)[0]
        closer = distance < np.minimum(to_anode, np.maximum(self.finder.height, 0.0) + 1e-30)
        return np.where(closer, labels[nearest], -1), int(count)

    def _gather(self, chosen: Bools) -> Array:
        """Coordinates and longest edge of the chosen nodes of all ranks, (n, 4)."""
        local = np.column_stack([self.points[chosen], self.longest[chosen]])
        return np.concatenate(self.comm.allgather(local))
