"""Power (Laguerre) diagrams of a rectangle or box: volumes, centroids, couplings and corners of the cells."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.spatial import ConvexHull, KDTree

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.simplices import connected, distinct_rows
from fem_model.microstructure.areas import Polygons, without_repeats
from fem_model.microstructure.facets import angles_around, lines_between, polygons_between, sums_by
from fem_model.microstructure.reproducible import turn

SAME_POINT = 1e-9  # corners closer than this share of the longest side of the box are one point


@dataclass(frozen=True, eq=False)
class PowerDiagram:
    """Cell i holds the points x of the box where |x - seeds[i]|² - weights[i] is smallest.

    In d = 2 or 3 dimensions. The diagram is dual to the lower side of the convex hull of the points
    (s, |s|² - w). Every seed has a mirror image behind each wall, of the same weight, so that the walls are
    sides of the diagram and the cells end there exactly. Sides (lines, in 3D polygons) are listed twice, once
    for each cell that has them. Areas of cells in 2D are called volumes here.
    """

    seeds: Floats  # (n, d)
    box: tuple[float, ...]  # width, in 3D breadth, and depth
    simplices: Ints  # (t, d + 1) dual simplices with a true seed; indices of seeds, images from n on
    corners: Floats  # (t, d) the point where the cells of a simplex meet
    cell: Ints  # (s,) the cell that a side belongs to
    neighbour: Ints  # (s,) the cell behind it, from n on an image
    measure: Floats  # (s,) length or area of the side
    distance: Floats  # (s,) from the seed to the line or plane of the side, along the outward normal
    middle: Floats  # (s, d) centroid of the side
    gap: Floats  # (s,) between the two seeds

    @classmethod
    def of(cls, seeds: Floats, weights: Floats, box: tuple[float, ...]) -> PowerDiagram:
        """The diagram of `seeds` (n, d) within the box from the origin to `box`."""
        dim, count = len(box), len(seeds)
        points = _with_images(seeds, box)
        lift = (points**2).sum(axis=1) - np.tile(weights, len(points) // count)
        hull = ConvexHull(np.column_stack([points, lift]))
        normal = hull.equations[:, : dim + 1]
        inside = (normal[:, dim] < 0.0) & (hull.simplices < count).any(axis=1)
        corners = np.zeros((len(normal), dim))
        corners[inside] = -normal[inside, :dim] / (2.0 * normal[inside, dim:])
        ridges, ends = _ridges(hull.simplices, hull.neighbors, inside, count)
        pair, measure, middle = (lines_between if dim == 2 else polygons_between)(ridges, corners[ends])
        pair = np.concatenate([pair, pair[:, ::-1]])
        true = pair[:, 0] < count
        cell, neighbour = pair[true].T
        middle = np.concatenate([middle, middle])[true]
        across = points[neighbour] - points[cell]
        gap = np.linalg.norm(across, axis=1)
        return cls(
            seeds=seeds,
            box=box,
            simplices=hull.simplices[inside].astype(np.int64),
            corners=corners[inside],
            cell=cell,
            neighbour=neighbour,
            measure=np.concatenate([measure, measure])[true],
            distance=((middle - points[cell]) * across).sum(axis=1) / gap,
            middle=middle,
            gap=gap,
        )

    @property
    def volumes(self) -> Floats:
        """Volume of every cell (0: it has none), as the sum of cones from the seed to the sides."""
        return np.bincount(self.cell, self.measure * self.distance / len(self.box), len(self.seeds))

    @property
    def centroids(self) -> Floats:
        """Centre of mass of every cell, none of which may be empty."""
        dim = len(self.box)
        cone = self.measure * self.distance / dim
        moment = cone[:, None] * (self.seeds[self.cell] + dim * self.middle) / (dim + 1)
        sums = [np.bincount(self.cell, moment[:, axis], len(self.seeds)) for axis in range(dim)]
        return np.column_stack(sums) / self.volumes[:, None]

    @property
    def coupling(self) -> csr_array:
        """d volumes / d weights: a side of measure m between seeds a gap g apart moves by dw / 2g."""
        n = len(self.seeds)
        true = self.neighbour < n
        rows, columns, rate = self.cell[true], self.neighbour[true], (self.measure / (2.0 * self.gap))[true]
        values = np.concatenate([rate, -rate])
        return coo_array(
            (values, (np.concatenate([rows, rows]), np.concatenate([rows, columns]))), shape=(n, n)
        ).tocsr()

    def polygons(self) -> tuple[Floats, Polygons]:
        """Polygons in 2D: points (p, 2), each once and exactly on the walls where it is close, and the
        corners of every cell, anticlockwise. Cells must not be empty."""
        points, place = self.merged_corners()
        cell, triangle = self.simplices.ravel(), np.repeat(np.arange(len(self.simplices)), 3)
        cell, triangle = cell[cell < len(self.seeds)], triangle[cell < len(self.seeds)]
        ray = self.corners[triangle] - self.centroids[cell]
        order = np.lexsort([turn(ray[:, 0], ray[:, 1]), cell])
        around = np.split(place[triangle[order]], np.cumsum(np.bincount(cell))[:-1])
        return points, [without_repeats(corners.tolist()) for corners in around]

    def polyhedra(self) -> tuple[Floats, Polygons, Ints]:
        """Polyhedra in 3D: points (p, 3) as in `polygons`; the corners of every side once, anticlockwise
        seen from behind the first of its two cells; these cells (s, 2), -1 behind a wall.
        Cells must not be empty."""
        points, place = self.merged_corners()
        sides, side, corner = self._corners_of_sides(place)
        seeds = _with_images(self.seeds, self.box)
        normals = seeds[sides[:, 1]] - seeds[sides[:, 0]]
        order = np.lexsort([angles_around(normals, side, points[corner]), side])
        faces = np.split(corner[order], np.cumsum(np.bincount(side))[:-1])
        return (
            points,
            [tuple(face.tolist()) for face in faces],
            np.where(sides < len(self.seeds), sides, -1),
        )

    def _corners_of_sides(self, place: Ints) -> tuple[Ints, Ints, Ints]:
        """The two cells (s, 2) of every side that is a polygon; side and point of each of their corners.

        A cell and the image of another one share no more than an edge.
        """
        pairs = np.array(list(combinations(range(4), 2)))
        sides = np.sort(self.simplices[:, pairs], axis=2).reshape(-1, 2)
        rows = np.unique(np.column_stack([sides, np.repeat(place, len(pairs))]), axis=0)
        first, second = rows[:, 0], rows[:, 1]
        count = len(self.seeds)
        rows = rows[(first < count) & ((second < count) | (second % count == first))]
        _, side = distinct_rows(rows[:, :2])
        rows = rows[(np.bincount(side) >= 3)[side]]
        return *distinct_rows(rows[:, :2]), rows[:, 2]

    def merged_corners(self) -> tuple[Floats, Ints]:
        """Distinct corners, exactly on the walls where they are close, and for every simplex the index of its
        corner."""
        tolerance = SAME_POINT * max(self.box)
        close = KDTree(self.corners).query_pairs(tolerance, output_type="ndarray")
        place = connected(close, len(self.corners))
        size = np.bincount(place)
        points = sums_by(place, self.corners, len(size)) / size[:, None]
        for wall in (np.zeros(len(self.box)), np.array(self.box)):
            points = np.where(abs(points - wall) < tolerance, wall, points)
        return points, place


def _with_images(seeds: Floats, box: tuple[float, ...]) -> Floats:
    """The seeds, followed by their images behind the lower and upper wall of every axis."""
    images = [seeds]
    for axis, side in enumerate(box):
        for wall in (0.0, side):
            image = seeds.copy()
            image[:, axis] = 2.0 * wall - image[:, axis]
            images.append(image)
    return np.concatenate(images)


def _ridges(
    simplices: npt.NDArray[np.int32],
    neighbours: npt.NDArray[np.int32],
    inside: Bools,
    count: int,
) -> tuple[Ints, Ints]:
    """The d seeds that two neighbouring simplices share, where one of them is true, and these two; (r, 2)."""
    corners = simplices.shape[1]
    simplex = np.repeat(np.flatnonzero(inside), corners)
    opposite = np.tile(np.arange(corners), len(simplex) // corners)
    others = (opposite[:, None] + np.arange(1, corners)) % corners
    shared = simplices[simplex[:, None], others].astype(np.int64)
    ends = np.column_stack([simplex, neighbours[simplex, opposite]])
    once = (ends[:, 0] < ends[:, 1]) & (shared < count).any(axis=1)
    return shared[once], ends[once]
