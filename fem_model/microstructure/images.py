"""A labelled image becomes regions with smooth boundaries that they share. Numpy and SciPy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_model.microstructure.enclosures import Enclosures
from fem_model.microstructure.facets import Floats, Ints
from fem_model.microstructure.loops import loops_of
from fem_model.microstructure.polygons import Microstructure, Region
from fem_model.microstructure.surface_net import WALL, Net, surface_net
from fem_model.microstructure.surfaces import Surfaces
from fem_model.microstructure.triangles import crossing, halved_or_fanned
from fem_model.microstructure.voxels import Voxels


class VanishedLabel(ValueError):
    """A label is too thin to be seen on the lattice."""

    def __init__(self, value: int) -> None:
        super().__init__(f"label {value} is nowhere thick enough to be seen")
        self.value = value


def from_image(
    image: Voxels, materials: Sequence[tuple[int, str]], step: float, smoothing: float
) -> Microstructure | Surfaces:
    """Regions of an image: parts of one label that hang together, each of the material of its label.

    `materials` pairs labels with materials. The boundaries are those of the smoothed image
    (`Voxels.fields`, of the standard deviation `smoothing` in steps, or in voxels where these are larger),
    on a lattice of about `step` (m). Their points then move as little as possible, so that every label has
    the volume of its voxels.
    Errors: VanishedLabel if a label is lost.
    """
    values = [value for value, _ in materials]
    nodes = image.nodes(step)
    net = surface_net(image.fields(values, nodes, smoothing * np.maximum(step, image.size)))
    for index, value in enumerate(values):
        if index not in net.label:
            raise VanishedLabel(value)
    names = tuple(materials[label][1] for label in net.label)
    volumes = np.array([image.volume(value) for value in values])
    box = _Box(np.array(nodes), image.extent, net.label, volumes)
    return _polygons(net, names, box) if len(nodes) == 2 else _surfaces(net, names, box)


@dataclass(frozen=True, eq=False)
class _Box:
    """Where the points of a net come to lie."""

    nodes: Ints  # number of nodes of the lattice along each axis
    extent: Floats  # m
    label: Ints  # (regions,)
    volumes: Floats  # (labels,) that each is to have

    def points(self, points: Floats, facets: Ints, beside: Ints) -> Floats:
        """Points of the lattice in metres, moved so that every label has its volume."""
        label = np.where(beside == WALL, WALL, self.label[beside])
        inside = (points > 0.0) & (points < self.nodes)
        scaled = np.where(points == self.nodes, self.extent, points * (self.extent / self.nodes))
        return Enclosures(facets, label).with_volumes(scaled, self.volumes, inside)


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
