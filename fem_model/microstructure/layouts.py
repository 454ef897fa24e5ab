"""Chooses the recipe of a microstructure by the layout of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fem_model.microstructure.layers import layers
from fem_model.microstructure.polygons import Microstructure

if TYPE_CHECKING:
    from fem_model.case.sections import Layers

LAYOUTS = {"layers": layers}


def build_microstructure(section: Layers) -> Microstructure:
    """The microstructure that the [microstructure] section of a case describes."""
    return LAYOUTS[section.layout](section)
