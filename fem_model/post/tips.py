"""The tips of the front: where it stands out, and how fast it gets ahead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import find_peaks

from fem_model.case.case import WIDTH_10_90
from fem_model.post.contour import FrontLine
from fem_model.post.load import Array, Integers, Run


@dataclass(frozen=True)
class Tip:
    """A local highest point of the front connected to the anode, with the lithium below it."""

    output: int
    number: int
    """The same from output to output."""
    x: float
    """µm."""
    y: float
    """µm."""
    prominence: float
    """How far one must descend along the front before it gets higher than here; at least to the anode, µm."""
    cell: int
    """A cell that holds the point."""
    speed: float | None = None
    """Rise since the output before over the time between, µm/s; None where the tip was not there."""


def find_tips(run: Run) -> list[Tip]:
    """The tips at every output, highest first, followed in time.

    A tip is a local highest point along the line of the front with a prominence of at least the 10–90 %
    width of the front, 4.39 λ; the highest point of all always counts. Lines are taken to go down to the
    anode where they end on a side of the domain. A tip continues the one of the output before that is
    nearest along x, if it is the nearest of that one too.
    """
    least = WIDTH_10_90 * run.case.phase_field.lam * 1e6
    history: list[list[Tip]] = [[]]
    used = 0
    for output, front in enumerate(run.fronts):
        seconds = run.times[output] - run.times[output - 1]
        tips = _followed(tips_of(front, least, output), history[-1], seconds, used)
        used = max([used, *(tip.number for tip in tips)])
        history.append(tips)
    return [tip for tips in history for tip in tips]


def tips_of(front: Iterable[FrontLine], least: float, output: int = 0) -> list[Tip]:
    """The tips of one front, highest first, numbered from 1; `least` is the prominence asked for, µm."""
    found = [tip for line in front if line.attached for tip in _peaks(line, output)]
    found.sort(key=lambda tip: -tip.y)
    kept = [tip for k, tip in enumerate(found) if k == 0 or tip.prominence >= least]
    return [replace(tip, number=k + 1) for k, tip in enumerate(kept)]


def _peaks(line: FrontLine, output: int) -> list[Tip]:
    """All local highest points of a line with the lithium below them; loops are pores and have none."""
    x, y = line.points.T
    if (line.points[0] == line.points[-1]).all():
        return []
    peaks, found = find_peaks(np.concatenate([[-1.0], y, [-1.0]]), prominence=0.0, plateau_size=1)
    left, right = (found[f"{side}_edges"] - 1 for side in ("left", "right"))
    west = x[np.minimum(right + 1, len(x) - 1)] < x[np.maximum(left - 1, 0)]
    prominence = np.minimum(found["prominences"], y[peaks - 1])
    return [
        Tip(output, 0, float(x[k]), float(y[k]), float(drop), int(line.cells[min(k, len(line.cells) - 1)]))
        for k, drop in zip((peaks - 1)[west], prominence[west], strict=True)
    ]


def _followed(tips: list[Tip], before: Sequence[Tip], seconds: float, used: int) -> list[Tip]:
    """The tips with the numbers of those they continue, and speeds; new ones are numbered after `used`."""
    partner = _nearest([tip.x for tip in tips], [tip.x for tip in before])
    result = []
    for tip, k in zip(tips, partner, strict=True):
        if k < 0:
            used += 1
            result.append(replace(tip, number=used))
        else:
            result.append(replace(tip, number=before[k].number, speed=(tip.y - before[k].y) / seconds))
    return result


def _nearest(later: Sequence[float], earlier: Sequence[float]) -> Integers:
    """For each of `later` the place of its nearest in `earlier`, if that has it for its nearest; else -1."""
    if not later or not earlier:
        return np.full(len(later), -1)
    apart: Array = abs(np.subtract.outer(later, earlier))
    there, back = apart.argmin(axis=1), apart.argmin(axis=0)
    return np.where(back[there] == np.arange(len(later)), there, -1)
