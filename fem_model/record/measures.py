"""What is measured on the fields at each step: tips, lithium by material, current by material."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem
from dolfinx.la import InsertMode
from mpi4py import MPI
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fem_model.mesh.domain import Domain
from fem_model.physics.model import DendriteModel
from fem_model.record.alloy import AlloyMeasures, AlloySnapshot
from fem_model.solve.algebra import AssembledVector, combine

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


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


@dataclass(frozen=True)
class Snapshot:
    """Measures of one instant; arrays run over the materials in the domain's order."""

    tip: Array  # m
    lithium: Array  # ∫ξ within each material, m³ (m² times 1 m of depth in 2D)
    current: Array  # plating current of front and contact into each material, A
    alloy: AlloySnapshot | None  # of the reactions with the electrolyte, if the case has any


class Measures:
    """Takes snapshots of a model."""

    def __init__(self, model: DendriteModel) -> None:
        self.model, domain = model, model.domain
        self.comm = domain.mesh.comm
        self.finder = TipFinder(domain)
        self.linear = model.xi if model.case.mesh.degree == 1 else fem.Function(self.finder.space)
        self.names = list(domain.materials)
        order = {tag: k for k, tag in enumerate(domain.materials.values())}
        owned = domain.mesh.topology.index_map(domain.mesh.topology.dim).size_local
        dofs = model.cells.dofmap.list[:owned, 0]
        self.material = np.empty(owned, dtype=np.int64)
        self.material[dofs] = [order[tag] for tag in domain.cell_tags.values[:owned]]
        self.weights = self._weights(domain)
        self.start = self.lithium()
        self.alloy = AlloyMeasures(model, self.material, self.names) if model.case.reactions else None

    def _weights(self, domain: Domain) -> list[Array]:
        """∫ w dx over each material, so that ∫ξ is a product of vectors."""
        inside = fem.Function(self.model.cells)
        vector = AssembledVector(inside * ufl.TestFunction(self.model.V) * self.model.dx)
        weights = []
        for k in range(len(self.names)):
            inside.x.array[:] = self.material == k
            weights.append(vector.assemble().copy())
        return weights

    def lithium(self) -> Array:
        """∫ξ dx within each material."""
        xi = self.model.xi.x.array
        local = np.array([w @ xi[: len(w)] for w in self.weights])
        return combine(self.comm, local)

    def snapshot(self, cell_current: Array) -> Snapshot:
        """Measures now; `cell_current` is the plating current of each owned cell, A."""
        if self.linear is not self.model.xi:
            self.linear.interpolate(self.model.xi)
        current = np.bincount(self.material, weights=cell_current, minlength=len(self.names))
        return Snapshot(
            self.finder.tips(self.linear.x.array),
            self.lithium(),
            combine(self.comm, current),
            self.alloy.snapshot() if self.alloy else None,
        )
