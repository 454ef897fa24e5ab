"""Polydisperse grains of several materials that fill the rectangle or the box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.materials import PORE
from fem_model.microstructure.clustering import first_seeds
from fem_model.microstructure.grain_sizes import draw_volumes
from fem_model.microstructure.polygons import Microstructure, Region
from fem_model.microstructure.polyhedra import Polyhedra
from fem_model.microstructure.transport import relaxed_diagram

if TYPE_CHECKING:
    from fem_model.case.layouts import Particles


def particles(section: Particles, shares: Sequence[float]) -> Microstructure | Polyhedra:
    """A power diagram of grains whose sizes follow the laws of the section, and that meets the shares.

    `shares` of the area or volume, one for each of `section.parts`, sum to 1. The same seed gives the same
    grains, whatever the materials are called. Lengths are in units of the longest side meanwhile.
    """
    random = np.random.default_rng(section.seed)
    unit, dim = max(section.extent), section.dim
    box = tuple(side / unit for side in section.extent)
    drawn = [
        draw_volumes(grains, share * math.prod(box), unit, random, dim)
        for grains, share in zip(section.parts, shares, strict=True)
    ]
    names = [part.material for part, some in zip(section.parts, drawn, strict=True) for _ in some]
    minor = np.array(names) == _minor_material(section, shares)
    volumes = np.concatenate(drawn)
    diagram = relaxed_diagram(first_seeds(volumes, minor, section.clustering, box, random), volumes, box)
    if dim == 3:
        points, faces, beside = diagram.polyhedra()
        return Polyhedra(_scaled(points, box, section), tuple(faces), beside, tuple(names))
    points, polygons = diagram.polygons()
    regions = (Region(name, 1 + i, polygons[i]) for i, name in enumerate(names))
    return Microstructure(_scaled(points, box, section), tuple(regions))


def _minor_material(section: Particles, shares: Sequence[float]) -> str:
    """The material of the grains with the smallest share."""
    total: dict[str, float] = {}
    for part, share in zip(section.parts, shares, strict=True):
        if share > 0.0 and part.material != PORE:
            total[part.material] = total.get(part.material, 0.0) + share
    return min(total, key=lambda name: total[name])


def _scaled(points: Floats, box: tuple[float, ...], section: Particles) -> Floats:
    """The points in metres, those on the walls exactly there."""
    return np.where(points == box, section.extent, points / box * np.array(section.extent))
