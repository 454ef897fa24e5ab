"""Effective conductivity of generated grains of LPSC1.0 and LGPS against the bounds on it, in 2D and 3D.

Every direction is held against Wiener's bounds and all directions together against those of Hashin and
Shtrikman, as `isotropic_equivalents` has it: then neither asks for an isotropic sample. In 3D a mesh gives
values from above by about a quarter of the distance of the latter; so they are extrapolated from two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.mesh.domain import build_domain
from fem_model.plot.palette import colour
from fem_model.plot.style import GREY, STYLE, TITLE_SIZE
from fem_model.study.bounds import Pair, isotropic_equivalents
from fem_model.study.conductivity import Conductivity, ConductivityStudy
from fem_model.study.verification.cases import FILM, Tables, case
from fem_model.study.verification.conductivity import sigma_of
from fem_model.study.verification.entry import Check, Entry, Report, absolute
from fem_model.study.verification.orders import MARKERS, PANEL

NAME = "particle_conductivity"
BOXES = {2: ("40 um", None, "40 um"), 3: ("13 um", "12 um", "14 um")}
"""Width, breadth and depth by dimension: 110 and 45 grains."""
CELL = 1.2
"""Cell size of the coarser mesh, µm; the finer has half of it."""
CONTRASTS: tuple[Pair, ...] = ((sigma_of("LPSC1.0"), sigma_of("LGPS")), (1.0, 10.0))
"""Conductivities of LPSC1.0 and LGPS, S/m, and of two others in their place."""


@dataclass(frozen=True)
class Grains:
    """A sample: its dimension, seed, and the share of LGPS in its mass."""

    dim: int = 3
    seed: int = 1
    filler: float = 0.2

    @property
    def label(self) -> str:
        """Name in entries and figure."""
        share = round(10 * self.filler)
        return f"{self.dim}D, {10 - share}:{share}, seed {self.seed}"

    def changes(self, refinement: int) -> Tables:
        """Changes of FILM; only its microstructure and mesh matter."""
        width, breadth, depth = BOXES[self.dim]
        kinds = (("LPSC1.0", 1 - self.filler, "5 um"), ("LGPS", self.filler, "3 um"))
        keys = "material", "mass_share", "size"
        box = {"layout": "particles", "width": width, "depth": depth, "seed": self.seed}
        grains = [dict(zip(keys, kind, strict=True)) for kind in kinds]
        sizes = {f"cell_size_{where}": f"{CELL} um" for where in ("front", "bulk")}
        return {
            "microstructure": box | {"grains": grains} | ({"breadth": breadth} if breadth else {}),
            "materials": {},
            "mesh": sizes | {"refinement": refinement},
            "phase_field.lam": f"{CELL} um",
            "anode.initial.thickness": f"{2 * CELL} um",
        }

    def conductivities(self, comm: MPI.Comm) -> list["Limit"]:
        """One for each pair of CONTRASTS."""
        levels = [self._level(comm, refinement) for refinement in (1, 2)]
        return [Limit(*pair) for pair in zip(CONTRASTS, *levels, strict=True)]

    def _level(self, comm: MPI.Comm, refinement: int) -> list[Conductivity]:
        domain = build_domain(case(FILM, self.changes(refinement)), comm)
        sigmas = [dict(zip(("LPSC1.0", "LGPS"), pair, strict=True)) for pair in CONTRASTS]
        return [ConductivityStudy(domain, sigma).run() for sigma in sigmas]


@dataclass(frozen=True)
class Limit:
    """Conductivities of a sample on two meshes, and what they become on finer and finer ones."""

    sigma: Pair
    coarse: Conductivity
    fine: Conductivity

    def directions(self) -> dict[str, float]:
        """σ_eff by axis, S/m: for errors ∝ h², h that of as many equal cells."""
        dim = len(self.fine.directions)
        gain = (self.fine.num_cells / self.coarse.num_cells) ** (2 / dim) - 1
        pairs = {axis: (self.coarse.directions[axis], d) for axis, d in self.fine.directions.items()}
        return {axis: f.sigma_eff - (c.sigma_eff - f.sigma_eff) / gain for axis, (c, f) in pairs.items()}

    def entries(self, grains: Grains) -> list[Entry]:
        """All bounds."""
        found, window = self.directions(), self.fine.hashin_shtrikman
        assert window is not None
        name = f"{NAME}/{grains.label}, {self.sigma[0]:g} and {self.sigma[1]:g} S/m"
        each = [
            within(name, f"σ_eff along {axis} in Wiener's bounds", self.fine.wiener, value)
            for axis, value in found.items()
        ]
        both = isotropic_equivalents([*found.values()], self.sigma)
        together = [
            within(name, f"all together by the {which} bound", window, value)
            for which, value in zip(("lower", "upper"), both, strict=True)
        ]
        return [*each, *together]


def within(name: str, quantity: str, bounds: Pair, measured: float) -> Entry:
    """A conductivity that is to lie between two: its distance from their middle, in S/m."""
    low, high = bounds
    return absolute(name, quantity, (low + high) / 2, measured, (high - low) / 2, "S/m")


def samples(full: bool) -> list[Grains]:
    """One in 2D and two in 3D; in full ten in 3D at three mass ratios."""
    seeds, fillers = (range(1, 11), (0.1, 0.2, 0.3)) if full else (range(1, 3), (0.2,))
    return [Grains(2), *(Grains(3, seed, filler) for filler in fillers for seed in seeds)]


def run(comm: MPI.Comm, full: bool) -> Report:
    """All samples at both contrasts."""
    found = {grains: grains.conductivities(comm) for grains in samples(full)}
    entries = (limit.entries(grains) for grains, limits in found.items() for limit in limits)
    return Report(tuple(chain.from_iterable(entries)), _draw(found) if comm.rank == 0 else None)


@rc_context(STYLE)
def _draw(found: dict[Grains, list[Limit]]) -> Figure:
    figure = Figure(figsize=(2 * PANEL[0], PANEL[1] + 0.11 * len(found)), layout="constrained")
    panels = figure.subplots(1, len(CONTRASTS), sharey=True)
    for k, axes in enumerate(panels):
        _draw_panel(axes, [(grains.label, limits[k]) for grains, limits in found.items()])
    panels[0].set_yticks(range(len(found)), [grains.label for grains in found])
    panels[0].invert_yaxis()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=7)
    return figure


def _draw_panel(axes: Axes, found: Sequence[tuple[str, Limit]]) -> None:
    rows = np.arange(len(found))
    for bounds, tint, name in (("wiener", 0.25, "Wiener"), ("hashin_shtrikman", 0.6, "Hashin–Shtrikman")):
        low, high = np.array([getattr(limit.fine, bounds) for _, limit in found]).T
        axes.barh(rows, high - low, 0.7, low, color=GREY, alpha=tint, label=name, lw=0)
    for k, axis in enumerate("xyz"):
        own = [limit.directions().get(axis, np.nan) for _, limit in found]
        axes.plot(own, rows, MARKERS[k], ls="", mfc="none", color=colour(k), label=f"along {axis}")
    both = [isotropic_equivalents([*limit.directions().values()], limit.sigma) for _, limit in found]
    axes.plot(np.mean(both, axis=1), rows, "k|", ms=9, label="all together")
    low, high = found[0][1].sigma
    axes.set_title(f"LPSC1.0 {low:.3g}, LGPS {high:.3g} S/m", fontsize=TITLE_SIZE)
    axes.set(xlabel="Effective conductivity (S/m)")


CHECK = Check(
    NAME,
    "Generated grains of LPSC1.0 and LGPS in 2D and 3D: Wiener's bounds in every direction, those of Hashin "
    "and Shtrikman (1962), in their form for anisotropic samples, for all directions together.",
    run,
)
