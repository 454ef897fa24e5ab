"""Chooses the recipe of a microstructure by the layout of the case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fem_model.microstructure.layers import layers
from fem_model.microstructure.particles import particles
from fem_model.microstructure.polygons import Microstructure

if TYPE_CHECKING:
    from fem_model.case.layouts import Layers, Particles


def build_microstructure(section: Layers | Particles, shares: Sequence[float]) -> Microstructure:
    """The microstructure of a [microstructure] section; `shares` of the area, one for each of its parts."""
    if section.layout == "particles":
        return particles(section, shares)
    return layers(section, shares)
