"""The fields of a run that someone sent, looked through before they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from fem_model.base.errors import InputError
from fem_model.readers import bounded
from fem_model.readers.files import require_inside
from fem_model.readers.hdf5 import references
from fem_model.readers.limits import Allowance
from fem_model.readers.reading import Arrays


def require_fields(path: Path) -> None:
    """InputError unless this file, in the folder of a run, holds meshes and fields, and no more than it says.

    It is looked through in a child process. Afterwards it is safe to read it in this one.
    """
    require_inside(path, path.parent)
    bounded.read("fields", path)


def check(path: Path, _: Allowance) -> Arrays:
    """Nothing, if the fields are as they should be: see `require_fields`."""
    if found := references(path):
        raise InputError(f"refers to {found[0]}; a run keeps its fields in one file")
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: _require_plain(name, item, path.stat().st_size))
        meshes = [(mesh["geometry"][()], mesh["topology"][()]) for mesh in file["Mesh"].values()]
        for points, cells in meshes:
            _require_mesh(points, cells)
        sizes = {len(rows) for mesh in meshes for rows in mesh}
        for name, outputs in file.get("Function", {}).items():
            for number, values in outputs.items():
                if values.ndim != 2 or len(values) not in sizes:
                    raise InputError(f"has {values.shape} values of {name}, number {number}")
    return {}


def _require_plain(name: str, item: Any, size: int) -> None:
    """InputError for a dataset that is not numbers, as they are, within a file of this size."""
    if isinstance(item, h5py.Dataset):
        filters = item.id.get_create_plist().get_nfilters()
        if item.dtype.kind not in "iuf" or filters or item.shape is None or item.nbytes > size:
            raise InputError(f"has {name} of {item.dtype} and the shape {item.shape}, not as a run writes it")


def _require_mesh(points: np.ndarray, cells: np.ndarray) -> None:
    dim = points.shape[1] if points.ndim == 2 else 0
    if dim not in (2, 3) or cells.ndim != 2 or cells.shape[1] != dim + 1 or cells.dtype.kind != "i":
        raise InputError(f"has a mesh of points {points.shape} and cells {cells.shape}, not of simplices")
    if not len(cells) or cells.min() < 0 or cells.max() >= len(points) or not np.isfinite(points).all():
        raise InputError("has a mesh with cells at points that are not there, or nowhere")
