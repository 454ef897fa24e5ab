"""A labelled image becomes regions with smooth boundaries that they share. Numpy and SciPy only."""

from __future__ import annotations

from collections.abc import Sequence

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

    `materials` pairs labels with materials. The boundaries are found on a lattice of about `step` (m) in the
    smoothed image (see `Voxels.fields`; the standard deviation is `smoothing` times the step, or the voxel where
    that is larger). They then shift, each by one distance along its normals, so that every label
    takes the volume of its voxels.
    Errors: VanishedLabel if a label is lost.
    """
    values = [value for value, _ in materials]
    nodes = image.nodes(step)
    net = surface_net(image.fields(values, nodes, smoothing * np.maximum(step, image.size)))
    for index, value in enumerate(values):
        if index not in net.label:
            raise VanishedLabel(value)
    names = tuple(materials[label][1] for label in net.label)
    wanted = np.array([image.volume(value) for value in values])
    if len(nodes) == 2:
        points = _with_volumes(net, net.points, net.facets, net.beside, wanted, image.extent)
        return _polygons(points, net, names)
    return _surfaces(net, names, wanted, image.extent)


def _with_volumes(
    net: Net, points: Floats, facets: Ints, beside: Ints, wanted: Floats, extent: Floats
) -> Floats:
    """The points of the lattice in metres, moved so that every label has the volume wanted."""
    nodes = np.array(net.region.shape)
    walls = (points == 0.0) | (points == nodes)
    scaled = np.where(points == nodes, extent, points * (extent / nodes))
    label = np.where(beside == WALL, WALL, net.label[beside])
    return Enclosures(facets, label).with_volumes(scaled, wanted, ~walls)


def _polygons(points: Floats, net: Net, names: tuple[str, ...]) -> Microstructure:
    regions = []
    for region, material in enumerate(names):
        left, right = (net.facets[net.beside[:, side] == region] for side in (0, 1))
        outer, *holes = loops_of(points, np.concatenate([left, right[:, ::-1]]))
        regions.append(Region(material, region + 1, outer, tuple(holes)))
    return Microstructure(points, tuple(regions))


def _surfaces(net: Net, names: tuple[str, ...], wanted: Floats, extent: Floats) -> Surfaces:
    """The facets of the net as triangles, and smaller ones where they cross."""
    fan = np.zeros(len(net.facets), dtype=bool)
    while True:
        corners, triangles, source = halved_or_fanned(net.points, net.facets, fan)
        beside = net.beside[source]
        points = _with_volumes(net, corners, triangles, beside, wanted, extent)
        found = source[crossing(points, triangles, len(net.points))]
        if fan[found].all():
            return Surfaces(points, triangles, beside, names)
        fan[found] = True
