"""The grains of a run: what they are made of, where they meet, and when lithium comes into them."""

from dataclasses import dataclass

import numpy as np

from fem_model.post.load import Array, Integers, Run

REACHED, HALF = 0.01, 0.5
"""Shares of its area inside ξ = ½ at which a grain counts as reached, and as half filled."""


@dataclass(frozen=True)
class Grains:
    """The grains of a mesh; arrays run over them in the order of their numbers. Lengths in µm."""

    number: Integers
    """As in the file."""
    of_cell: Integers
    """The grain of each cell, as its place in `number`."""
    material: Integers
    """As its place in `Run.names`."""
    area: Array
    centre: Array
    """(G, 2), of the area."""


def find_grains(run: Run) -> Grains:
    """The grains of a run's mesh."""
    number, first, of_cell = np.unique(run.grain, return_index=True, return_inverse=True)
    areas = cell_areas(run)
    area = np.bincount(of_cell, areas)
    middles = run.points[run.cells].mean(axis=1)
    centre = np.stack([np.bincount(of_cell, areas * along) for along in middles.T], axis=1)
    return Grains(number, of_cell, run.material[first], area, centre / area[:, None])


def cell_areas(run: Run) -> Array:
    """Area of each cell, µm²."""
    corner, u, v = run.points[run.cells].transpose(1, 0, 2)
    (ux, uy), (vx, vy) = (u - corner).T, (v - corner).T
    areas: Array = abs(ux * vy - uy * vx) / 2
    return areas


def lithium_shares(run: Run, grains: Grains) -> Array:
    """Share (outputs, G) of the area of each grain that is inside ξ = ½, connected to the anode or not."""
    areas = cell_areas(run)
    return np.array(
        [
            np.bincount(grains.of_cell, areas * share_above_half(run.field("xi", k)[run.cells])) / grains.area
            for k in range(len(run.times))
        ]
    )


def share_above_half(corners: Array) -> Array:
    """Share of the area of each triangle in which a linear field with these corner values (M, 3) is ≥ ½."""
    above = corners >= 0.5
    count = above.sum(axis=1)
    row, odd = np.arange(len(corners)), np.argmax(above == (count == 1)[:, None], axis=1)
    apex, after, before = (corners[row, (odd + turn) % 3] for turn in range(3))
    spans = np.where((count == 1) | (count == 2), (apex - after) * (apex - before), 1.0)
    tip = (apex - 0.5) ** 2 / spans
    share: Array = np.select([count == 3, count == 2, count == 1], [1.0, 1 - tip, tip], 0.0)
    return share


def crossing_times(times: Array, shares: Array, level: float) -> Array:
    """First time (G,) at which each column of `shares` (outputs, G) reaches `level`; NaN where it never does.

    Linear between outputs. A grain that has it at the first output gets the time of that output.
    """
    reached = shares >= level
    late = np.argmax(reached, axis=0)
    early, column = np.maximum(late - 1, 0), np.arange(shares.shape[1])
    low, high = shares[early, column], shares[late, column]
    rise = np.where(late > early, high - low, 1.0)
    part = np.where(late > early, (level - low) / np.where(rise > 0, rise, 1.0), 0.0)
    result: Array = np.where(reached.any(axis=0), times[early] + part * (times[late] - times[early]), np.nan)
    return result
