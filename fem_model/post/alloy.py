"""Where the electrolyte that reacts with lithium has been converted: by grain, and by height."""

from typing import NamedTuple

import numpy as np

from fem_model.post.grains import Grains, cell_sizes
from fem_model.post.lithium import Array, Bools
from fem_model.post.load import Run

BINS = 25
"""Layers of equal thickness between anode and counter electrode."""


class AlloyRow(NamedTuple):
    """The converted share of one material in one layer at one instant."""

    time_s: float
    material: str
    from_height_m: float
    to_height_m: float
    converted_share: float


def reacting(run: Run) -> Bools:
    """Which cells are of a material that reacts with lithium."""
    names = {reaction.material for reaction in run.case.reactions}
    return np.isin(run.material, [k for k, name in enumerate(run.names) if name in names])


def converted_by_grain(run: Run, grains: Grains) -> Array:
    """Converted share of each grain at the last output; NaN where its material does not react."""
    inside = reacting(run)
    share = np.full(len(grains.number), np.nan)
    if inside.any():
        z = run.field("conversion", -1)[inside]
        amount = np.bincount(grains.of_cell[inside], cell_sizes(run)[inside] * z, len(share))
        some = np.unique(grains.of_cell[inside])
        share[some] = amount[some] / grains.size[some]
    return share


def alloy_rows(run: Run) -> list[AlloyRow]:
    """alloy.csv: the converted share of each reacting material by height, at every output.

    A cell counts where its middle is; layers without the material have no row.
    """
    low, depth = run.points[:, -1].min(), np.ptp(run.points[:, -1])
    middle = run.points[run.cells, -1].mean(axis=1)
    layer = np.minimum(((middle - low) / depth * BINS).astype(int), BINS - 1)
    sizes, inside = cell_sizes(run), reacting(run)
    edges = np.linspace(0.0, 1e-6 * depth, BINS + 1).tolist()
    rows = []
    for k in np.unique(run.material[inside]).tolist():
        own = run.material == k
        whole = np.bincount(layer[own], sizes[own], BINS)
        for output, t in enumerate(run.times.tolist()):
            part = np.bincount(layer[own], (sizes * run.field("conversion", output))[own], BINS)
            rows += [
                AlloyRow(t, run.names[k], edges[j], edges[j + 1], float(part[j] / whole[j]))
                for j in np.flatnonzero(whole).tolist()
            ]
    return sorted(rows, key=lambda row: row.time_s)
