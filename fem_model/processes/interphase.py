"""Interphase at the bare foil: reactions make a film of product between foil and electrolyte.

Where the foil touches an electrolyte that reacts, it reacts as at the front (see `laws.reaction`), with the
thickness w (m) of product in the place of a conversion:

    ∂w/∂t = u (1 − ρh) s        s: the share of the face in contact,   u = k or D/(w + w₀)

By the chemical route the foil loses F ν/V_M of charge per volume of product, by the electrochemical one the
electrolyte loses Li⁺ and the foil electrons. The film is not in the mesh. It puts w/σ_product in series with
the charge transfer of the foil, whose i₀ goes over to that on product as w/(w + w₀) does.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from mpi4py import MPI

from fem_model.base.arrays import Floats
from fem_model.case import Case
from fem_model.case.expected import THICKER
from fem_model.case.resolved import ResolvedReaction
from fem_model.numerics.algebra import AssembledVector, combine, total
from fem_model.processes.extras import Extras
from fem_model.processes.process import Process, Setting
from fem_model.processes.reaction import charge_density, electrochemical_rate, terms
from fem_model.processes.state import Field, Kept, Place

FILM = "interphase"
COVERS = 1e-8
"""Thickness of product (m) that halves the way to its own i₀, where a linear law has no start thickness."""


class Interphase(Process):
    """w (`thickness`) of the cells at the anode's face."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.spaces, self.case = setting.spaces, setting.case
        self.thickness = fem.Function(self.spaces.cells, name=FILM)
        self.areas = AssembledVector(self._on_foil(1.0)).assemble().copy()
        owned = len(self.areas)
        chemical = {r.material for r in self.case.reactions if r.route == "chemical"}
        self.charge_density = charge_density(self.spaces, self.case)[:owned]
        self.reacting = (self.areas > 0) & (self.charge_density > 0)
        self.chemical = self._by_material(dict.fromkeys(chemical, 1.0)).x.array[:owned] > 0

    @staticmethod
    def applies(case: Case, extras: Extras) -> bool:
        """True if anything reacts and there is a foil."""
        return bool(case.reactions) and extras.electrodes

    def fields(self) -> list[Field]:
        """w, of which the volume is kept."""
        return [Field(FILM, self.thickness.x.array, Place.CELLS, Kept.SHARE, "anode")]

    # Coefficients and terms

    def foil_exchange_factor(self) -> Any:
        """1 + (f − 1) w/(w + w₀) with f of the product."""
        factors = {r.material: r.i0_factor for r in self.case.reactions}
        if all(factor == 1.0 for factor in factors.values()):
            return 1.0
        start = {r.material: r.start_thickness or COVERS for r in self.case.reactions}
        w, change = self.thickness, {name: factor - 1 for name, factor in factors.items()}
        return 1 + self._by_material(change) * w / (w + self._by_material(start, COVERS))

    def foil_resistance(self) -> Any:
        """w/σ_product, Ω m²."""
        table = self.case.material_table()
        sigma = {r.material: r.sigma or table[r.material].sigma for r in self.case.reactions}
        return self.thickness * self._by_material({name: 1 / value for name, value in sigma.items()})

    def foil_current(self, v: Any) -> Any:
        """Li⁺ consumed by the electrochemical route, A."""
        found = self._terms("electrochemical")
        drawn = [term.charge_density * self._electrochemical(term, reaction) for term, reaction in found]
        return self._on_foil(sum(drawn), v) if drawn else None

    def _terms(self, route: str) -> list[Any]:
        return terms(self.spaces, self.case, route, self.thickness)

    @property
    def _touched(self) -> Any:
        """(1 − ρh) s."""
        return self.setting.front.free * self.setting.in_contact("anode")

    def _chemical(self, term: Any) -> Any:
        return term.chemical_rate(self.spaces.constant(0.0), self.setting.foil_open * self._touched)

    def _electrochemical(self, term: Any, reaction: ResolvedReaction) -> Any:
        metal, unreacted = self.setting.metal.phi, self.spaces.constant(0.0)
        return electrochemical_rate(self.setting, term, reaction, unreacted, self._touched, metal)

    def _on_foil(self, density: Any, v: Any = None) -> Any:
        test = ufl.TestFunction(self.spaces.cells) if v is None else v
        return density * test * self.spaces.on_face("anode")

    def _by_material(self, values: Mapping[str, float], elsewhere: float = 0.0) -> fem.Function:
        names = self.spaces.domain.materials
        return self.spaces.domain.material_values({name: values.get(name, elsewhere) for name in names})

    # In time

    @cached_property
    def _grown(self) -> list[AssembledVector]:
        """∫ ∂w/∂t dA of the cells by the chemical and by the electrochemical route, m³/s."""
        chemical = [self._chemical(term) for term, _ in self._terms("chemical")]
        others = [self._electrochemical(term, r) for term, r in self._terms("electrochemical")]
        zero = self.spaces.constant(0.0)
        return [AssembledVector(self._on_foil(sum(found, zero))) for found in (chemical, others)]

    def rates(self, faces: Mapping[str, Floats]) -> list[Field]:
        """∂w/∂t of the cells, m/s, for φ as it is."""
        with self.setting.stages("assembly"):
            chemical, other = (vector.assemble() for vector in self._grown)
        rate = np.zeros_like(self.areas)
        rate[self.reacting] = (chemical + other)[self.reacting] / self.areas[self.reacting]
        return [Field(FILM, rate, Place.CELLS, Kept.RATE, "anode")]

    def from_foil(self) -> float:
        """(F ν/V_M) ∫∂w/∂t dA by the chemical route, A."""
        return total(self.spaces.comm, self._grown[0].array * self.charge_density)

    @property
    def w(self) -> Floats:
        """Values of the owned cells, m."""
        values: Floats = self.thickness.x.array[: len(self.areas)]
        return values

    def limit(self, rates: Mapping[str, Floats]) -> float:
        """Largest step, s: a parabolic film grows by a share of its thickness."""
        start = self._start[self.reacting]
        rate, thick = rates[FILM][self.reacting], self.w[self.reacting] + start
        relative = np.where(start > 0, rate / np.where(start > 0, thick, 1.0), 0.0)
        fastest = float(combine(self.spaces.comm, relative.max(initial=0.0, keepdims=True), MPI.MAX)[0])
        return THICKER / fastest if fastest > 0 else np.inf

    @cached_property
    def _start(self) -> Floats:
        """w₀ of parabolic laws, 0 of linear ones."""
        laws = {r.material: r.start_thickness or 0.0 for r in self.case.reactions}
        start: Floats = self._by_material(laws).x.array[: len(self.areas)]
        return start

    def advance(self, rates: Mapping[str, Floats], dt: float) -> None:
        """One step."""
        self.w[:] += dt * rates[FILM]
        self.thickness.x.scatter_forward()

    # What is seen of it

    def stored(self) -> float:
        """F ν/V_M ∫w dA: charge of the lithium in the film, C."""
        return total(self.spaces.comm, self.charge_density * self.areas * self.w)

    def taken(self) -> float:
        """The part of it that the chemical route has taken from the foil, C."""
        return total(self.spaces.comm, (self.charge_density * self.areas * self.w)[self.chemical])

    def volume(self) -> float:
        """∫w dA, m³."""
        return total(self.spaces.comm, self.areas * self.w)

    def mean(self) -> float:
        """Mean thickness on the electrolytes that react, m; 0 if none touches the foil's face."""
        area = total(self.spaces.comm, self.areas * self.reacting)
        return self.volume() / area if area else 0.0

    @cached_property
    def _bare(self) -> AssembledVector:
        return AssembledVector(self._on_foil(self.setting.front.free))

    def probed(self, depth: float) -> tuple[float, float]:
        """∫ min(w, depth) dA and ∫ depth dA over the bare face of the electrolytes that react, m³."""
        bare = self._bare.assemble() * self.reacting
        parts = np.array([(bare * np.minimum(self.w, depth)).sum(), depth * bare.sum()])
        of_product, whole = combine(self.spaces.comm, parts)
        return float(of_product), float(whole)

    def output(self) -> list[fem.Function]:
        """w, m."""
        return [self.thickness]
