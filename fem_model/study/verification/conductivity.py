"""Effective conductivity of arrangements for which there is a closed form. σ_a = 1 S/m, σ_b = k σ_a."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, pi, sqrt

from matplotlib.figure import Figure
from mpi4py import MPI

from fem_model.materials import LIBRARY
from fem_model.study.bounds import wiener
from fem_model.study.conductivity import Conductivity, ConductivityStudy
from fem_model.study.verification.entry import Check, Entry, Report, relative
from fem_model.study.verification.orders import Curve, Panel, draw_orders
from fem_model.study.verification.samples import Draw, disc, sample, tiles

NAME = "effective_conductivity"
CONTRASTS = (1.47, 10.0, 1000.0)
"""LGPS over LPSC1.0, and two more."""
TILE, RADIUS, CELL, WIDE = 10.0, 3.0, 12.0, 60.0
"""Side of a tile, radius of the disc, side of the square around it, and of the one that dilutes it, µm."""
SIZES = (1.2, 0.6, 0.3, 0.15)
"""Cell sizes, µm; the last only in full."""
TOLERANCE = 5e-3
ORDER_TOLERANCE = 0.2
EXACT = 1e-9
INSIDE = "current density in it over the mean"


def rayleigh(k: float, f: float) -> float:
    """σ_eff/σ_a of discs (σ_b = k σ_a, area share f) in a square array.

    Perrins, McKenzie and McPhedran, Proc. R. Soc. Lond. A 369 (1979) 207, eq. 14: 1 − 2f/(T + f − …).
    """
    T = (1 + k) / (1 - k)
    neighbours = 0.305827 * f**4 * T / (T**2 - 1.402958 * f**8) + 0.013362 * f**8 / T
    return 1 - 2 * f / (T + f - neighbours)


def current_in(k: float, f: float, ratio: float) -> float:
    """Current density in the discs over the mean one, from σ_eff/σ_a: k (σ_eff − σ_a)/[f (k − 1) σ_eff].

    Exact for two materials, as the means of field and current over both give those over each.
    """
    return k * (ratio - 1) / (f * (k - 1) * ratio)


def corner_order(k: float) -> float:
    """Order of the distance of a checkerboard's bounds: 2β with φ ∝ r^β at corners, tan(πβ/4) = k^∓½."""
    return 8 / pi * atan(1 / sqrt(k))


@dataclass(frozen=True)
class Levels:
    """Conductivities found with finer and finer cells."""

    sizes: Sequence[float]
    found: Sequence[Conductivity]

    @property
    def finest(self) -> Conductivity:
        """The last one."""
        return self.found[-1]

    def error(self, label: str, sigma_eff: float) -> Curve:
        """Relative error of σ_eff along x."""
        errors = [abs(result.directions["x"].sigma_eff / sigma_eff - 1) for result in self.found]
        return Curve(label, self.sizes, errors, 2.0)

    def gap(self, label: str, order: float) -> Curve:
        """Half the distance of the two bounds along x, relative."""
        along = [result.directions["x"] for result in self.found]
        return Curve(label, self.sizes, [(d.uncertainty or 0.0) / d.sigma_eff for d in along], order)


def study(comm: MPI.Comm, draw: Draw, sizes: Sequence[float], k: float, dim: int = 2) -> Levels:
    """Effective conductivities of a drawing, its regions "a" and "b", on meshes of some cell sizes."""
    sigma = {"a": 1.0, "b": k}
    return Levels(sizes, [ConductivityStudy(sample(comm, draw, h, dim), sigma).run() for h in sizes])


Found = tuple[list[Entry], Curve]


def checkerboard(comm: MPI.Comm, sizes: Sequence[float], k: float) -> Found:
    """σ_eff = √(σ_a σ_b); the bounds close in at the order that the singular corners leave."""
    name = f"{NAME}/checkerboard {k:g}"
    levels = study(comm, tiles(["ab", "ba"], TILE), sizes, k)
    gap = levels.gap(f"contrast {k:g}", corner_order(k))
    entries = [
        relative(name, f"σ_eff along {axis}", sqrt(k), along.sigma_eff, TOLERANCE, "S/m")
        for axis, along in levels.finest.directions.items()
    ]
    return [*entries, gap.entry(name, "distance of the bounds", ORDER_TOLERANCE)], gap


def layers(comm: MPI.Comm, k: float) -> list[Entry]:
    """Harmonic mean across layers, arithmetic mean along them, which linear cells have exactly."""
    [result] = study(comm, tiles(["aab"], TILE / 2), SIZES[:1], k).found
    means = wiener([1.0, k], [2 / 3, 1 / 3])
    return [
        relative(f"{NAME}/{way} {k:g}", "σ_eff", mean, result.directions[axis].sigma_eff, EXACT, "S/m")
        for way, axis, mean in zip(("series", "parallel"), "xy", means, strict=True)
    ]


def discs(comm: MPI.Comm, sizes: Sequence[float], k: float) -> Found:
    """A square array of discs, cut along lines of symmetry."""
    share = pi * RADIUS**2 / CELL**2
    levels = study(comm, disc(RADIUS, CELL), sizes, k)
    return array(f"{NAME}/disc {k:g}", levels, k, share, rayleigh(k, share))


def array(name: str, levels: Levels, k: float, share: float, exact: float) -> Found:
    """An array of inclusions, their share of it given, whose σ_eff/σ_a is known."""
    x, f = levels.finest.directions["x"], levels.finest.fractions["b"]
    error, inside = levels.error(f"contrast {k:g}", exact), current_in(k, share, exact)
    return [
        relative(name, "σ_eff", exact, x.sigma_eff, TOLERANCE, "S/m"),
        relative(name, INSIDE, inside, x.shares["b"] / f, TOLERANCE),
        error.entry(name, "error of σ_eff", ORDER_TOLERANCE),
    ], error


def dilute(comm: MPI.Comm) -> Entry:
    """A disc of LGPS far from others in LPSC1.0 carries 2σ_b/(σ_a + σ_b) times the mean current density."""
    k = sigma_of("LGPS") / sigma_of("LPSC1.0")
    result = study(comm, disc(RADIUS, WIDE), SIZES[1:2], k).finest
    inside = result.directions["x"].shares["b"] / result.fractions["b"]
    return relative(f"{NAME}/LGPS in LPSC1.0", INSIDE, 2 * k / (1 + k), inside, TOLERANCE)


def sigma_of(name: str) -> float:
    """Conductivity of a material of the library, S/m."""
    value = LIBRARY[name].sigma
    assert value is not None
    return value.value


def run(comm: MPI.Comm, full: bool) -> Report:
    """All arrangements and contrasts."""
    sizes = SIZES if full else SIZES[:3]
    boards = [checkerboard(comm, sizes, k) for k in CONTRASTS]
    arrays = [discs(comm, sizes, k) for k in CONTRASTS]
    straight = [entry for k in CONTRASTS for entry in layers(comm, k)]
    entries = [entry for found, _ in (*boards, *arrays) for entry in found]
    figure = _draw([c for _, c in boards], [c for _, c in arrays]) if comm.rank == 0 else None
    return Report((*entries, *straight, dilute(comm)), figure)


def _draw(boards: Sequence[Curve], arrays: Sequence[Curve]) -> Figure:
    size = "Cell size (µm)"
    checker = Panel("Checkerboard", size, "Half the distance of the bounds / σ_eff", boards)
    return draw_orders([checker, Panel("Square array of discs", size, "Error of σ_eff / σ_eff", arrays)])


CHECK = Check(
    NAME,
    "Checkerboard (Dykhne 1970), layers, square array of discs (Perrins et al. 1979) and a single disc of "
    "LGPS in LPSC1.0, at contrasts 1.47, 10 and 1000.",
    run,
)
