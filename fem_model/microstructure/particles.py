"""Polydisperse grains of several materials that fill the rectangle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fem_model.microstructure.polygons import Microstructure, Region
from fem_model.microstructure.power_diagram import Floats
from fem_model.microstructure.transport import relaxed_diagram

if TYPE_CHECKING:
    from fem_model.case.layouts import Grains, Particles


def particles(section: Particles, shares: Sequence[float]) -> Microstructure:
    """A power diagram of grains at random places, of log-normal sizes, that meets the area shares.

    `shares` of the area, one for each entry of `section.grains`, sum to 1. The same seed gives the same
    grains, whatever the materials are called. Lengths are in units of the longer side meanwhile.
    """
    random = np.random.default_rng(section.seed)
    unit = max(section.width, section.depth)
    box = (section.width / unit, section.depth / unit)
    drawn = [
        draw_areas(grains, share * box[0] * box[1], unit, random)
        for grains, share in zip(section.grains, shares, strict=True)
    ]
    seeds = random.random((sum(map(len, drawn)), 2)) * box
    points, polygons = relaxed_diagram(seeds, np.concatenate(drawn), box).polygons()
    names = [grains.material for grains, areas in zip(section.grains, drawn, strict=True) for _ in areas]
    regions = (Region(name, 1 + i, polygons[i]) for i, name in enumerate(names))
    return Microstructure(_scaled(points, box, section), tuple(regions))


def draw_areas(grains: Grains, total: float, unit: float, random: np.random.Generator) -> Floats:
    """Areas of grains that sum to `total`, in units of the square of `unit` in m.

    The equal-area diameters are log-normal with the median `size` and the geometric standard deviation
    `spread`, without those beyond `Grains.CUT` standard deviations. They are drawn until they fill the total
    as closely as they can, then scaled alike to fill it exactly.
    """
    areas = np.empty(0)
    while areas.sum() < total:
        deviates = random.standard_normal(1000)
        deviates = deviates[np.abs(deviates) <= grains.CUT]
        diameters = grains.size / unit * grains.spread**deviates
        areas = np.concatenate([areas, math.pi / 4.0 * diameters**2])
    sums = np.cumsum(areas)
    count = 1 + int(np.argmin(np.abs(sums - total))) if total > 0.0 else 0
    return areas[:count] * (total / sums[count - 1]) if count else areas[:0]


def _scaled(points: Floats, box: tuple[float, float], section: Particles) -> Floats:
    """The points in metres, those on the walls exactly there."""
    walls = np.array([section.width, section.depth])
    return np.where(points == box, walls, points / box * walls)
