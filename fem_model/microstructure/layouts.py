"""Chooses the recipe of a microstructure by the layout of the case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fem_model.microstructure.layers import layers
from fem_model.microstructure.particles import particles
from fem_model.microstructure.polygons import Microstructure
from fem_model.microstructure.polyhedra import Polyhedra

if TYPE_CHECKING:
    from fem_model.case.layouts import Layers, Particles


def build_microstructure(section: Layers | Particles, shares: Sequence[float]) -> Microstructure | Polyhedra:
    """The microstructure of a [microstructure] section; `shares` of the area (volume), one for each part."""
    if section.layout == "particles":
        return particles(section, shares)
    return layers(section, shares)
