"""Division of a mesh among ranks into columns from electrode to electrode.

A front moves from the anode to the counter electrode, and what it costs goes with it. In columns every rank
has a share of it all the time; parts that are cut for least contact could leave it to a few.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable, Sequence

import numpy as np
from dolfinx.graph import adjacencylist
from mpi4py import MPI

from fem_model.base.arrays import Floats, Ints

SLENDER = 8.0
"""Height of a column over its width, at most: more of them would talk more than they compute."""


def columns(middles: Floats, count: int) -> Ints:
    """The part, from 0 to `count` − 1, of each cell, by its middle (n, d); the last axis is that of growth.

    Parts are halved, by the number of cells, across their widest lateral extent.
    """
    parts: Ints = np.zeros(len(middles), dtype=np.int64)
    _divide(middles, parts, np.arange(len(middles)), 0, count)
    return parts


def _divide(middles: Floats, parts: Ints, cells: Ints, first: int, count: int) -> None:
    if count == 1 or not len(cells):
        parts[cells] = first
        return
    extent = np.ptp(middles[cells], axis=0)
    across = int(np.argmax(extent[:-1]))
    axis = across if extent[across] * SLENDER >= 2 * extent[-1] else len(extent) - 1
    half = count // 2
    order = cells[np.argsort(middles[cells, axis], kind="stable")]
    low, high = np.split(order, [len(cells) * half // count])
    _divide(middles, parts, low, first, half)
    _divide(middles, parts, high, first + half, count - half)


def partitioner(comm: MPI.Comm, points: Floats, cells: Ints) -> Callable[..., object]:
    """A partitioner of DOLFINx for a mesh of which each rank has a block of points and cells. Collective."""
    blocks = comm.gather((points, cells))
    wanted = _of_blocks(blocks, comm.size) if blocks else None
    ranks: Ints = comm.scatter(wanted)

    def divide(*_: object) -> object:
        return adjacencylist(ranks[:, None].astype(np.int32))._cpp_object

    return divide


def _of_blocks(blocks: Sequence[tuple[Floats, Ints]], count: int) -> list[Ints]:
    points, cells = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    ends = np.cumsum([len(block) for _, block in blocks])
    return np.split(columns(points[cells].mean(axis=1), count), ends[:-1])
