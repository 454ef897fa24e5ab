"""Descriptors of a microstructure, from any mesh with named regions. SI units, numpy only.

Shares, areas of interfaces, contacts and percolation are those of the mesh; two-point probabilities are
counted on a lattice. Definitions and sources: docs/descriptors.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fem_model.base.arrays import Floats
from fem_model.base.errors import InputError
from fem_model.mesh.lattice import sample_lattice
from fem_model.mesh.msh import read_msh
from fem_model.mesh.sizes import MICROMETRES
from fem_model.mesh.statistics import AXES, MeshStatistics, ends_of, statistics_of
from fem_model.microstructure.correlation import TwoPoint, two_point
from fem_model.microstructure.statistics import Percolation

UNIT = 1.0 / MICROMETRES


@dataclass(frozen=True, eq=False)
class Descriptors:
    """Descriptors of a microstructure."""

    statistics: MeshStatistics  # lengths in the unit of the file
    correlation: dict[str, TwoPoint]  # by material; lengths in m
    lattice: tuple[tuple[int, ...], Floats]  # numbers of points along the axes, and steps (m)

    @property
    def dim(self) -> int:
        """2 or 3."""
        return self.statistics.dim

    def as_json(self) -> dict[str, Any]:
        """Content of the file that `fem-model mesh --descriptors` writes."""
        s = self.statistics
        names = s.grains.materials
        return {
            "dim": s.dim,
            "extent_m": [length * UNIT for length in s.extent],
            "fraction_by_phase": s.area_fractions,
            "interface_area_1_m": self._interfaces(),
            "grains_by_phase": {name: self._grains(name) for name in names},
            "percolation_by_phase": {name: self._percolation(name) for name in names},
            "two_point": self._two_point(),
        }

    def _interfaces(self) -> dict[str, Any]:
        """Per volume; in 2D lengths per area."""
        s = self.statistics
        total = sum(s.interface_areas.values())
        return {
            "between_materials": s.interface_area() / UNIT,
            "between_grains_of_one_material": (total - s.interface_area()) / UNIT,
            "by_pair": {pair: area / UNIT for pair, area in s.interface_areas.items()},
            "by_phase": {name: s.interface_area(name) / UNIT for name in s.grains.materials},
        }

    def _grains(self, material: str) -> dict[str, Any]:
        grains = self.statistics.grains
        sizes = grains.sizes(material)
        return {
            "count": sizes.count,
            "median_diameter_m": sizes.median * UNIT,
            "geometric_standard_deviation": sizes.spread,
            "mean_contacts_with": {o: grains.mean_neighbours(material, o) for o in grains.materials},
        }

    def _percolation(self, material: str) -> dict[str, Any]:
        ways = percolations(self.statistics, material)
        return {
            **{way: {"connects": p.connects, "share_connected": p.spanning} for way, p in ways.items()},
            "share_in_largest_cluster": next(iter(ways.values())).largest,
        }

    def _two_point(self) -> dict[str, Any]:
        points, steps = self.lattice
        first = next(iter(self.correlation.values()))
        return {
            "lattice": {"points": list(points), "spacing_m": steps.tolist()},
            "r_m": first.r.tolist(),
            "r_along_m": {AXES[axis]: r.tolist() for axis, (r, _) in enumerate(first.along)},
            "by_phase": {
                name: {
                    "S2": found.both.tolist(),
                    "unlike": found.unlike.tolist(),
                    "S2_along": {AXES[axis]: line.tolist() for axis, (_, line) in enumerate(found.along)},
                    "correlation_length_m": found.correlation_length,
                    "interface_area_by_slope_1_m": found.interface_area,
                }
                for name, found in self.correlation.items()
            },
        }


def percolations(statistics: MeshStatistics, material: str) -> dict[str, Percolation]:
    """Percolation of a material from anode to counter electrode, and across each other axis."""
    grains = statistics.grains
    across = {AXES[k]: grains.percolation(material, ends_of(k)) for k in range(statistics.dim - 1)}
    return {"anode_to_counter": grains.percolation(material), **across}


def descriptors(path: Path, points: int | None = None) -> Descriptors:
    """Descriptors of a .msh file in micrometres; `points` of the lattice, by default 2²⁰ (in 3D 2²¹).

    Errors: InputError as `read_msh` and `find_boundaries`.
    """
    mesh = read_msh(path)
    try:
        statistics = statistics_of(mesh)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    lattice = sample_lattice(mesh, points)
    steps = lattice.spacing * UNIT
    found = two_point(lattice.label, steps, len(mesh.materials))
    correlation = dict(zip(mesh.materials, found, strict=True))
    return Descriptors(statistics, correlation, (lattice.label.shape, steps))
