"""All that is measured on a run, each part found when it is first asked for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fem_model.post.boundaries import Boundaries, find_boundaries
from fem_model.post.fronts import Pieces, pieces
from fem_model.post.grains import Grains, find_grains, lithium_shares
from fem_model.post.load import Array, Run
from fem_model.post.tips import Tip, find_tips


@dataclass(frozen=True)
class Analysis:
    """The measures of a run. Lengths are in µm, all else is SI."""

    run: Run

    @cached_property
    def attached(self) -> tuple[Pieces, ...]:
        """The front connected to the anode, at each output."""
        return tuple(pieces(front) for front in self.run.fronts)

    @cached_property
    def boundaries(self) -> Boundaries:
        """Where grains meet."""
        return find_boundaries(self.run)

    @cached_property
    def grains(self) -> Grains:
        """What lies between the boundaries."""
        return find_grains(self.run)

    @cached_property
    def grain_shares(self) -> Array:
        """Share (outputs, grains) of each grain's area inside ξ = ½."""
        return lithium_shares(self.run, self.grains)

    @cached_property
    def tips(self) -> list[Tip]:
        """The tips at every output, highest first."""
        return find_tips(self.run)

    def material_of(self, tip: Tip) -> str:
        """The electrolyte in which a tip stands."""
        return self.run.names[self.run.material[tip.cell]]

    def series(self, column: str) -> Array | None:
        """A column of series.csv at the output times; None where there is no such column."""
        values = self.run.series.get(column)
        return None if values is None else np.interp(self.run.times, self.run.series["t_s"], values)
