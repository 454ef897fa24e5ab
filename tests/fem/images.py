"""Cases whose microstructure is an image: balls of known size, and grains of several materials."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fem_model.study.verification.cases import NUCLEUS
from tests.fem.cases import toml

SIZE = 10.0  # µm, of an image along each axis


def ball(shape: Sequence[int], radius: float, centre: Any = 0.5) -> Any:
    """1 where the middle of a voxel is in a ball, else 0; radius and centre in units of the image's size."""
    axes = zip(shape, np.broadcast_to(centre, len(shape)), strict=True)
    along = [(np.arange(n) + 0.5) / n - middle for n, middle in axes]
    places = np.meshgrid(*along, indexing="ij", sparse=True)
    return (sum(x * x for x in places) < radius**2).astype(np.uint8)


def image_case(folder: Path, labels: Any, changes: Mapping[str, object] | None = None) -> Path:
    """A case file beside an image of SIZE along each axis, label 0 of A, 1 of B; cells as large as voxels."""
    np.save(folder / "image.npy", labels)
    cell = f"{SIZE / max(labels.shape)!r} um"
    place = {"position": "5 um", "radius": "2 um"} | ({"across": "5 um"} if labels.ndim == 3 else {})
    basis: dict[str, object] = {
        "microstructure": {
            "layout": "image",
            "file": "image.npy",
            "voxel": [f"{SIZE / n!r} um" for n in labels.shape],
            "labels": {"0": "A", "1": "B"},
        },
        "mesh": {"cell_size_front": cell, "cell_size_bulk": cell},
        "phase_field.lam": "0.9 um",
        "anode.initial.nuclei": [place],
    }
    path = folder / "case.toml"
    path.write_text(toml(NUCLEUS, basis | dict(changes or {})))
    return path
