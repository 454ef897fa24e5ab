"""The boundaries between grains as a graph of their facets, and what each resists to a crack. No solver.

Facets go on in each other where they share a corner, in 3D an edge. A crack enters one where the
overpotential exceeds

    P = (V_m/F) [K_b/(Y √(πa)) + p_c]

with its length a at the lowest corner, where P is highest on a facet, by the law of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fem_model.base.arrays import Floats, Ints
from fem_model.base.errors import InputError
from fem_model.case.intrusion import Intrusion
from fem_model.laws.crack_length import CRACK_LENGTHS
from fem_model.laws.fracture import running_resistance
from fem_model.laws.relief import Relief
from fem_model.physics.toughness import boundary_toughness

if TYPE_CHECKING:
    from fem_model.physics.cracks import Cracks


class Sides(NamedTuple):
    """Corners, in 3D edges, in which facets meet."""

    number: Ints
    """(m, d), those of each facet."""
    height: Floats
    """(s,), the highest point of each, m."""


@dataclass(frozen=True, eq=False)
class Network:
    """Facets of the boundaries between grains."""

    corners: Floats
    """(m, d, d), m."""
    toughness: Floats
    """(m,), K_b, Pa m^½."""
    pair: Sequence[str]
    """(m,), the materials on both sides, with a | between them."""
    section: Intrusion
    """The section of the case, its defaults filled in."""
    extent: tuple[float, ...]
    """Sizes of the anode's face, m."""
    spacing: float
    """Distance of the columns in which relief is counted, at most, m."""

    def relief(self) -> Relief:
        """Relief of stress by cracks, before there are any."""
        w, Y = self.section.half_width, self.section.geometry_factor
        assert w is not None and Y is not None
        return Relief(self.extent, self.spacing, Y, w)

    def resistance(self, facets: Ints, relief: Relief, cracked: Floats) -> Floats:
        """P (V) of facets beside points (n, d) of all that is cracked."""
        least, Y = self.section.length, self.section.geometry_factor
        assert least is not None and Y is not None
        length = CRACK_LENGTHS[self.section.law]
        a = length(self.lowest[facets], least, relief, lambda: relief.tops(cracked))
        closing = self.section.closing_stress or 0.0
        P: Floats = running_resistance(self.toughness[facets], np.maximum(a, least), Y, closing)
        return P

    @cached_property
    def middle(self) -> Floats:
        """(m, d), m."""
        return np.asarray(self.corners.mean(axis=1))

    @cached_property
    def lowest(self) -> Floats:
        """(m, d), the lowest corner of each facet, m."""
        return np.asarray(self.corners[np.arange(len(self.corners)), self.corners[:, :, -1].argmin(axis=1)])

    @cached_property
    def top(self) -> Floats:
        """(m,), height of the highest corner of each facet, m."""
        return np.asarray(self.corners[:, :, -1].max(axis=1))

    @cached_property
    def sides(self) -> Sides:
        """Corners, in 3D edges, in which the facets meet."""
        dim = self.corners.shape[2]
        places, corner = np.unique(self.corners.reshape(-1, dim), axis=0, return_inverse=True)
        corner = corner.reshape(-1, dim)
        ends = np.sort(np.stack([np.roll(corner, k, axis=1) for k in range(dim - 1)], axis=2), axis=2)
        found, number = np.unique(ends.reshape(-1, dim - 1), axis=0, return_inverse=True)
        return Sides(number.reshape(-1, dim), places[found, -1].max(axis=1))


def network(cracks: Cracks, wide: bool = False) -> Network:
    """The network of a case on its mesh (collective). InputError if the case has no [intrusion].

    With `wide` boundaries are as wide as the paths of the solver: within about their half-width of a junction
    the weakest counts, so that a crack passes tough boundaries that are shorter.
    """
    case, domain, boundaries = cracks.case, cracks.domain, cracks.boundaries
    if case.intrusion is None:
        raise InputError("[intrusion] is missing: cracks need a toughness")
    names = {tag: name for name, tag in domain.pairs.items()}
    toughness = boundary_toughness(case.intrusion, boundaries.grains, boundaries.pair, dict(domain.pairs))
    if wide and cracks.paths is not None:
        toughness = cracks.paths.toughness_at(boundaries.corners.mean(axis=1))
    return Network(
        corners=boundaries.corners,
        toughness=toughness,
        pair=[names[tag] for tag in boundaries.pair.tolist()],
        section=case.intrusion,
        extent=domain.extent[:-1],
        spacing=case.phase_field.lam,
    )
