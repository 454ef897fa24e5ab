"""Microstructures: which electrolyte lies where, as polygons that share corners and edges. Numpy only."""

from fem_model.microstructure.layers import layers
from fem_model.microstructure.layouts import build_microstructure
from fem_model.microstructure.polygons import Microstructure, Region

__all__ = ["Microstructure", "Region", "build_microstructure", "layers"]
