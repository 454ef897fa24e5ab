"""Meshes for other programs: .vtu, .xdmf and .vtk files, written by meshio."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np

from fem_model.base.atomic import require_space, take_away, writing
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
    Errors: InputError as `read_msh`; OutputError if the disk does not hold it.
    """
    import meshio

    mesh = read_msh(msh)
    points = np.zeros((len(mesh.points), 3))
    points[:, : mesh.dim] = mesh.points
    cells = [("triangle" if mesh.dim == 2 else "tetra", mesh.cells)]
    data = {"material": [mesh.material + 1], "grain": [mesh.grain]}
    aside = target.with_name(f".{target.name}.part")
    take_away(aside)  # of a process that was killed
    size = sum(array.nbytes for array in (points, mesh.cells, mesh.material, mesh.grain))
    require_space(target, 2 * size)  # text of bytes, in the worst case
    try:
        with writing(target):
            aside.mkdir()
            meshio.Mesh(points, cells, cell_data=data).write(aside / target.name)
            for file in sorted(aside.iterdir()):  # .h5 before the .xdmf that refers to it
                os.replace(file, target.with_name(file.name))
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return {name: number for number, name in enumerate(mesh.materials, start=1)}
