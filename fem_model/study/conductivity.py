"""Effective conductivity of a microstructure between two non-blocking faces, in every direction.

The finite-element power bounds it from above, σ⁺. In a rectangle the dual problem, resistivity 1/σ
between the two other faces, bounds it from below: σ⁻ = 1/σ⁺[1/σ, across] (Keller, J. Math. Phys. 5
(1964) 548; Mendelson, J. Appl. Phys. 46 (1975) 917). Their geometric mean is reported, with
half their distance as its uncertainty; other domains and 3D report σ⁺. Where σ varies within a cell, σ⁺ takes
its mean, as linear elements do, and the dual problem the mean of 1/σ: both stay bounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import ufl

from fem_model.base.arrays import Floats
from fem_model.mesh.domain import Domain
from fem_model.numerics.algebra import AssembledVector, combine
from fem_model.numerics.conduction import Conduction
from fem_model.numerics.release import release, watch
from fem_model.study.bounds import hashin_shtrikman, wiener

AXES = "xyz"
DEGREE = 2
"""Degree of the quadrature over a cell: that of the model."""
GRADED = (
    "No Hashin–Shtrikman bounds: they are for materials with one conductivity each, and here it varies "
    "within them, near boundaries."
)
ABOVE = (
    "σ_eff of this mesh is an upper bound. Finer cells show by how much; for a case, use "
    "--set mesh.refinement=2."
)
TORN = (
    "warning: outside the exact bounds: {}. Parts of the mesh do not share their nodes (it is torn), or "
    "the solution is not exact: do not use these values."
)
ROUND_OFF = 1e-9
"""Relative amount by which values may miss their bounds."""
CUT = "No tortuosity factor where a material alone does not connect the two faces: it would be infinite."


@dataclass(frozen=True)
class Direction:
    """Conduction along one axis. `flux` is |j| over the mean current density, per owned cell."""

    sigma_eff: float
    """S/m."""
    uncertainty: float | None
    """Half the distance of the two bounds, S/m; None where there is only one, or where they cross."""
    shares: dict[str, float]
    """Share of the current that each material carries."""
    flux: Floats
    bounds_cross: bool = False
    """True if the lower bound is above the upper one, as on a mesh that is torn."""


@dataclass(frozen=True)
class Conductivity:
    """Effective conductivities by axis name, with what they are compared to."""

    directions: dict[str, Direction]
    fractions: dict[str, float]
    sigma: dict[str, float]
    """S/m, away from boundaries with a factor of their own."""
    wiener: tuple[float, float]
    """S/m, from the conductivity of every cell."""
    hashin_shtrikman: tuple[float, float] | None
    """S/m; None where the conductivity varies within the materials."""
    num_cells: int
    num_dofs: int
    tortuosity: Mapping[str, Mapping[str, float | None]] | None = None
    """Tortuosity factor by axis and material; None where this does not connect the faces."""

    @property
    def outside(self) -> list[str]:
        """The axes whose value is not within Wiener's bounds, or whose two bounds cross."""
        low, high = self.wiener[0] * (1 - ROUND_OFF), self.wiener[1] * (1 + ROUND_OFF)
        return [
            axis for axis, d in self.directions.items() if not low <= d.sigma_eff <= high or d.bounds_cross
        ]

    @property
    def notes(self) -> list[str]:
        """Bounds on the values, and reasons for what is missing."""
        torn = [TORN.format(", ".join(self.outside))] if self.outside else []
        alone = any(d.uncertainty is None and not d.bounds_cross for d in self.directions.values())
        above = [ABOVE] if alone else []
        graded = [GRADED] if self.hashin_shtrikman is None else []
        cut = any(None in factors.values() for factors in (self.tortuosity or {}).values())
        return [*torn, *above, *graded, *([CUT] if cut else [])]

    def as_json(self) -> dict[str, Any]:
        """Content of conductivity.json."""
        result: dict[str, Any] = {
            name: {
                "sigma_eff_S_m": d.sigma_eff,
                "uncertainty_S_m": d.uncertainty,
                "current_share_by_phase": d.shares,
                "wiener": self.wiener,
                "hashin_shtrikman": self.hashin_shtrikman,
            }
            for name, d in self.directions.items()
        }
        for name, factors in (self.tortuosity or {}).items():
            result[name]["tortuosity_factor_by_phase"] = factors
        phases = {"fraction_by_phase": self.fractions, "sigma_by_phase_S_m": self.sigma}
        size = {"num_cells": self.num_cells, "num_dofs": self.num_dofs}
        return {**result, **phases, **size, "notes": self.notes}


class ConductivityStudy:
    """Solves for the effective conductivity of a domain with given conductivities (S/m) by material.

    `factor` (UFL) multiplies them; its mean over each cell is taken.
    """

    def __init__(self, domain: Domain, sigma: Mapping[str, float], factor: Any = 1.0) -> None:
        self.domain, self.comm = domain, domain.mesh.comm
        release(self.comm)
        watch(self, self.comm)
        self.names = list(domain.materials)
        self.sigma = {name: sigma[name] for name in self.names}
        self.problem = Conduction(domain)
        local, self.is_graded = domain.material_values(sigma) * factor, factor != 1.0
        self.volumes = self._over_cells(1.0)
        self.cell_sigma = self._over_cells(local) / self.volumes
        self.cell_resistivity = self._over_cells(1 / local) / self.volumes
        owned = len(self.volumes)
        order = {tag: k for k, tag in enumerate(domain.materials.values())}
        self.material = np.array([order[tag] for tag in domain.cell_tags.values[:owned]], dtype=np.int64)
        self.by_material = self.sums(self.volumes)

    def run(self) -> Conductivity:
        """All directions."""
        volume = self.by_material.sum()
        fractions = dict(zip(self.names, (self.by_material / volume).tolist(), strict=True))
        dim = self.domain.mesh.geometry.dim
        directions = {AXES[axis]: self._direction(axis, self._is_rectangle(volume)) for axis in range(dim)}
        return Conductivity(
            directions,
            fractions,
            self.sigma,
            self._wiener(list(fractions.values())),
            None if self.is_graded else hashin_shtrikman([*self.sigma.values()], [*fractions.values()], dim),
            self.domain.mesh.topology.index_map(dim).size_global,
            self.problem.V.dofmap.index_map.size_global,
        )

    def _wiener(self, fraction: list[float]) -> tuple[float, float]:
        """Bounds from the harmonic and the arithmetic mean over the cells of each material."""
        harmonic = self.by_material / self.sums(self.cell_resistivity * self.volumes)
        arithmetic = self.sums(self.cell_sigma * self.volumes) / self.by_material
        return wiener(harmonic.tolist(), fraction)[0], wiener(arithmetic.tolist(), fraction)[1]

    def _direction(self, axis: int, rectangle: bool) -> Direction:
        lower = 1 / self.upper(self.cell_resistivity, 1 - axis) if rectangle else None
        upper = self.upper(self.cell_sigma, axis)
        j = self.problem.flux()
        carried = self.sums(j[:, axis] * self.volumes)
        mean = abs(carried.sum()) / self.by_material.sum()
        shares = dict(zip(self.names, (carried / carried.sum()).tolist(), strict=True))
        flux = np.linalg.norm(j, axis=1) / mean
        if lower is None:
            return Direction(upper, None, shares, flux)
        cross = lower > upper * (1 + ROUND_OFF)
        half = None if cross else abs(upper - lower) / 2
        return Direction(float(np.sqrt(lower * upper)), half, shares, flux, cross)

    def upper(self, sigma: Floats, axis: int) -> float:
        """σ_eff from above, S/m, for a conductivity per owned cell.

        It is the power per square of the mean field and volume.
        """
        length = self.domain.extent[axis]
        section = float(np.prod([e for k, e in enumerate(self.domain.extent) if k != axis]))
        return self.problem.solve(sigma, axis) * length / section

    def _is_rectangle(self, volume: float) -> bool:
        box = float(np.prod(self.domain.extent))
        return self.domain.mesh.geometry.dim == 2 and abs(volume - box) < 1e-9 * box

    def _over_cells(self, value: Any) -> Floats:
        """Integral of a UFL expression over each owned cell."""
        cells, dx = self.problem.cells, self.domain.dx(metadata={"quadrature_degree": DEGREE})
        integrals = AssembledVector(value * ufl.TestFunction(cells) * dx).assemble()
        owned = self.domain.mesh.topology.index_map(self.domain.mesh.topology.dim).size_local
        of_cells: Floats = integrals[cells.dofmap.list[:owned, 0]]
        return of_cells

    def sums(self, values: Floats) -> Floats:
        """Cell values summed by material over all ranks."""
        return combine(self.comm, np.bincount(self.material, weights=values, minlength=len(self.names)))
