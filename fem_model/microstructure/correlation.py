"""Two-point probabilities of the materials on a lattice. Numpy and SciPy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from fem_model.base.arrays import Bools, Floats

Labels = npt.NDArray[np.integer[Any]]

DEBYE = {2: np.pi, 3: 4.0}
"""Interface area per volume over −dS₂/dr at r = 0, by dimension."""
NEAR = slice(2, 8)
"""Distances that the slope at the origin is taken from, in steps of the lattice."""
DIRECTIONS = {2: 360, 3: 1000}
"""Number of directions on half a circle, or half a sphere, that are averaged over."""


@dataclass(frozen=True, eq=False)
class TwoPoint:
    """Distribution of one material. Pairs of points count if both lie in the domain.

    S₂(r) is the share of the pairs at the distance r that have both points in the material; `unlike` is half
    the share of those that have one there and the other elsewhere. S₂(0) is the volume fraction φ; in a large
    sample S₂ = φ − unlike, and S₂ → φ² far away.
    """

    dim: int
    r: Floats  # (n,) from 0 in equal steps, in the unit of the lattice
    both: Floats  # (n,), S₂, the mean of all directions
    unlike: Floats  # (n,), the mean of all directions
    along: tuple[tuple[Floats, Floats], ...]  # for each axis: distances along it, and S₂ there

    @property
    def fraction(self) -> float:
        """φ, as the lattice has it."""
        return float(self.both[0])

    @property
    def interface_area(self) -> float | None:
        """Area s of the interfaces of the material per volume, from the slope of S₂ at the origin.

        dS₂/dr = −s/4 in 3D, −s/π in 2D (Debye, Anderson and Brumberger, J. Appl. Phys. 28 (1957) 679). Fitted
        is unlike/r = a + b r + c/r² at a few steps of the lattice; c takes up what linear interpolation
        between its points adds. None where the lattice has too few steps for that.
        """
        r = self.r[NEAR]
        if len(r) < 3:
            return None
        terms = np.column_stack([np.ones_like(r), r / r[0], (r[0] / r) ** 2])
        return float(DEBYE[self.dim] * np.linalg.lstsq(terms, self.unlike[NEAR] / r)[0][0])

    @property
    def correlation_length(self) -> float | None:
        """Distance at which the covariance φ(1 − φ) − unlike has fallen to 1/e of its value at the origin.

        None where there is only this material, or where it does not fall so far within `r`.
        """
        variance = self.fraction * (1.0 - self.fraction)
        above = variance * (1.0 - 1.0 / np.e) - self.unlike
        if variance == 0.0 or (above > 0.0).all():
            return None
        k = int(np.argmax(above <= 0.0))
        return float(np.interp(0.0, above[[k, k - 1]], self.r[[k, k - 1]]))


def two_point(labels: Labels, spacing: Floats, materials: int) -> list[TwoPoint]:
    """Distribution of the labels 0, 1, … below `materials`; points with a negative label are outside.

    `labels` (n₁, …) stand on a lattice with steps of the lengths `spacing` (d,). Distances go to half the
    smallest side.
    """
    lags = Lags.of(labels.shape, spacing)
    inside = lags.transformed(labels >= 0)
    pairs = lags.products(inside, inside)
    found = []
    for k in range(materials):
        own = lags.transformed(labels == k)
        both = _share(lags.products(own, own), pairs)
        unlike = _share(lags.products(own, inside), pairs) - both
        means = lags.mean(both), lags.mean(unlike)
        found.append(TwoPoint(labels.ndim, lags.distances, *means, lags.along_axes(both)))
    return found


def _share(number: Floats, pairs: Floats) -> Floats:
    return np.asarray(np.divide(number, pairs, out=np.zeros_like(pairs), where=pairs > 0))


@dataclass(frozen=True, eq=False)
class Lags:
    """Lags between points of a lattice, up to `reach` steps along each axis, the last one not negative."""

    shape: tuple[int, ...]
    spacing: Floats
    reach: tuple[int, ...]

    @classmethod
    def of(cls, shape: Sequence[int], spacing: Floats) -> Lags:
        """Lags up to half the smallest side."""
        farthest = (np.array(shape) * spacing).min() / 2
        return cls(tuple(shape), spacing, tuple(int(n) for n in np.floor(farthest / spacing + 1e-9)))

    @property
    def padded(self) -> list[int]:
        """Sizes with as many zeros behind the lattice as keep it from being paired with its own copies."""
        return [fft.next_fast_len(n + k, real=True) for n, k in zip(self.shape, self.reach, strict=True)]

    @property
    def distances(self) -> Floats:
        """Distances in equal steps, within reach along all axes."""
        step = self.spacing.max()
        farthest = (np.array(self.reach) * self.spacing).min()
        return np.arange(int(farthest / step + 1e-9) + 1) * step

    def transformed(self, flags: Bools) -> npt.NDArray[np.complex128]:
        """Fourier transform of a field on the lattice, padded."""
        return np.asarray(fft.rfftn(flags.astype(float), self.padded))

    def products(self, one: npt.NDArray[np.complex128], other: npt.NDArray[np.complex128]) -> Floats:
        """Number of pairs of points at each lag with one point in each field, the mean of lags ±r."""
        field = fft.irfftn((one * other.conj()).real, self.padded)
        for axis, k in enumerate(self.reach):
            kept = np.arange(0 if axis == len(self.reach) - 1 else -k, k + 1)
            field = np.take(field, kept, axis=axis)
        number: Floats = np.rint(2.0 * field) / 2.0
        return number

    def mean(self, field: Floats) -> Floats:
        """Mean over all directions at each of `distances`, between the lags by linear interpolation."""
        steps = self.distances[:, None, None] * _directions(len(self.shape)) / self.spacing
        places = steps + np.array([*self.reach[:-1], 0])
        values = ndimage.map_coordinates(field, np.moveaxis(places, -1, 0), order=1, mode="nearest")
        return np.asarray(values.mean(axis=1))

    def along_axes(self, field: Floats) -> tuple[tuple[Floats, Floats], ...]:
        """Distances along each axis, and the values there."""
        origin = [*self.reach[:-1], 0]
        lines = []
        for axis, (k, step) in enumerate(zip(self.reach, self.spacing, strict=True)):
            line = np.moveaxis(field, axis, -1)[*(o for a, o in enumerate(origin) if a != axis)]
            lines.append((np.arange(k + 1) * step, line[origin[axis] :]))
        return tuple(lines)


def _directions(dim: int) -> Floats:
    """Unit vectors spread evenly over half a circle, or by the golden angle over half a sphere."""
    n = DIRECTIONS[dim]
    share = (np.arange(n) + 0.5) / n
    if dim == 2:
        return np.column_stack([np.cos(np.pi * share), np.sin(np.pi * share)])
    turn, radius = np.pi * (1.0 + np.sqrt(5.0)) * np.arange(n), np.sqrt(1.0 - share**2)
    return np.column_stack([radius * np.cos(turn), radius * np.sin(turn), share])
