"""Statistics of a microstructure of grains: sizes, contacts, percolation. Numpy and SciPy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.simplices import connected

Ends = tuple[str, str]

ELECTRODES: Ends = ("anode", "counter")


@dataclass(frozen=True)
class GrainSizes:
    """Number of grains, and median and geometric standard deviation of their diameters."""

    count: int
    median: float
    spread: float


@dataclass(frozen=True)
class Percolation:
    """Connection of the grains of a material by common boundaries; points in common do not count."""

    connects: bool  # whether a cluster reaches from one end to the other
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
    touches: Mapping[str, Bools]  # (n,) whether a grain lies at an end: "anode", "counter", others by name

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

    def percolation(self, material: str, ends: Ends = ELECTRODES) -> Percolation:
        """Clusters of the grains of a material between two ends."""
        own, spanning = self._of(material), self.spanning(material, ends)
        volume = np.where(own, self.volume, 0.0)
        largest = np.bincount(self._cluster, volume).max()
        total = volume.sum()
        return Percolation(
            bool(spanning.any()), float(volume[spanning].sum() / total), float(largest / total)
        )

    def spanning(self, material: str, ends: Ends = ELECTRODES) -> Bools:
        """True for grains (n,) in clusters of a material that reach from one end to the other."""
        own = self._of(material)
        first, last = (np.bincount(self._cluster, own & self.touches[end]) > 0 for end in ends)
        return np.asarray(own & (first & last)[self._cluster])

    @cached_property
    def _cluster(self) -> Ints:
        """Number of the cluster of each grain: connected grains of one material."""
        same = self.material[self.contacts]
        return connected(self.contacts[same[:, 0] == same[:, 1]], len(self.material))

    def _of(self, material: str) -> Bools:
        return np.asarray(self.material == self.materials.index(material))
