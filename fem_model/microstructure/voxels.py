"""A labelled image as smooth fields at the nodes of a lattice. Numpy and SciPy only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from fem_model.base.arrays import Floats
from fem_model.microstructure.reproducible import power

Labels = npt.NDArray[np.integer[Any]]

REACH = 5.0  # of the Gaussian filter, in standard deviations


@dataclass(frozen=True, eq=False)
class Voxels:
    """Labels (n₁, …) of voxels with edges of the lengths `size` (d,) in m; the axes are x, (y,) and depth."""

    labels: Labels
    size: Floats

    @property
    def extent(self) -> Floats:
        """Size of the image along each axis, m."""
        return np.array(self.labels.shape) * self.size

    def nodes(self, step: float) -> tuple[int, ...]:
        """Numbers of equal cells of about the edge `step` that fill the image; nodes are in their middles."""
        return tuple(int(n) for n in np.maximum(np.rint(self.extent / step), 1))

    def count(self, value: int) -> int:
        """Number of voxels with a label."""
        return int(np.count_nonzero(self.labels == value))

    def volume(self, value: int) -> float:
        """Area or volume of all voxels with a label."""
        return float(self.count(value) * np.prod(self.size))

    def fields(self, values: Sequence[int], nodes: tuple[int, ...], deviation: Floats) -> Floats:
        """2G − G² of the indicator of each label in `values`, at the nodes of a lattice: (labels, n₁, …).

        G is the Gaussian filter of the standard `deviation` (m, for each axis); the image is mirrored beyond
        its walls. Curved boundaries shift by half as much as with G, and thin parts survive better. At
        any place the fields of all labels sum to 1.
        """
        shape = self.labels.shape
        lines = [(np.arange(n) + 0.5) * total / n - 0.5 for n, total in zip(nodes, shape, strict=True)]
        places = np.meshgrid(*lines, indexing="ij")
        sampled = np.empty((len(values), *nodes))
        for field, value in zip(sampled, values, strict=True):
            once = self._filtered((self.labels == value).astype(np.float32), deviation)
            twice = self._filtered(once, deviation)
            field[...] = ndimage.map_coordinates(2.0 * once - twice, places, order=1, mode="reflect")
        return sampled

    def _filtered(self, field: Floats, deviation: Floats) -> Floats:
        for axis, sigma in enumerate(deviation / self.size):
            field = ndimage.correlate1d(field, _bell(sigma), axis, mode="reflect")
        return field


def _bell(sigma: float) -> Floats:
    """Weights of the Gaussian filter at whole steps, which sum to 1."""
    steps = np.arange(-math.floor(REACH * sigma + 0.5), math.floor(REACH * sigma + 0.5) + 1)
    weights = power(math.e, -0.5 * (steps / sigma) ** 2) if sigma > 0.0 else np.ones(1)
    return np.asarray(weights / weights.sum())
