"""The tips of the front: where it stands out, and how fast it gets ahead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.distance import cdist

from fem_model.base.arrays import Ints
from fem_model.case.rules import WIDTH_10_90
from fem_model.post.load import Run
from fem_model.post.peaks import Peak, Place, line_peaks, surface_peaks


@dataclass(frozen=True)
class Tip:
    """A local highest point of the front connected to the anode, with the lithium below it."""

    output: int
    number: int
    """The same from output to output."""
    point: tuple[float, ...]
    """µm; the last coordinate is the height."""
    prominence: float
    """Descent along the front that is needed before it rises above this point; at least to the anode, µm."""
    cell: int
    """A cell that holds the point."""
    speed: float | None = None
    """Rise since the output before over the time between, µm/s; None where the tip was not there."""

    @property
    def x(self) -> float:
        """First coordinate along the anode, µm."""
        return self.point[0]

    @property
    def y(self) -> float:
        """Second coordinate, µm: the height in 2D."""
        return self.point[1]

    @property
    def height(self) -> float:
        """Height above the anode, µm."""
        return self.point[-1]


def find_tips(run: Run) -> list[Tip]:
    """The tips at every output, highest first, followed in time.

    A tip is a local highest point of the front with a prominence of at least the 10–90 % width of the front,
    4.39 λ; the highest point of all always counts. Fronts are taken to go down to the anode where they end
    on a side of the domain. A tip continues the one of the output before that is nearest along the anode,
    if it is the nearest of that one too.
    """
    least = WIDTH_10_90 * run.case.phase_field.lam * 1e6
    history: list[list[Tip]] = [[]]
    used = 0
    for output in range(len(run.times)):
        peaks = line_peaks(run.fronts[output]) if run.dim == 2 else surface_peaks(run.surfaces[output])
        seconds = run.times[output] - run.times[output - 1]
        tips = _followed(tips_of(peaks, least, output), history[-1], seconds, used)
        used = max([used, *(tip.number for tip in tips)])
        history.append(tips)
    return [tip for tips in history for tip in tips]


def tips_of(peaks: Iterable[Peak], least: float, output: int = 0) -> list[Tip]:
    """The tips among the peaks of one front, highest first, numbered from 1; `least` is the prominence asked
    for, µm."""
    found = sorted(peaks, key=lambda peak: -peak.point[-1])
    kept = [peak for k, peak in enumerate(found) if k == 0 or peak.prominence >= least]
    return [Tip(output, k + 1, *peak) for k, peak in enumerate(kept)]


def node_below(run: Run, output: int, tip: Tip) -> int:
    """The node of lithium nearest to a tip in its cell."""
    mesh = run.mesh_at(output)
    corners = mesh.cells[tip.cell]
    corners = corners[run.field("xi", output)[corners] >= 0.5]
    return int(corners[np.linalg.norm(mesh.points[corners] - tip.point, axis=1).argmin()])


def _followed(tips: list[Tip], before: Sequence[Tip], seconds: float, used: int) -> list[Tip]:
    """The tips with the numbers of those they continue, and speeds; new ones are numbered after `used`."""
    partner = _nearest([tip.point[:-1] for tip in tips], [tip.point[:-1] for tip in before])
    result = []
    for tip, k in zip(tips, partner, strict=True):
        if k < 0:
            used += 1
            result.append(replace(tip, number=used))
        else:
            result.append(
                replace(tip, number=before[k].number, speed=(tip.height - before[k].height) / seconds)
            )
    return result


def _nearest(later: Sequence[Place], earlier: Sequence[Place]) -> Ints:
    """Place in `earlier` of the nearest to each of `later`, if that has it for its nearest; else -1."""
    if not later or not earlier:
        return np.full(len(later), -1)
    apart = cdist(np.array(later), np.array(earlier))
    there, back = apart.argmin(axis=1), apart.argmin(axis=0)
    return np.where(back[there] == np.arange(len(later)), there, -1)
