"""A labelled image becomes regions with smooth boundaries that they share. Numpy and SciPy only."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.sparse.linalg import MatrixRankWarning

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.log import logger
from fem_model.microstructure.enclosures import Enclosures
from fem_model.microstructure.loops import loops_of
from fem_model.microstructure.polygons import Microstructure, Region
from fem_model.microstructure.surface_net import WALL, Net, surface_net
from fem_model.microstructure.surfaces import Surfaces
from fem_model.microstructure.triangles import REACH, crossing, halved_or_fanned
from fem_model.microstructure.voxels import Voxels

ROUNDS = 20  # of moving the points that have not come to a side of their cube
INEXACT = 1e-3  # relative deviation of the volume of a label that is not accepted
NOTEWORTHY = 1e-4  # share of the voxels of a label whose loss is reported


class UnfitLabel(ValueError):
    """A label is too thin or too rough for the lattice."""

    def __init__(self, value: int, reason: str) -> None:
        super().__init__(f"label {value} {reason}")


def from_image(
    image: Voxels, materials: Sequence[tuple[int, str]], step: float, smoothing: float
) -> Microstructure | Surfaces:
    """Regions of an image: connected parts of one label, each of the material of its label.

    `materials` pairs labels with materials. The boundaries are those of the smoothed image
    (`Voxels.fields`, of the standard deviation `smoothing` in steps, or in voxels where these are larger),
    on a lattice of about `step` (m). Their points then move as little as possible, so that every label has
    the volume of its voxels. A warning in the log reports lost voxels.
    Errors: UnfitLabel if a label is lost, or cannot have its volume.
    """
    values = [value for value, _ in materials]
    nodes = image.nodes(step)
    fields = image.fields(values, nodes, smoothing * np.maximum(step, image.size))
    net = surface_net(fields)
    for index, value in enumerate(values):
        if index not in net.label:
            raise UnfitLabel(value, "is nowhere thick enough to be resolved")
    for value, lost in zip(values, lost_voxels(image, values, fields.argmax(axis=0)), strict=True):
        if lost > NOTEWORTHY * (count := image.count(value)):
            why = "in parts too thin for this smoothing and these cells, and so lost"
            logger.warning(f"voxels of label {value} {why}: {lost} of {count} ({lost / count:.2%})")
    names = tuple(materials[label][1] for label in net.label)
    volumes = np.array([image.volume(value) for value in values])
    box = _Box(np.array(nodes), image.extent, net.label, np.array(values), volumes)
    return _polygons(net, names, box) if len(nodes) == 2 else _surfaces(net, names, box)


def lost_voxels(image: Voxels, values: Sequence[int], found: Ints) -> list[int]:
    """Number of voxels of each label that lie more than a cell (or voxel) along some axis from that label in
    `found`: the index of the label at each node of the lattice."""
    shape, nodes = np.array(image.labels.shape), np.array(found.shape)
    nearest = [((np.arange(n) + 0.5) * m / n).astype(np.int64) for n, m in zip(shape, nodes, strict=True)]
    index, reach = found[np.ix_(*nearest)], 1 + 2 * np.ceil(shape / nodes).astype(np.int64)
    near = (ndimage.maximum_filter(index == k, tuple(reach)) for k in range(len(values)))
    return [int(((image.labels == v) & ~seen).sum()) for v, seen in zip(values, near, strict=True)]


@dataclass(frozen=True, eq=False)
class _Box:
    """Box in which the points of a net lie."""

    nodes: Ints  # number of nodes of the lattice along each axis
    extent: Floats  # m
    label: Ints  # (regions,), index of the label of each
    values: Ints  # (labels,)
    volumes: Floats  # (labels,) that each is to have

    def points(self, points: Floats, facets: Ints, beside: Ints) -> Floats:
        """Points of the lattice in metres, moved so that every label has its volume.

        None leaves its cube, nor the edge of the lattice it is on: facets would cross. What has come to a
        side of its cube stays there, and the others move on.
        Errors: UnfitLabel if the volumes are not reached this way.
        """
        label = np.where(beside == WALL, WALL, self.label[beside])
        enclosures = Enclosures(facets, label)
        low, high = (self._metres(limit) for limit in self._limits(points))
        found, free = self._metres(points), high > low
        for _ in range(ROUNDS):
            moved = self._moved(enclosures, found, free)
            found = np.clip(moved, low, high)
            if (found == moved).all():
                break
            free &= found == moved
        missing = np.abs(enclosures.volumes(found) / self.volumes - 1.0)
        if not missing.max() <= INEXACT:  # nor if it is not a number
            raise UnfitLabel(self.values[missing.argmax()], "is too rough to keep the volume of its voxels")
        return found

    def _moved(self, enclosures: Enclosures, points: Floats, free: Bools) -> Floats:
        with warnings.catch_warnings():  # a label all of whose points are fixed: its volume shows it
            warnings.simplefilter("ignore", MatrixRankWarning)
            return enclosures.with_volumes(points, self.volumes, free)

    def _limits(self, points: Floats) -> tuple[Floats, Floats]:
        """The least and the largest coordinates of each point; the same where it cannot move."""
        cube = np.rint(points)
        fixed = (points == 0.0) | (points == self.nodes) | (np.abs(points - cube) == 0.5)
        return np.where(fixed, points, cube - REACH), np.where(fixed, points, cube + REACH)

    def _metres(self, points: Floats) -> Floats:
        return np.where(points == self.nodes, self.extent, points * (self.extent / self.nodes))


def _polygons(net: Net, names: tuple[str, ...], box: _Box) -> Microstructure:
    points = box.points(net.points, net.facets, net.beside)
    regions = []
    for region, material in enumerate(names):
        left, right = (net.facets[net.beside[:, side] == region] for side in (0, 1))
        outer, *holes = loops_of(points, np.concatenate([left, right[:, ::-1]]))
        regions.append(Region(material, region + 1, outer, tuple(holes)))
    return Microstructure(points, tuple(regions))


def _surfaces(net: Net, names: tuple[str, ...], box: _Box) -> Surfaces:
    """The facets of the net as triangles, smaller ones where they would cross."""
    fan = np.zeros(len(net.facets), dtype=bool)
    while True:
        corners, triangles, source = halved_or_fanned(net.points, net.facets, fan)
        beside = net.beside[source]
        points = box.points(corners, triangles, beside)
        found = source[crossing(points, triangles, len(net.points))]
        if fan[found].all():
            return Surfaces(points, triangles, beside, names)
        fan[found] = True
