"""The law of the diameters of grains, and samples of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from fem_model.base.arrays import Floats
from fem_model.microstructure.reproducible import power

if TYPE_CHECKING:
    from fem_model.case.layouts import Grains


def draw_volumes(grains: Grains, total: float, unit: float, random: np.random.Generator, dim: int) -> Floats:
    """Volumes (in 2D areas) of grains that sum to `total`, in units of the power `dim` of `unit` in m.

    The diameters are log-normal with the median `size` and the geometric standard deviation `spread`,
    without those beyond `Grains.CUT` standard deviations; or each of a list is as frequent as the others. In
    2D they are drawn until they fill the total as closely as they can, a list again and again, shuffled each
    time. In 3D, where samples hold few grains, they are the quantiles (i - 1/2)/n of the law, so that each
    sample has it: the distance from the law (Kolmogorov-Smirnov) is at most 1/2n. All are scaled alike to
    fill the total exactly, which leaves it below 1/n for spreads from 1.2 to 1.7, below 1.6/n from 1.1 to 3.
    """
    ball = math.pi / (2 * dim)  # of diameter 1
    if total <= 0.0:
        return np.empty(0)
    if dim == 3:
        count = max(1, round(total * unit**3 / grains.mean_volume(3)))
        diameters = _quantiles(grains, count) / unit
        volumes = ball * diameters * diameters * diameters
        return np.asarray(volumes * (total / volumes.sum()))
    volumes = np.empty(0)
    while volumes.sum() < total:
        volumes = np.concatenate([volumes, ball * _some_diameters(grains, unit, random) ** 2])
    sums = np.cumsum(volumes)
    count = 1 + int(np.argmin(np.abs(sums - total)))
    return np.asarray(volumes[:count] * (total / sums[count - 1]))


def share_below(grains: Grains, diameters: Floats) -> Floats:
    """Law of the diameters: share, by number, of those that are not larger than each of `diameters` in m."""
    if grains.sizes:
        return np.searchsorted(np.sort(grains.sizes), diameters, side="right") / len(grains.sizes)
    if grains.spread == 1.0:
        return np.asarray(diameters >= grains.size, dtype=np.float64)
    deviates = np.log(diameters / grains.size) / math.log(grains.spread)
    tail = ndtr(-grains.CUT)
    return np.asarray(np.clip((ndtr(deviates) - tail) / (1.0 - 2.0 * tail), 0.0, 1.0))


def distance_from_law(diameters: Floats, kinds: Sequence[tuple[Grains, float]], dim: int) -> float:
    """Kolmogorov-Smirnov distance of diameters in m from the law of several kinds of grains together.

    Each kind comes with the share of the volume that it fills.
    """
    diameters = np.sort(diameters)
    numbers = np.array([share / kind.mean_volume(dim) for kind, share in kinds])
    law = numbers @ [share_below(kind, diameters) for kind, _ in kinds] / numbers.sum()
    steps = np.arange(len(diameters) + 1) / len(diameters)
    return float(max((steps[1:] - law).max(), (law - steps[:-1]).max()))


def _quantiles(grains: Grains, count: int) -> Floats:
    """Diameters in m below which the shares 1/2n, 3/2n, ... of the law lie."""
    shares = (np.arange(count) + 0.5) / count
    if grains.sizes:
        return np.sort(grains.sizes)[(shares * len(grains.sizes)).astype(np.int64)]
    tail = ndtr(-grains.CUT)
    return np.asarray(grains.size * power(grains.spread, ndtri(tail + shares * (1.0 - 2.0 * tail))))


def _some_diameters(grains: Grains, unit: float, random: np.random.Generator) -> Floats:
    """A number of random diameters, or the list of sizes in random order, in units of `unit`."""
    if grains.sizes:
        return random.permutation(grains.sizes) / unit
    deviates = random.standard_normal(1000)
    deviates = deviates[np.abs(deviates) <= grains.CUT]
    return np.asarray(grains.size / unit * power(grains.spread, deviates))
