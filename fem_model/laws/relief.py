"""Effective length of a crack among others: the stress that it relieves, it takes from them.

A crack of the height z relieves the stress in a triangle (in 3D a cone) of the height z beside it, whose foot
reaches c z to both sides: Griffith's estimate of the energy a crack sets free. A lone edge crack under the
pressure p sets free G = K²/E′ = Y² π a p²/E′ for each length by which it grows, the triangle 2 c a · p²/2E′:

    c = π Y²   (in 3D, with the cone π c² a² · p²/2E′ over the front π a of a half penny:  c = √2 Y).

Where the triangles of several cracks overlap the stress is relieved once. The region relieved is what lies
below E(r) = max_i (z_i − |r − r_i|/c), and a crack's part of it, the width S on which its own triangle is the
highest, is what its growth sets free:

    a = S/(2c)   (3D: a = √(S/π)/c).

A crack alone has a = z. Equal parallel cracks at the spacing b have a = z while b > 2 c z, then a = b/(2c) =
b/(2πY²): K = p √(b/2), the exact limit of long cracks (Tada, Paris and Irwin, The Stress Analysis of Cracks
Handbook, periodic edge cracks: between long cracks all stress is relieved). Two cracks close together share
what one would have, K = K₁/√2. One that falls behind its neighbour by b/c has nothing left. Sides of the
domain mirror.
"""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import map_coordinates, maximum_filter

from fem_model.base.arrays import Floats, Ints

CHUNK = 4_000_000
"""Pairs of points and columns treated at once."""
TIE = 0.15
"""Height over the radius of a crack's end by which cones may differ and still count as one."""


class Relief:
    """The relieved region over a grid of columns, `spacing` (m) apart at most, on the anode's face.

    `extent` holds the sizes of the face (m), one in 2D, two in 3D, `factor` is Y, and `radius` (m) that of
    the rounded end of a crack, all of which counts as its tip.
    """

    def __init__(self, extent: Sequence[float], spacing: float, factor: float, radius: float) -> None:
        self.extent, self.radius = np.array(extent), radius
        self.counts = np.maximum(np.ceil(self.extent / spacing).astype(int), 1)
        self.steps = self.extent / self.counts
        self.slope = 1.0 / (np.pi * factor**2 if len(self.extent) == 1 else np.sqrt(2.0) * factor)
        axes = list(zip(self.counts, self.steps, strict=True))
        middles = [(np.arange(-n, 2 * n) + 0.5) * step for n, step in axes]
        self.around = _grid(middles)
        """Middles of the columns of the domain and of its images beside it."""
        self.within = _grid([middle[n : 2 * n] for middle, (n, _) in zip(middles, axes, strict=True)])
        self.envelope, self.length = np.zeros(self.counts), np.zeros(self.counts)

    def tops(self, points: Floats) -> Floats:
        """The highest of the points (n, d) of lithium in each column, (columns, d); else one at height 0."""
        column = self._column(points)
        order = np.lexsort((points[:, -1], column))
        last = order[np.append(np.diff(column[order]) > 0, len(order) > 0)[: len(order)]]
        tops = np.column_stack([self.within, np.zeros(len(self.within))])
        tops[column[last]] = points[last]
        return tops

    def update(self, tops: Floats) -> None:
        """E and the crack lengths that belong to the highest points of lithium in the columns."""
        tops = tops[tops[:, -1] > 0]
        sources = self._sources(tops)
        envelope = self._envelope(self.around, sources)
        tie = TIE * self.radius
        ends = tops[tops[:, -1] >= self._envelope(tops[:, :-1], sources) - tie]
        share = np.zeros(len(ends))
        for part in _parts(len(ends), len(self.around)):
            cone = ends[part, -1:] - self.slope * _distances(ends[part, :-1], self.around)
            kept = np.clip(1.5 - (envelope - cone) / tie, 0.0, 1.0) * (cone > 0)
            share[part] = kept.sum(axis=1) * self.steps.prod()
        length = np.zeros(len(self.within))
        foot = share / 2 if len(self.counts) == 1 else np.sqrt(share / np.pi)
        length[self._column(ends)] = self.slope * foot
        reach = 2 * np.ceil(self.radius / self.steps).astype(int) + 1
        self.length = maximum_filter(length.reshape(self.counts), tuple(reach), mode="reflect")
        self.envelope = self._envelope(self.within, sources).reshape(self.counts)

    def length_at(self, points: Floats) -> Floats:
        """Crack length a (m) at points (n, d) on the front; it fades below E, in the shadow of others."""
        place = (points[:, :-1] / self.steps - 0.5).T
        envelope, length = (
            map_coordinates(field, place, order=1, mode="nearest") for field in (self.envelope, self.length)
        )
        faded: Floats = length * np.clip(2.0 - (envelope - points[:, -1]) / self.radius, 0.0, 1.0)
        return faded

    def below(self, points: Floats, tops: Floats) -> Floats:
        """Depth of points (n, d), m, below the envelope E of the highest points of lithium in the columns."""
        under: Floats = self._envelope(points[:, :-1], self._sources(tops)) - points[:, -1]
        return under

    def _column(self, points: Floats) -> Ints:
        index = np.floor(points[:, : len(self.counts)] / self.steps).astype(np.int64)
        column: Ints = np.ravel_multi_index(tuple(np.clip(index, 0, self.counts - 1).T), tuple(self.counts))
        return column

    def _envelope(self, places: Floats, sources: Floats) -> Floats:
        """E at places (n, d − 1)."""
        envelope = np.zeros(len(places))
        for part in _parts(len(places), len(sources)):
            cones = sources[:, -1] - self.slope * _distances(places[part], sources[:, :-1])
            envelope[part] = cones.max(axis=1, initial=0.0)
        return envelope

    def _sources(self, tops: Floats) -> Floats:
        """The points, and those that the sides of the domain, and its edges, mirror."""
        images = [tops]
        for axis, size in enumerate(self.extent):
            sign = np.ones(tops.shape[1])
            sign[axis] = -1.0
            images += [sign * image + (1 - sign) * mirror for image in images for mirror in (0.0, size)]
        return np.concatenate(images)


def _grid(axes: list[Floats]) -> Floats:
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)


def _distances(some: Floats, others: Floats) -> Floats:
    if some.shape[1] == 1:
        return np.asarray(np.abs(some - others.T))
    return np.asarray(np.hypot(*(some[:, None, k] - others[None, :, k] for k in range(2))))


def _parts(rows: int, columns: int) -> list[slice]:
    size = max(1, CHUNK // max(columns, 1))
    return [slice(first, first + size) for first in range(0, rows, size)]
