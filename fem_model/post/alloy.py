"""Converted share of the electrolyte that reacts with lithium: by grain, and by height."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fem_model.base.arrays import Bools, Floats
from fem_model.case import Case
from fem_model.post.load import Run
from fem_model.post.mesh import Mesh

BINS = 25
"""Layers of equal thickness between anode and counter electrode."""


class AlloyRow(NamedTuple):
    """The converted share of one material in one layer at one instant."""

    time_s: float
    material: str
    from_height_m: float
    to_height_m: float
    converted_share: float


def reacting(mesh: Mesh, case: Case) -> Bools:
    """True for cells of a material that reacts with lithium."""
    names = {reaction.material for reaction in case.reactions}
    return np.isin(mesh.material, [k for k, name in enumerate(mesh.names) if name in names])


def converted_by_grain(run: Run) -> Floats:
    """Converted share of each grain at the last output; NaN where its material does not react."""
    inside, grains = reacting(run.mesh, run.case), run.mesh.grains
    share = np.full(len(grains.number), np.nan)
    if inside.any():
        z = run.field("conversion", -1)[inside]
        amount = np.bincount(grains.of_cell[inside], run.mesh.sizes[inside] * z, len(share))
        some = np.unique(grains.of_cell[inside])
        share[some] = amount[some] / grains.size[some]
    return share


def alloy_rows(run: Run) -> list[AlloyRow]:
    """alloy.csv: the converted share of each reacting material by height, at every output.

    A cell counts where its middle is; layers without the material have no row.
    """
    return [row for output in range(len(run.times)) for row in _rows_at(run, output)]


def _rows_at(run: Run, output: int) -> Iterator[AlloyRow]:
    mesh, t = run.mesh_at(output), float(run.times[output])
    low, depth = mesh.low[-1], (mesh.high - mesh.low)[-1]
    layer = np.minimum(((mesh.middles[:, -1] - low) / depth * BINS).astype(int), BINS - 1)
    edges = np.linspace(0.0, 1e-6 * depth, BINS + 1).tolist()
    for k in np.unique(mesh.material[reacting(mesh, run.case)]).tolist():
        own = mesh.material == k
        whole = np.bincount(layer[own], mesh.sizes[own], BINS)
        part = np.bincount(layer[own], (mesh.sizes * run.field("conversion", output))[own], BINS)
        for j in np.flatnonzero(whole).tolist():
            yield AlloyRow(t, run.names[k], edges[j], edges[j + 1], float(part[j] / whole[j]))
