"""Checks of imported meshes, and the few repairs that are made without asking."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy  # its parts are loaded when they are used

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.errors import InputError
from fem_model.base.simplices import Sides, connected, sides, signed_sizes, unique_rows

COINCIDENT = 1e-9  # distance of points that are one, relative to the diagonal of the box
NEAR = 1e-6  # the same, where it is below NEAR_EDGE of the shortest edge
NEAR_EDGE = 0.1
FLAT = COINCIDENT**2  # area or volume of a cell, as a share of the largest, that counts as none
ON_BOX = 1e-6  # share of the extent by which a point on the outline of the box may miss it
GAP = 0.05  # between two sides that face each other, in units of their size: what is narrower is a tear
NEIGHBOURS = 24  # outer sides among which the one is looked for that a side faces
REMEDY = "in the program it came from, merge the nodes where regions meet (in Gmsh: Coherence)"


@dataclass(frozen=True)
class Geometry:
    """Points and cells that are in order, and what became of those of the file."""

    points: Floats  # (n, d)
    cells: Ints  # (m, d + 1), positively oriented
    first: Ints  # (m,), numbers of the cells in the file
    place: Ints  # number of each cell of the file among these
    point: Ints  # number of each point of the file among these, -1 where it is at no cell
    notes: tuple[str, ...]  # what was put right

    @property
    def dim(self) -> int:
        """2 or 3."""
        return int(self.points.shape[1])


class Places:
    """Says where cells are, in micrometres."""

    def __init__(self, points: Floats, cells: Ints, unit: float) -> None:
        self.points, self.cells, self.unit = points, cells, unit

    def at(self, corners: Ints) -> str:
        """The middle of some points."""
        middle = self.points[corners].mean(axis=0) * self.unit
        return f"({', '.join(f'{x:.6g}' for x in middle)}) µm"

    def of(self, some: Ints) -> str:
        """The middle of the first of some cells."""
        return f"at {self.at(self.cells[some[0]])}"


def in_order(points: Floats, cells: Ints, dim: int, unit: float) -> Geometry:
    """Points in use, each place once, with `dim` coordinates; every cell once, positively oriented.

    `unit` is that of the points in µm. Points are in the order of their coordinates, cells in the file's.
    Errors: InputError for what cannot be put right, with the place.
    """
    is_used = np.zeros(len(points), np.bool_)
    is_used[cells] = True
    number = np.full(len(points), -1)
    points, number[is_used], notes = _merged(_in_plane(points[is_used], dim, unit), _shortest(points, cells))
    cells = number[cells]
    sizes = signed_sizes(points, cells)
    _require_sizes(sizes, Places(points, cells, unit))
    first, place = _distinct(cells)
    if twice := len(cells) - len(first):
        notes.append(f"{twice} cells occur twice and are used once")
    turned = cells[:, [1, 0, *range(2, dim + 1)]]
    cells = np.where((sizes < 0.0)[:, None], turned, cells)[first]
    notes += _require_conforming(points, cells, Places(points, cells, unit))
    return Geometry(points, cells, first, place, number, tuple(notes))


def _shortest(points: Floats, cells: Ints) -> float:
    """Length of the shortest edge."""
    pairs = combinations(points[cells].swapaxes(0, 1), 2)
    return float(min(np.sqrt(((a - b) ** 2).sum(axis=1).min()) for a, b in pairs))


def _in_plane(points: Floats, dim: int, unit: float) -> Floats:
    """The first `dim` coordinates. InputError for points that are not finite, or off the plane."""
    if not np.isfinite(points).all():
        raise InputError("has points whose coordinates are not finite")
    diagonal = float(np.linalg.norm(np.ptp(points, axis=0)))
    if points.shape[1] > dim and (height := np.ptp(points[:, dim])) > COINCIDENT * diagonal:
        told = "has points outside the x-y plane, in which a 2D mesh must lie"
        advice = "Turn it into the plane or, if it is a surface in 3D, mesh the volume within"
        raise InputError(f"{told}: z differs by {height * unit:.4g} µm. {advice}")
    return points[:, :dim]


def _merged(points: Floats, shortest: float) -> tuple[Floats, Ints, list[str]]:
    """The points, each place once; the number of each among these; a note on those not quite at one place."""
    distinct, same = unique_rows(points)
    diagonal = float(np.linalg.norm(np.ptp(points, axis=0)))
    near = max(COINCIDENT * diagonal, min(NEAR * diagonal, NEAR_EDGE * shortest))
    pairs = scipy.spatial.KDTree(distinct).query_pairs(near, output_type="ndarray")
    place = connected(pairs, len(distinct))
    first = np.unique(place, return_index=True)[1]
    order = np.lexsort(np.rint(distinct[first] / (COINCIDENT * diagonal or 1.0)).T[::-1])
    rank = np.empty(len(first), np.int64)
    rank[order] = np.arange(len(first))
    apart = np.linalg.norm(np.diff(distinct[pairs], axis=1)[:, 0], axis=1) > COINCIDENT * diagonal
    count = len(np.unique(pairs[apart, 1]))
    notes = [f"{count} points that nearly coincide with others are merged with them"] if count else []
    return distinct[first[order]], rank[place][same], notes


def _require_sizes(sizes: Floats, places: Places) -> None:
    least = FLAT * np.abs(sizes).max()
    if (flat := np.flatnonzero(~(np.abs(sizes) > least))).size:  # also where they are not finite
        what = "area" if places.cells.shape[1] == 3 else "volume"
        told = f"has cells without any {what}: {len(flat)}, the first {places.of(flat)}"
        raise InputError(f"{told}. Remove them in the program it came from")


def _distinct(cells: Ints) -> tuple[Ints, Ints]:
    """Numbers of the cells that are the first with their corners, and the place of every cell among them."""
    rows, place = unique_rows(np.sort(cells, axis=1))
    first = np.full(len(rows), len(cells))
    np.minimum.at(first, place, np.arange(len(cells)))
    order = np.argsort(first)
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows))
    return first[order], rank[place]


def _require_conforming(points: Floats, cells: Ints, places: Places) -> list[str]:
    """A note on sides within the box that have a cell on one side only.

    Errors: InputError where sides belong to more than two cells, cells fold over others, parts share
    no side, or sides face each other and should be one.
    """
    found = sides(cells)
    if (many := found.facets[found.times > 2]).size:
        told = (
            f"does not conform: a side belongs to more than two cells at {places.at(many[0])}, which overlap"
        )
        raise InputError(f"{told}. Remove them in the program it came from")
    inner = found.times == 2
    if (folded := _folded(cells, found.facets[inner], found.cells[inner])).size:
        told = f"has cells that fold over each other at {len(folded)} sides, first at {places.at(folded[0])}"
        raise InputError(f"{told}. Mesh it again in the program it came from")
    part = connected(found.cells[inner], len(cells))
    if (others := np.flatnonzero(part != part[0])).size:
        told = f"consists of {part.max() + 1} parts that share no side of a cell, one {places.of(others)}"
        raise InputError(f"{told}: where parts meet, they must share their points; {REMEDY}")
    return _require_whole(points, cells, found, places)


def _folded(cells: Ints, facets: Ints, beside: Ints) -> Ints:
    """The inner facets whose two cells, positively oriented, lie on the same side.

    That side is given by the parity of the order of the facet's corners and the cell's other one.
    """
    of_cells = sum(a > b for a, b in combinations(cells.T, 2))
    opposite = cells[beside].sum(axis=2) - facets.sum(axis=1)[:, None]
    side = (of_cells[beside] + (facets[:, None] > opposite[..., None]).sum(axis=2)) % 2
    folded: Ints = facets[side[:, 0] == side[:, 1]]
    return folded


def _require_whole(points: Floats, cells: Ints, found: Sides, places: Places) -> list[str]:
    outer = np.flatnonzero(found.times == 1)
    inside = outer[~_on_box(points, found.facets[outer])]
    if not len(inside):
        return []
    facets = found.facets[inside]
    apex = points[cells[found.cells[inside, 0]].sum(axis=1) - facets.sum(axis=1)]
    if (torn := facets[_faced(points[facets], apex)]).size:
        told = f"is torn: {len(torn)} sides of cells face others across no or little distance, first at"
        raise InputError(f"{told} {places.at(torn[0])}, but share no points with them; {REMEDY}")
    first = places.at(facets[0])
    return [f"{len(facets)} outer sides are not on the box, the first at {first}: treated as walls"]


def _on_box(points: Floats, facets: Ints) -> Bools:
    """True for facets that lie on a face of the box."""
    ends = np.stack([points.min(axis=0), points.max(axis=0)])
    away = np.abs(points[facets][:, :, None] - ends) / np.ptp(points, axis=0)  # facets, corners, ends, axes
    return np.asarray((away < ON_BOX).all(axis=1).any(axis=(1, 2)))


def _faced(corners: Floats, apex: Floats) -> Bools:
    """True for facets (n, d, d) that face another of them across a gap; `apex` (n, d) is behind each."""
    centre, normal, size = _centres_and_normals(corners, apex)
    _, near = scipy.spatial.KDTree(centre).query(centre, k=list(range(1, min(NEIGHBOURS, len(centre)) + 1)))
    step = centre[near] - centre[:, None]
    height = (step * normal[:, None]).sum(axis=2)
    aside = np.linalg.norm(step - height[..., None] * normal[:, None], axis=2)
    larger = np.maximum(size[:, None], size[near])
    opposed = (normal[:, None] * normal[near]).sum(axis=2) < -0.9
    close = (np.abs(height) < GAP * larger) & (height > -ON_BOX * larger) & (aside < 0.5 * larger)
    return np.asarray((opposed & close).any(axis=1))


def _centres_and_normals(corners: Floats, apex: Floats) -> tuple[Floats, Floats, Floats]:
    """Centres, outward unit normals and sizes (longest sides from the first corner) of facets."""
    edges = corners[:, 1:] - corners[:, :1]
    is_flat = corners.shape[2] == 2
    normal = edges[:, 0, ::-1] * (1.0, -1.0) if is_flat else np.cross(edges[:, 0], edges[:, 1])
    inward = ((apex - corners[:, 0]) * normal).sum(axis=1) > 0
    normal = np.where(inward[:, None], -normal, normal) / np.linalg.norm(normal, axis=1)[:, None]
    return corners.mean(axis=1), normal, np.linalg.norm(edges, axis=2).max(axis=1)
