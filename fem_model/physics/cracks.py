"""The cracks of a case on its mesh: the flaws it starts with, and the paths on which they can run."""

import fem_model._dolfinx_first  # noqa: F401

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fem_model.case import WIDTH_10_90, Case
from fem_model.case.flaws import Flaw, Flaws
from fem_model.mesh.domain import Domain
from fem_model.mesh.grain_boundaries import GrainBoundaries, grain_boundaries
from fem_model.physics.flaws import flaw_points, require_below
from fem_model.physics.paths import Paths, find_paths


@dataclass(frozen=True, eq=False)
class Cracks:
    """Flaws and paths, found when they are first asked for (collective)."""

    domain: Domain
    case: Case

    @cached_property
    def boundaries(self) -> GrainBoundaries:
        """The boundaries between grains."""
        return grain_boundaries(self.domain)

    @cached_property
    def flaws(self) -> list[tuple[Flaw, Any]]:
        """The flaws of the case, and points on each. Errors: InputError if one comes too near the counter."""
        initial = self.case.anode.initial
        if not isinstance(initial, Flaws):
            return []
        flaws = initial.all(self.domain.extent[:-1])
        found = [(flaw, flaw_points(flaw, self.boundaries)) for flaw in flaws]
        require_below(found, self.domain.depth - WIDTH_10_90 * self.case.phase_field.lam)
        return found

    @cached_property
    def paths(self) -> Paths | None:
        """The paths on which lithium can crack the electrolyte, if the case has any."""
        if self.case.intrusion is None:
            return None
        on_flaws = [points for _, points in self.flaws]
        return find_paths(self.domain, self.boundaries, self.case.intrusion, on_flaws)
