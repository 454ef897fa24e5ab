"""The grains of a run: what they are made of, where they meet, and when lithium comes into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.errors import InputError

if TYPE_CHECKING:
    from fem_model.post.load import Run
    from fem_model.post.mesh import Mesh

REACHED, HALF = 0.01, 0.5
"""Shares of its area (volume) inside ξ = ½ at which a grain counts as reached, and as half filled."""


@dataclass(frozen=True)
class Grains:
    """The grains of a mesh; arrays run over them in the order of their numbers. Lengths in µm."""

    number: Ints
    """Number in the file."""
    of_cell: Ints
    """The grain of each cell, as its place in `number`."""
    material: Ints
    """Place in `Mesh.names`."""
    size: Floats
    """Area, in 3D volume (µm³)."""
    centre: Floats
    """(G, d), of the area or volume."""


def find_grains(mesh: Mesh) -> Grains:
    """The grains of a mesh."""
    number, first, of_cell = np.unique(mesh.grain, return_index=True, return_inverse=True)
    size = np.bincount(of_cell, mesh.sizes)
    centre = np.stack([np.bincount(of_cell, mesh.sizes * along) for along in mesh.middles.T], axis=1)
    return Grains(number, of_cell, mesh.material[first], size, centre / size[:, None])


def lithium_shares(run: Run) -> Floats:
    """Share (outputs, G) of the size of each grain that is inside ξ = ½, connected to the anode or not.

    InputError if the meshes of the run do not have the same grains.
    """
    if any(not np.array_equal(mesh.grains.number, run.mesh.grains.number) for mesh in run.meshes.values()):
        raise InputError(f"{run.folder}: its meshes do not have the same grains")
    return np.array([_shares(run.mesh_at(k), run.field("xi", k)) for k in range(len(run.times))])


def _shares(mesh: Mesh, xi: Floats) -> Floats:
    """Share (G,) of each grain with ξ ≥ ½."""
    parts = mesh.sizes * share_above_half(xi[mesh.cells])
    return np.asarray(np.bincount(mesh.grains.of_cell, parts) / mesh.grains.size)


def share_above_half(corners: Floats) -> Floats:
    """Share of each simplex in which a linear field with these values at its corners (M, d + 1) is ≥ ½."""
    above = corners >= 0.5
    count, last = above.sum(axis=1), corners.shape[1] - 1
    share = np.where(count > last, 1.0, 0.0)
    for alone in (1, last):
        chosen = count == alone
        tip = _corner(corners[chosen], above[chosen] == (alone == 1))
        share[chosen] = tip if alone == 1 else 1 - tip
    if last == 3:
        share[count == 2] = _wedge(corners[count == 2])
    return share


def _corner(corners: Floats, odd: Bools) -> Floats:
    """Share of the tip that the level ½ cuts off at the one odd corner of each."""
    order = np.argsort(~odd, axis=1, kind="stable")
    apex, *others = np.take_along_axis(corners, order, axis=1).T
    tip: Floats = np.prod([(apex - 0.5) / (apex - other) for other in others], axis=0)
    return tip


def _wedge(corners: Floats) -> Floats:
    """The same of tetrahedra with two corners a, b ≥ ½ and two below: the level cuts ac, ad, bc and bd."""
    a, b, c, d = np.sort(corners, axis=1)[:, ::-1].T
    ac, ad, bc, bd = ((high - 0.5) / (high - low) for high, low in ((a, c), (a, d), (b, c), (b, d)))
    share: Floats = ac * ad + ac * bd * (1 - ad) + bc * bd * (1 - ac)
    return share


def crossing_times(times: Floats, shares: Floats, level: float) -> Floats:
    """First time (G,) at which each column of `shares` (outputs, G) reaches `level`; NaN where it never does.

    Linear between outputs. A grain that has it at the first output gets the time of that output.
    """
    reached = shares >= level
    late = np.argmax(reached, axis=0)
    early, column = np.maximum(late - 1, 0), np.arange(shares.shape[1])
    low, high = shares[early, column], shares[late, column]
    rise = np.where(late > early, high - low, 1.0)
    part = np.where(late > early, (level - low) / np.where(rise > 0, rise, 1.0), 0.0)
    result: Floats = np.where(reached.any(axis=0), times[early] + part * (times[late] - times[early]), np.nan)
    return result
