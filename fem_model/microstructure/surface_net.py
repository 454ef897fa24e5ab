"""Smooth boundaries between the regions of a lattice, one net for all of them. Numpy and SciPy only.

Every cube between 2ᵈ neighbouring nodes of the lattice holds one point of the net if its nodes lie in two
or more regions, or on both sides of a wall (surface nets: Gibson, MICCAI 1998, LNCS 1496, 888). Every edge
of the lattice between two regions, or between a region and a wall, is crossed by one facet, which has its
corners in the cubes around the edge: a segment between two points, in 3D a quadrangle between four. So all
regions conform, however many meet. As no point leaves its cube, the facets can be cut into triangles that
do not cross.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array, csr_array

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.microstructure.reproducible import solve_small

WALL = -1  # stands for the region on the other side of a wall
MARGIN, CROWDED = 0.1, 0.25  # least distance of a point from the sides of its cube; where three parts meet
RELAXATIONS = 10  # of the points along the boundaries
DAMPING = 1e-2  # of Newton's method, relative to the slopes
FLAT = 1e-30  # square of a slope of the fields that counts as none
LONGEST_STEP = 0.3  # of Newton's method, in steps of the lattice


@dataclass(frozen=True, eq=False)
class Net:
    """Facets between regions, in units of the lattice, whose first node is at ½.

    A segment has region `beside[:, 0]` on its left; a quadrangle is anticlockwise seen from outside that
    region. `beside[:, 1]` is WALL at an outer side.
    """

    points: Floats  # (p, d)
    facets: Ints  # (f, 2), in 3D (f, 4)
    beside: Ints  # (f, 2)
    label: Ints  # (regions,), index of the field that is largest there


def surface_net(fields: Floats) -> Net:
    """The net between the regions where one of the `fields` (labels, n₁, …) at the nodes is largest.

    Regions are the parts of a label that are connected along edges of the lattice. The points lie where the
    fields of all labels in their cube are equal (fields are linear along each axis of a cube); along the
    boundaries they are evened out. Beyond walls the fields are mirrored: boundaries meet walls at right
    angles.
    """
    labels = fields.argmax(axis=0)
    region, label = _regions(labels, len(fields))
    facets, beside, cubes = _facets(region)
    around = _Cubes(cubes, fields, region)
    within = around.relaxed(around.crossings(), _neighbours(facets, around))
    points = cubes + within - 0.5
    return Net(points, facets, beside, label)


def _regions(labels: Ints, count: int) -> tuple[Ints, Ints]:
    """Number of the region of each node, and label of each region."""
    region = np.empty(labels.shape, dtype=np.int64)
    label: list[int] = []
    for k in range(count):
        parts, number = ndimage.label(labels == k)
        region[parts > 0] = parts[parts > 0] - 1 + len(label)
        label += [k] * number
    return region, np.array(label)


def _facets(region: Ints) -> tuple[Ints, Ints, Ints]:
    """Facets, the regions beside them, and the cubes (p, d) that the facets have as corners.

    Cube (i, …) lies between the nodes i − 1 and i.
    """
    outside = np.pad(region, 1, constant_values=WALL)
    shape = tuple(n + 1 for n in region.shape)
    corners, beside = zip(*(_across(outside, shape, axis) for axis in range(region.ndim)), strict=True)
    used, place = np.unique(np.concatenate(corners), return_inverse=True)
    cubes = np.column_stack(np.unravel_index(used, shape))
    return place.reshape(-1, corners[0].shape[1]), np.concatenate(beside), cubes


def _across(outside: Ints, shape: tuple[int, ...], axis: int) -> tuple[Ints, Ints]:
    """Facets across the edges of the lattice along `axis`: numbers of the cubes, and the two regions."""
    dim = outside.ndim
    inner: list[slice] = [slice(1, -1)] * dim
    inner[axis] = slice(None)
    lines = outside[tuple(inner)]
    low, high = np.delete(lines, -1, axis), np.delete(lines, 0, axis)
    edge = np.argwhere(low != high)
    beside = np.column_stack([low[tuple(edge.T)], high[tuple(edge.T)]])
    turned = [(axis + 1 + k) % dim for k in range(dim - 1)]
    ring = [(0,), (1,)] if dim == 2 else [(0, 0), (1, 0), (1, 1), (0, 1)]
    if dim == 2 and axis == 1:
        ring = ring[::-1]
    corners = np.empty((len(edge), len(ring)), dtype=np.int64)
    for k, steps in enumerate(ring):
        cube = edge.copy()
        cube[:, turned] += steps
        corners[:, k] = np.ravel_multi_index(tuple(cube.T), shape)
    from_wall = beside[:, 0] == WALL
    corners[from_wall], beside[from_wall] = corners[from_wall, ::-1], beside[from_wall, ::-1]
    return corners, beside


def _neighbours(facets: Ints, cubes: _Cubes) -> csr_array:
    """Matrix (p, p) of means over the neighbours towards which a point may move along its boundary.

    These are the ones in whose cube all regions and walls of its own meet.
    """
    sides = [(k, (k + 1) % facets.shape[1]) for k in range(facets.shape[1])]
    pairs = np.unique(np.sort(np.concatenate([facets[:, side] for side in sides]), axis=1), axis=0)
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    one, other = pairs[cubes.contain(pairs[:, 1], pairs[:, 0])].T
    count = len(cubes.free)
    share = 1.0 / np.maximum(np.bincount(one, minlength=count), 1)
    return coo_array((share[one], (one, other)), shape=(count, count)).tocsr()


def _slots(labels: Ints) -> tuple[Ints, Ints]:
    """The distinct labels in each row (p, slots), rising, the first again in what is left; and the slot of
    each entry."""
    order = np.argsort(labels, axis=1, kind="stable")
    ordered = np.take_along_axis(labels, order, axis=1)
    place = np.cumsum(np.diff(ordered, axis=1, prepend=ordered[:, :1]) != 0, axis=1)
    distinct = np.repeat(ordered[:, :1], place.max() + 1, axis=1)
    np.put_along_axis(distinct, place, ordered, axis=1)
    slot = np.empty_like(place)
    np.put_along_axis(slot, order, place, axis=1)
    return distinct, slot


class _Cubes:
    """The cubes that hold a point: the fields and regions at their corners. A place in one is in [0, 1]ᵈ.

    Of the fields only those of the labels that meet in a cube are kept, in `slots`, at most 2ᵈ.
    """

    def __init__(self, cubes: Ints, fields: Floats, region: Ints) -> None:
        self.cubes = cubes
        self.corners = np.array(list(product((0, 1), repeat=region.ndim)))
        places = np.clip(cubes[:, None, :] + self.corners - 1, 0, np.array(region.shape) - 1)  # mirrored
        nodes = tuple(np.moveaxis(places, -1, 0))
        self.regions = region[nodes]  # (p, 2ᵈ)
        labels, self.slot = _slots(fields.argmax(axis=0)[nodes])  # (p, slots); (p, 2ᵈ), that of each corner
        self.fields = fields[labels[:, :, None], *(axis[:, None, :] for axis in nodes)]  # (p, slots, 2ᵈ)
        self.meets = np.arange(labels.shape[1]) <= self.slot.max(axis=1, keepdims=True)  # (p, slots)
        self.between = np.flatnonzero(self.meets.sum(axis=1) > 1)
        self.low, self.high = cubes == 0, cubes == np.array(region.shape)
        self.free = ~(self.low | self.high)
        self.margin = np.where(self._parts()[self.between] > 2, CROWDED, MARGIN)[:, None]

    def contain(self, one: Ints, other: Ints) -> Bools:
        """True for cubes of `one` that meet all regions and walls that their partner in `other` meets."""
        low = (self.low[one] >= self.low[other]).all(axis=1)
        found: Bools = low & (self.high[one] >= self.high[other]).all(axis=1)
        for corner in self.regions[other].T:
            found &= (self.regions[one] == corner[:, None]).any(axis=1)
        return found

    def crossings(self) -> Floats:
        """Mean of the places where the edges of a cube leave a label, by linear interpolation."""
        total, count = np.zeros(self.free.shape), np.zeros(len(self.free))
        for one, other in self._edges():
            rows = np.flatnonzero(self.slot[:, one] != self.slot[:, other])
            a, b = self.slot[rows, one], self.slot[rows, other]
            ahead = self.fields[rows, a, one] - self.fields[rows, b, one]
            behind = self.fields[rows, b, other] - self.fields[rows, a, other]
            share = ahead / np.maximum(ahead + behind, np.finfo(float).tiny)
            total[rows] += self.corners[one] + share[:, None] * (self.corners[other] - self.corners[one])
            count[rows] += 1
        return np.where((count > 0)[:, None] & self.free, total / np.maximum(count, 1)[:, None], 0.5)

    def relaxed(self, within: Floats, means: csr_array) -> Floats:
        """Places moved half way to the means of their neighbours, then back onto the boundary, in turns."""
        has_neighbours = (np.diff(means.indptr) > 0)[:, None]
        within = self._projected(within)
        for _ in range(RELAXATIONS):
            towards = means @ (self.cubes + within) - self.cubes
            within = self._projected(np.where(has_neighbours, (within + towards) / 2.0, within))
        return self._projected(within)

    def _parts(self) -> Ints:
        """Number of parts of a cube: corners in one region, joined by edges."""
        first = np.tile(
            np.arange(len(self.corners)), (len(self.cubes), 1)
        )  # the first corner of the same part
        for _ in self.corners:
            for one, other in self._edges():
                joined = self.regions[:, one] == self.regions[:, other]
                least = np.minimum(first[:, one], first[:, other])
                first[joined, one] = first[joined, other] = least[joined]
        return np.asarray((first == np.arange(len(self.corners))).sum(axis=1))

    def _edges(self) -> Iterator[tuple[int, int]]:
        for one, other in combinations(range(len(self.corners)), 2):
            if np.abs(self.corners[one] - self.corners[other]).sum() == 1:
                yield one, other

    def _projected(self, within: Floats) -> Floats:
        """Two damped steps of Newton's method towards the nearest place where the fields are equal."""
        within = np.where(self.free, within, 0.5)
        for _ in range(2):
            value, slope = self._excess(within[self.between])
            square = np.einsum("bsi,bsj->bij", slope, slope)
            damping = DAMPING * np.trace(square, axis1=1, axis2=2) + FLAT
            square += damping[:, None, None] * np.eye(square.shape[1])
            step = -solve_small(square, np.einsum("bsi,bs->bi", slope, value))
            moved = within[self.between] + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
            within[self.between] = np.clip(moved, self.margin, 1.0 - self.margin)
            within = np.where(self.free, within, 0.5)
        return within

    def _excess(self, within: Floats) -> tuple[Floats, Floats]:
        """Fields (b, slots) of the labels that meet, less their mean, and the slopes of that (b, slots, d).

        Both are zero in slots that are not used.
        """
        fields, meets = self.fields[self.between], self.meets[self.between]
        factors = np.where(self.corners == 1, within[:, None, :], 1.0 - within[:, None, :])  # (b, 2ᵈ, d)
        terms = [np.einsum("pkc,pc->pk", fields, factors.prod(axis=2))]
        for axis in range(within.shape[1]):
            rest = np.delete(factors, axis, axis=2).prod(axis=2) * (2 * self.corners[:, axis] - 1)
            terms.append(np.einsum("pkc,pc->pk", fields, rest))
        count = meets.sum(axis=1, keepdims=True)
        value, *slopes = (
            np.where(meets, term - (term * meets).sum(axis=1, keepdims=True) / count, 0.0) for term in terms
        )
        return value, np.stack(slopes, axis=2)
