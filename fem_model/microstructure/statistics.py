"""What a microstructure of grains is like: sizes, contacts, percolation. Numpy and SciPy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class GrainSizes:
    """Number of grains, and median and geometric standard deviation of their diameters."""

    count: int
    median: float
    spread: float


@dataclass(frozen=True)
class Percolation:
    """How the grains of a material hang together by common boundaries; points in common do not count."""

    connects: bool  # whether a cluster reaches from the anode to the counter electrode
    spanning: float  # share of the material's volume (area) in such clusters
    largest: float  # share of the material's volume in its largest cluster


@dataclass(frozen=True, eq=False)
class GrainGraph:
    """The grains of a microstructure and which of them share a boundary. Any unit of length."""

    dim: int

    materials: tuple[str, ...]
    material: Ints  # (n,) indices of materials
    volume: Floats  # (n,), in 2D the area
    contacts: Ints  # (m, 2) pairs of grains with a common boundary, each pair once
    touches: Mapping[str, Flags]  # (n,) whether a grain lies at the "anode" and at the "counter" electrode

    def sizes(self, material: str) -> GrainSizes:
        """Sizes of the grains of a material, each counted once."""
        logarithm = np.log(self.diameters(material))
        return GrainSizes(len(logarithm), float(np.exp(np.median(logarithm))), float(np.exp(logarithm.std())))

    def diameters(self, material: str) -> Floats:
        """Diameters of the grains of a material: of discs of their areas, in 3D of balls of their volumes."""
        return np.asarray((2 * self.dim / np.pi * self.volume[self._of(material)]) ** (1 / self.dim))

    def mean_neighbours(self, material: str, other: str) -> float:
        """Mean number of neighbours of `other` material that a grain of `material` has."""
        both_ways = np.concatenate([self.contacts, self.contacts[:, ::-1]])
        own, beside = self._of(material), self._of(other)
        return float((own[both_ways[:, 0]] & beside[both_ways[:, 1]]).sum() / own.sum())

    def percolation(self, material: str) -> Percolation:
        """Clusters of the grains of a material."""
        own = self._of(material)
        links = self.contacts[own[self.contacts].all(axis=1)]
        graph = coo_array((np.ones(len(links)), tuple(links.T)), shape=(len(own), len(own)))
        count, cluster = connected_components(graph, directed=False)
        share = np.bincount(cluster, np.where(own, self.volume, 0.0), count) / self.volume[own].sum()
        reached = [np.bincount(cluster, own & self.touches[face], count) > 0 for face in ("anode", "counter")]
        spanning = reached[0] & reached[1]
        return Percolation(bool(spanning.any()), float(share[spanning].sum()), float(share.max()))

    def _of(self, material: str) -> Flags:
        return np.asarray(self.material == self.materials.index(material))
