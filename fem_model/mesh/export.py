"""Meshes for other programs: .vtu, .xdmf and .vtk files, written by meshio."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from fem_model.base.errors import InputError
from fem_model.mesh.msh import read_msh

FORMATS = (".vtu", ".xdmf", ".vtk")


def require_no_export(path: Path) -> None:
    """InputError if a path that is to be a case or a .msh file is one of FORMATS."""
    if path.suffix in FORMATS:
        way = 'a case with layout = "mesh" reads the others'
        raise InputError(f"{path}: of mesh files only .msh is read here; {way}")


def export_mesh(msh: Path, target: Path) -> dict[str, int]:
    """Write a .msh file of this project as `target`, of one of FORMATS; the number of each material.

    Cells have the arrays `material` and `grain`, with numbers as in the fields of a run; lengths stay in
    micrometres. Beside an .xdmf file there is an .h5 file of the same name. Neither is seen half written.
    Errors: InputError as `read_msh`.
    """
    import meshio

    mesh = read_msh(msh)
    points = np.zeros((len(mesh.points), 3))
    points[:, : mesh.dim] = mesh.points
    cells = [("triangle" if mesh.dim == 2 else "tetra", mesh.cells)]
    data = {"material": [mesh.material + 1], "grain": [mesh.grain]}
    with TemporaryDirectory(dir=target.parent, prefix=".") as folder:
        meshio.Mesh(points, cells, cell_data=data).write(Path(folder) / target.name)
        for file in sorted(Path(folder).iterdir()):  # .h5 before the .xdmf that refers to it
            os.replace(file, target.with_name(file.name))
    return {name: number for number, name in enumerate(mesh.materials, start=1)}
