"""All that is measured on a run, each part found when it is first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fem_model.base.arrays import Floats
from fem_model.case.cracks import PATH
from fem_model.physics.toughness import boundary_toughness
from fem_model.post.enclosed import Enclosed, find_enclosed
from fem_model.post.fates import Fates
from fem_model.post.fronts import height_profile, lengths_near
from fem_model.post.grains import lithium_shares
from fem_model.post.load import Run
from fem_model.post.pieces import Pieces, pieces
from fem_model.post.section import Section, section_through
from fem_model.post.skeleton import Skeleton, find_skeleton
from fem_model.post.surface_measures import areas_near, height_map
from fem_model.post.tips import Tip, find_tips
from fem_model.record.observables.time import TIME


@dataclass(frozen=True)
class Analysis:
    """The measures of a run. Lengths are in µm, all else is SI."""

    run: Run

    @cached_property
    def attached(self) -> tuple[Pieces, ...]:
        """The front connected to the anode, at each output."""
        return self._pieces(attached=True)

    @cached_property
    def cut_off(self) -> tuple[Pieces, ...]:
        """The front of lithium that is isolated from the anode, at each output."""
        return self._pieces(attached=False)

    def _pieces(self, attached: bool) -> tuple[Pieces, ...]:
        if self.run.dim == 2:
            return tuple(pieces(front, attached) for front in self.run.fronts)
        return tuple(surface.pieces(attached) for surface in self.run.surfaces)

    @cached_property
    def grain_shares(self) -> Floats:
        """Share (outputs, grains) of each grain's area (volume) inside ξ = ½."""
        return lithium_shares(self.run)

    @cached_property
    def tips(self) -> list[Tip]:
        """The tips at every output, highest first."""
        return find_tips(self.run)

    def tips_at(self, output: int) -> list[Tip]:
        """The tips at an output, highest first."""
        return [tip for tip in self.tips if tip.output == output]

    @cached_property
    def skeletons(self) -> tuple[Skeleton, ...]:
        """The skeleton of the lithium at each output."""
        outputs = range(len(self.run.times))
        return tuple(find_skeleton(self.run, output, self.tips_at(output)) for output in outputs)

    @property
    def path(self) -> float:
        """Half-width of the paths along boundaries, µm."""
        intrusion, lam = self.run.case.intrusion, self.run.case.phase_field.lam
        return 1e6 * ((intrusion and intrusion.half_width) or PATH * lam)

    def toughness_at(self, output: int) -> Floats:
        """Fracture toughness of each edge (triangle) of the boundaries in the mesh of an output, Pa m^½.

        The case has [intrusion].
        """
        section, found = self.run.case.intrusion, self.run.mesh_at(output).boundaries
        assert section is not None
        numbers = {name: k for k, name in enumerate(found.pairs)}
        return boundary_toughness(section, found.grains, found.pair, numbers)

    @cached_property
    def fates(self) -> tuple[Fates, ...]:
        """The fates of the arms of the lithium at each output."""
        return tuple(Fates(self, output) for output in range(len(self.run.times)))

    def enclosed(self, output: int) -> Enclosed:
        """The electrolyte that lithium encloses at an output."""
        return find_enclosed(self.run, output)

    def way_shares(self, output: int) -> Mapping[str, float]:
        """Share of the way to the highest tip within a path of boundaries, by what these lie between."""
        skeleton, boundaries = self.skeletons[output], self.run.mesh_at(output).boundaries
        middles, lengths = skeleton.pieces_of_way(int(skeleton.tips[0]))
        pair, pairs = boundaries.near(middles, self.path), boundaries.pairs
        sums = np.bincount(pair[pair >= 0], lengths[pair >= 0], len(pairs)) / lengths.sum()
        return dict(zip(pairs, sums.tolist(), strict=True))

    @cached_property
    def section(self) -> Section:
        """Plane across y through the highest tip at the end; the middle if there is none."""
        tips = self.tips_at(len(self.run.times) - 1)
        return section_through(self.run, tips[0].y if tips else float(self.run.mesh.points[:, 1].mean()))

    @cached_property
    def flat(self) -> "Analysis":
        """The mesh that maps show: in 2D all, in 3D the section."""
        return self if self.run.dim == 2 else Analysis(self.section)

    @property
    def cut(self) -> tuple[str, ...]:
        """Place of the section in words; nothing in 2D."""
        if self.run.dim == 2:
            return ()
        where = "through the highest tip" if self.tips else "through the middle"
        return (f"section at y = {self.section.level:.3g} µm, {where}",)

    def heights(self, output: int) -> Floats:
        """Height of the front connected to the anode over equal parts of the anode."""
        front, low, high = self.attached[output], self.run.mesh.low, self.run.mesh.high
        return height_profile(front, low[0], high[0]) if self.run.dim == 2 else height_map(front, low, high)

    def near_boundaries(self, output: int) -> Mapping[str, float]:
        """Length (area) of that front within λ of boundaries, by what the nearest one lies between."""
        measure = lengths_near if self.run.dim == 2 else areas_near
        boundaries, lam = self.run.mesh_at(output).boundaries, self.run.case.phase_field.lam
        return measure(self.attached[output], boundaries, 1e6 * lam)

    def material_of(self, tip: Tip) -> str:
        """The electrolyte in which a tip stands."""
        return str(self.run.names[self.run.mesh_at(tip.output).material[tip.cell]])

    def series(self, column: str) -> Floats | None:
        """A column of series.csv at the output times; None where there is no such column.

        Where two stages meet it is that of the one before, as the fields are.
        """
        values = self.run.series.get(column)
        t, first = np.unique(self.run.series[TIME.name], return_index=True)
        return None if values is None else np.interp(self.run.times, t, values[first])
