"""Microstructures: which electrolyte lies where, as polygons that share corners and edges, in 3D as polyhedra
that share faces. Numpy and SciPy.

`layers` and `particles` are the layouts. Particles are `power_diagram` cells whose volumes `transport` fits,
of sizes from `grain_sizes`, at places from `clustering`; `short_edges` prepares a 2D microstructure for
meshing, `statistics` describes its grains.
"""

from fem_model.microstructure.layouts import build_microstructure
from fem_model.microstructure.polygons import Microstructure, Region
from fem_model.microstructure.polyhedra import Polyhedra
from fem_model.microstructure.short_edges import merge_short_edges
from fem_model.microstructure.surfaces import Surfaces

__all__ = ["Microstructure", "Polyhedra", "Region", "Surfaces", "build_microstructure", "merge_short_edges"]
