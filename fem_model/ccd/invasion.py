"""Way of a crack through the boundaries between grains, from where it starts to a depth. No solver.

P is raised slowly from 0, and what it opens is entered at once. By a law of the crack length without
neighbours ("height", "fixed") each facet has its P, and the crack finds the way whose largest P is least
(Prim's algorithm). By "relief" it stands in the shadow of its own highest points: it cannot go down from
these and come up elsewhere, and needs more.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from fem_model.base.arrays import Bools, Floats, Ints
from fem_model.base.errors import InputError
from fem_model.base.units import length as readable_length
from fem_model.ccd.network import Network
from fem_model.ccd.passage import Profile

TOLERANCE = 1e-9
"""Tolerance of heights, relative."""


@dataclass(frozen=True, eq=False)
class Way:
    """Way of a crack to a depth, and the facet that decides: the one that resists most."""

    depth: float
    """m."""
    facets: Ints
    """(n,), in their order, the first of them in the flaw, if there is one."""
    profile: Profile
    """P along the way, piece by piece between the middles of facets."""
    decisive: int
    """Number of the facet that decides."""
    place: Floats
    """(d,), its middle, m."""
    materials: tuple[str, ...]
    """Materials on both sides of it."""
    levels: Floats
    """(k,), the P (V) from which the crack went on after a rest, increasing."""
    heights: Floats
    """(k,), its highest point (m) in each of these rests."""

    @property
    def resistance(self) -> float:
        """The P above which the depth is reached, V."""
        return float(self.levels[-1])

    def height_at(self, overpotential: float) -> float:
        """Height (m) at which the crack rests at an overpotential (V); the depth where it does not."""
        return float(np.append(self.heights, self.depth)[np.searchsorted(self.levels, overpotential)])


def from_flaw(network: Network, points: Floats, radius: float, depth: float) -> Way | None:
    """Way from a flaw to a depth (m); None if boundaries do not lead there.

    The flaw is given by `points` (n, d) on it, and opens the facets whose middle is within its `radius`, m.
    InputError if it reaches the depth itself.
    """
    opened = KDTree(points).query(network.middle)[0] <= radius
    reached = np.zeros(len(network.sides.height), dtype=bool)
    reached[network.sides.number[opened]] = True
    return _Crack(network, points, opened, reached).to(depth)


def from_anode(network: Network, depth: float) -> Way | None:
    """Way to a depth (m) from any boundary at the anode, without a flaw; None if there is none."""
    height = network.sides.height
    reached = height <= TOLERANCE * height.max(initial=0.0)
    nothing = np.empty((0, network.corners.shape[2]))
    return _Crack(network, nothing, np.zeros(len(network.corners), dtype=bool), reached).to(depth)


class _Crack:
    """Facets that a crack has opened, and how it came there."""

    def __init__(self, network: Network, points: Floats, opened: Bools, reached: Bools) -> None:
        self.network, self.points, self.relief = network, points, network.relief()
        self.opened, self.reached, self.in_flaw = opened.copy(), reached, opened
        self.resistance, self.before = np.zeros(len(opened)), np.full(len(opened), -1)
        self.giver = np.full(len(reached), -1)
        """The facet from which each side was reached, -1 at the anode."""
        self.giver[network.sides.number[opened]] = np.flatnonzero(opened)[:, None]
        self.rests: list[tuple[float, float]] = []
        self.level = -np.inf

    def to(self, depth: float) -> Way | None:
        """The way to a depth, m."""
        least = depth * (1 - TOLERANCE)
        if self.height >= least:
            text = f"the flaw reaches {readable_length(self.height)}: a depth of {readable_length(depth)}"
            raise InputError(f"{text} is no way for a crack")
        while self.height < least:
            if not self._goes_on():
                return None
        return self._way(int(np.flatnonzero(self.opened & (self.network.top >= least))[0]), depth)

    @property
    def cracked(self) -> Floats:
        """(n, d), points of flaw and crack, m."""
        corners = self.network.corners[self.opened]
        return np.concatenate([self.points, corners.reshape(-1, corners.shape[2])])

    @property
    def height(self) -> float:
        """The highest of these, m."""
        return float(self.cracked[:, -1].max(initial=0.0))

    def _goes_on(self) -> bool:
        """Open what is open to P ahead, raised if that is nothing; False if no facet is ahead."""
        ahead = np.flatnonzero(~self.opened & self.reached[self.network.sides.number].any(axis=1))
        if len(ahead) == 0:
            return False
        needed = self.network.resistance(ahead, self.relief, self.cracked)
        if needed.min() > self.level:
            self.level = float(needed.min())
            self.rests.append((self.level, self.height))
        opens = needed <= self.level
        self._open(ahead[opens], needed[opens])
        return True

    def _open(self, facets: Ints, resistance: Floats) -> None:
        sides = self.network.sides.number[facets]
        entry = self.reached[sides].argmax(axis=1)
        self.before[facets] = self.giver[sides[np.arange(len(facets)), entry]]
        self.resistance[facets] = resistance
        new = ~self.reached[sides]
        self.giver[sides[new]] = np.broadcast_to(facets[:, None], sides.shape)[new]
        self.opened[facets] = self.reached[sides] = True

    def _way(self, last: int, depth: float) -> Way:
        """The way to a facet, from what is known of how the crack came there."""
        chain = [last]
        while self.before[chain[-1]] >= 0:
            chain.append(int(self.before[chain[-1]]))
        facets, net = np.array(chain[::-1]), self.network
        start = net.middle if self.in_flaw[facets[0]] else net.lowest
        places = np.concatenate([start[facets[:1]], net.middle[facets]])
        profile = Profile(np.linalg.norm(np.diff(places, axis=0), axis=1), self.resistance[facets])
        decisive = int(facets[profile.resistance.argmax()])
        materials, (levels, heights) = tuple(net.pair[decisive].split("|")), np.array(self.rests).T
        return Way(depth, facets, profile, decisive, net.middle[decisive], materials, levels, heights)
