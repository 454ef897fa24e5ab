"""Finds the outer faces and the interior boundaries of a mesh from its cells. Numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.errors import InputError
from fem_model.base.simplices import connected, sides
from fem_model.mesh.msh import NamedMesh
from fem_model.microstructure.statistics import ELECTRODES

EXTREMES = {"anode": np.min, "counter": np.max}  # where along the last axis, if the file does not name them
POSITION_TOLERANCE = 1e-6  # share of the extent


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Facets that have a name, each once: `facets[i]` (indices of points) is called `names[name[i]]`."""

    facets: Ints  # (n, d)
    name: Ints  # (n,), indices of faces + pairs
    cells: Ints  # (n, 2), the cells beside; twice the same at an outer face
    faces: tuple[str, ...]  # names of outer faces, among them "anode" and "counter"
    pairs: tuple[str, ...]  # names of interior boundaries, "A|B"

    @property
    def names(self) -> tuple[str, ...]:
        return self.faces + self.pairs


class Facets(NamedTuple):
    """Facets of a mesh, each once."""

    points: Ints  # (n, d), sorted
    cells: Ints  # (n, 2), the cells beside; twice the same outside
    group: Ints  # (n,), indices of the mesh's groups; -1: none

    @property
    def outer(self) -> Bools:
        """True for facets that have a cell on one side only."""
        return np.asarray(self.cells[:, 0] == self.cells[:, 1])


def find_boundaries(mesh: NamedMesh) -> Boundaries:
    """Outer faces by the file's names, interior boundaries by the cells beside them.

    Electrodes without a name are the flat ends of the last axis. A pair "A|B" (names sorted) holds the
    facets between a cell of A and one of B; "A|A" those between two grains of A.
    Errors: InputError where a facet belongs to more than two cells, or an electrode cannot be found.
    """
    return name_boundaries(mesh, all_facets(mesh))


def name_boundaries(mesh: NamedMesh, all_: Facets) -> Boundaries:
    """`find_boundaries` among the facets of the mesh."""
    facets, cells, group = all_
    outer = all_.outer
    faces, face = _faces(mesh, facets[outer], group[outer])
    pairs, pair = _pairs(mesh, cells[~outer])
    named = np.concatenate([np.flatnonzero(outer)[face >= 0], np.flatnonzero(~outer)[pair >= 0]])
    name = np.concatenate([face[face >= 0], pair[pair >= 0] + len(faces)])
    return Boundaries(facets[named], name, cells[named], faces, pairs)


def all_facets(mesh: NamedMesh) -> Facets:
    """Every facet once. Errors: InputError where one belongs to more than two cells."""
    found = sides(mesh.cells, mesh.facets)
    if found.times.max() > 2 or found.times.min() < 1:
        raise InputError("the mesh does not conform: a facet belongs to more than two cells, or to none")
    group = np.full(len(found.facets), -1)
    group[found.place] = mesh.group
    return Facets(found.facets, found.cells, group)


def parts(label: Ints, beside: Ints) -> Ints:
    """Number, from 0, of the part of each cell: cells of one label that are connected by facets.

    `beside` (n, 2) are the cells on both sides of the interior facets.
    """
    return connected(beside[label[beside[:, 0]] == label[beside[:, 1]]], len(label))


def _faces(mesh: NamedMesh, facets: Ints, group: Ints) -> tuple[tuple[str, ...], Ints]:
    """Names of the outer faces, and the index of its name for every outer facet (-1: none)."""
    label = np.array([*mesh.groups, ""], dtype=object)[group]
    for electrode, extreme in EXTREMES.items():
        if electrode not in label:
            flat = at_level(mesh.points[:, -1], facets, extreme(mesh.points[:, -1]))
            label[flat & ~np.isin(label, ELECTRODES)] = electrode
        if electrode not in label:
            raise InputError(f'no outer facet is named "{electrode}", and none lies flat at that end')
    names = tuple(sorted(set(label) - {""}))
    index = {name: position for position, name in enumerate(names)} | {"": -1}
    return names, np.array([index[name] for name in label])


def at_level(height: Floats, facets: Ints, level: float) -> Bools:
    """True for facets that lie flat where the coordinate `height` of their points has this value."""
    return (np.abs(height[facets] - level) <= POSITION_TOLERANCE * np.ptp(height)).all(axis=1)


def _pairs(mesh: NamedMesh, cells: Ints) -> tuple[tuple[str, ...], Ints]:
    """Names of the interior boundaries, and for every interior facet the index of its name (-1: none)."""
    low, high = np.sort(mesh.material[cells], axis=1).T
    boundary = (low != high) | (mesh.grain[cells[:, 0]] != mesh.grain[cells[:, 1]])
    codes, place = np.unique((low * len(mesh.materials) + high)[boundary], return_inverse=True)
    index = np.full(len(cells), -1)
    index[boundary] = place
    names = [tuple(mesh.materials[i] for i in divmod(int(code), len(mesh.materials))) for code in codes]
    return tuple("|".join(name) for name in names), index
