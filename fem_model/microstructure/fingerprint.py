"""Fingerprint of grains, to see if two machines have made the same ones. Numpy only."""

from __future__ import annotations

from dataclasses import fields
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fem_model.microstructure import Microstructure, Polyhedra, Surfaces

UNIT = 1e-15  # m, to which coordinates are rounded


def fingerprint(microstructure: Microstructure | Polyhedra | Surfaces) -> str:
    """SHA-256 of the points, what they bound, and of which material it is; the same for the same grains."""
    digest = sha256(np.rint(microstructure.points / UNIT).astype(np.int64).tobytes())
    for field in fields(microstructure):
        value = getattr(microstructure, field.name)
        if field.name != "points":
            digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.hexdigest()
