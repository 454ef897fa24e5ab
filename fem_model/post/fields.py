"""The fields of a run at an output, for PyVista."""

from typing import TYPE_CHECKING

import numpy as np

from fem_model.post.load import Run

if TYPE_CHECKING:
    from pyvista import UnstructuredGrid


def grid_of(run: Run, output: int) -> "UnstructuredGrid":
    """The mesh of an output with all its fields; points in µm, fields in SI units.

    Materials are numbers of cells; their names, in this order, are the field data "materials".
    """
    names = run.field_names(output)
    mesh = run.mesh_at(output)
    grid = mesh.grid()
    for name in names:
        values = run.field(name, output)
        data = grid.point_data if len(values) == len(mesh.points) else grid.cell_data
        data[name] = values
    grid.cell_data["material"], grid.cell_data["grain"] = mesh.material, mesh.grain
    grid.field_data["materials"] = np.array(run.names)
    grid.field_data["time_s"] = np.array([run.times[output]])
    return grid
