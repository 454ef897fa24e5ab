"""Power (Laguerre) diagrams of a rectangle: areas, centroids, couplings and corners of the cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull, KDTree

from fem_model.microstructure.areas import Polygons, without_repeats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SAME_POINT = 1e-9  # corners closer than this share of the rectangle's longer side are one point


@dataclass(frozen=True, eq=False)
class PowerDiagram:
    """Cell i holds the points x of the rectangle where |x - seeds[i]|² - weights[i] is smallest.

    The diagram is dual to the lower side of the convex hull of the points (s, |s|² - w). Every seed has a
    mirror image behind each wall, of the same weight, so that the walls are edges of the diagram and the
    cells end there exactly. Sides are listed twice, once for each cell that has them.
    """

    seeds: Floats  # (n, 2)
    box: tuple[float, float]  # width and depth
    triangles: Ints  # (t, 3) dual triangles with a true seed; indices of seeds, images from n on
    corners: Floats  # (t, 2) the point where the three cells of a triangle meet
    cell: Ints  # (s,) the cell that a side belongs to
    neighbour: Ints  # (s,) the cell behind it, from n on an image
    length: Floats  # (s,)
    distance: Floats  # (s,) from the seed to the line of the side, along the outward normal
    middle: Floats  # (s, 2)
    gap: Floats  # (s,) between the two seeds

    @classmethod
    def of(cls, seeds: Floats, weights: Floats, box: tuple[float, float]) -> PowerDiagram:
        """The diagram of `seeds` (n, 2) within the rectangle from (0, 0) to `box`."""
        points = _with_images(seeds, box)
        lift = (points**2).sum(axis=1) - np.tile(weights, len(points) // len(seeds))
        hull = ConvexHull(np.column_stack([points, lift]))
        normal = hull.equations[:, :3]
        inside = (normal[:, 2] < 0.0) & (hull.simplices < len(seeds)).any(axis=1)
        corners = np.zeros((len(normal), 2))
        corners[inside] = -normal[inside, :2] / (2.0 * normal[inside, 2:])
        cell, neighbour, ends = _sides(hull.simplices, hull.neighbors, inside, len(seeds))
        across = points[neighbour] - points[cell]
        gap = np.linalg.norm(across, axis=1)
        start, end = corners[ends[:, 0]], corners[ends[:, 1]]
        middle = (start + end) / 2.0
        return cls(
            seeds=seeds,
            box=box,
            triangles=hull.simplices[inside].astype(np.int64),
            corners=corners[inside],
            cell=cell,
            neighbour=neighbour,
            length=np.linalg.norm(end - start, axis=1),
            distance=((middle - points[cell]) * across).sum(axis=1) / gap,
            middle=middle,
            gap=gap,
        )

    @property
    def areas(self) -> Floats:
        """Area of every cell (0: it has none), as the sum of triangles from the seed to the sides."""
        return np.bincount(self.cell, self.length * self.distance / 2.0, len(self.seeds))

    @property
    def centroids(self) -> Floats:
        """Centre of mass of every cell, none of which may be empty."""
        area = self.length * self.distance / 2.0
        moment = area[:, None] * (self.seeds[self.cell] + 2.0 * self.middle) / 3.0
        sums = [np.bincount(self.cell, moment[:, axis], len(self.seeds)) for axis in (0, 1)]
        return np.column_stack(sums) / self.areas[:, None]

    @property
    def coupling(self) -> csr_array:
        """d areas / d weights: a side of length l between seeds a gap g apart moves by dw / 2g."""
        n = len(self.seeds)
        true = self.neighbour < n
        rows, columns, rate = self.cell[true], self.neighbour[true], (self.length / (2.0 * self.gap))[true]
        values = np.concatenate([rate, -rate])
        return coo_array(
            (values, (np.concatenate([rows, rows]), np.concatenate([rows, columns]))), shape=(n, n)
        ).tocsr()

    def polygons(self) -> tuple[Floats, Polygons]:
        """Points (p, 2), each once and exactly on the walls where it is close, and the anticlockwise corners
        of every cell. Cells must not be empty."""
        points, place = self._merged_corners()
        cell, triangle = self.triangles.ravel(), np.repeat(np.arange(len(self.triangles)), 3)
        cell, triangle = cell[cell < len(self.seeds)], triangle[cell < len(self.seeds)]
        ray = self.corners[triangle] - self.centroids[cell]
        order = np.lexsort([np.arctan2(ray[:, 1], ray[:, 0]), cell])
        around = np.split(place[triangle[order]], np.cumsum(np.bincount(cell))[:-1])
        return points, [without_repeats(corners.tolist()) for corners in around]

    def _merged_corners(self) -> tuple[Floats, Ints]:
        """Distinct points, and for every triangle the index of its point."""
        tolerance = SAME_POINT * max(self.box)
        close = KDTree(self.corners).query_pairs(tolerance, output_type="ndarray")
        graph = coo_array((np.ones(len(close)), tuple(close.T)), shape=(len(self.corners),) * 2)
        count, place = connected_components(graph, directed=False)
        size = np.bincount(place)
        sums = [np.bincount(place, self.corners[:, axis], count) / size for axis in (0, 1)]
        points = np.column_stack(sums)
        for wall in (np.zeros(2), np.array(self.box)):
            points = np.where(abs(points - wall) < tolerance, wall, points)
        return points, place.astype(np.int64)


def _with_images(seeds: Floats, box: tuple[float, float]) -> Floats:
    """The seeds, followed by their images behind the left, right, lower and upper wall."""
    images = [seeds]
    for axis, wall in ((0, 0.0), (0, box[0]), (1, 0.0), (1, box[1])):
        image = seeds.copy()
        image[:, axis] = 2.0 * wall - image[:, axis]
        images.append(image)
    return np.concatenate(images)


def _sides(
    simplices: npt.NDArray[np.int32],
    neighbours: npt.NDArray[np.int32],
    inside: npt.NDArray[np.bool_],
    count: int,
) -> tuple[Ints, Ints, Ints]:
    """Cell, cell behind, and the two triangles at the ends, of every side of a true cell."""
    triangle = np.repeat(np.flatnonzero(inside), 3)
    opposite = np.tile(np.arange(3), len(triangle) // 3)
    pair = simplices[triangle[:, None], (opposite[:, None] + [1, 2]) % 3].astype(np.int64)
    ends = np.column_stack([triangle, neighbours[triangle, opposite]])
    once = (ends[:, 0] < ends[:, 1]) & (pair < count).any(axis=1)
    pair, ends = np.concatenate([pair[once], pair[once, ::-1]]), np.concatenate([ends[once], ends[once]])
    true = pair[:, 0] < count
    return pair[true, 0], pair[true, 1], ends[true]
