"""Microstructures: which electrolyte lies where, as polygons that share corners and edges. Numpy and SciPy.

`layers` and `particles` are the layouts. Particles are `power_diagram` cells whose areas `transport` fits;
`short_edges` prepares a microstructure for meshing, `statistics` describes its grains.
"""

from fem_model.microstructure.layouts import build_microstructure
from fem_model.microstructure.polygons import Microstructure, Region
from fem_model.microstructure.short_edges import merge_short_edges

__all__ = ["Microstructure", "Region", "build_microstructure", "merge_short_edges"]
