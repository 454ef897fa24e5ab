"""The physics added up: fields, coefficients and the weak forms of both equations.

Charge     ∇·(σ_eff ∇φ) = i_n(A) |∇h|                                       (for φ, quasi-static)
Phase      ρ ∂ξ/∂t = (V_m/F) i_n(A) |∇h| + ∇·[ρ(μ∇ξ + ξ(1−ξ)(μ/λ − v̄(1−2ξ)) n)]   (for ξ)

Reaction   ∂z/∂t = u |∇h| g(z)                                              (for z, see `reaction`)

ρ is the room: the share of the volume that lithium takes where it grows, 1 unless the case says otherwise.
At any instant ξ and z fix φ, and φ fixes their rates. All that the solvers need is here as UFL;
nothing here knows how it is solved, how time is stepped, or what is written to a file.
"""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import ufl
from dolfinx import default_scalar_type, fem
from mpi4py import MPI
from ufl.core.expr import Expr

from fem_model.case import Case
from fem_model.case.case import ResolvedReaction
from fem_model.case.reactions import Reaction
from fem_model.case.sections import Contact, FixedCounter, LithiumCounter
from fem_model.constants import F
from fem_model.materials import V_m
from fem_model.mesh.domain import Domain
from fem_model.physics import interface, kinetics
from fem_model.physics.boundaries import boundary_factor
from fem_model.physics.cracks import Cracks
from fem_model.physics.initial import initial_distance
from fem_model.physics.reaction import ReactionTerm, parabolic_speed


@dataclass(frozen=True)
class Extras:
    """What a script may add to the equations, say for a manufactured solution.

    `charge` (UFL, A/m³) is added to the Faradaic sink of φ and `phase` (UFL, 1/s) to the growth
    rate of ξ. `phi_fixed` makes Dirichlet conditions of φ, given its space. `front_current` (A/m²) replaces
    the kinetics of the front, and `electrodes = False` takes both electrode reactions away.
    """

    charge: Any = None
    phase: Any = None
    phi_fixed: Callable[[fem.FunctionSpace], Sequence[fem.DirichletBC]] | None = None
    front_current: Any = None
    electrodes: bool = True


class AnodeReactions(NamedTuple):
    """Forms of the reactions at the anode's metal; None for those that the case has not."""

    front: Any
    contact: Any
    conversion: Any


class DendriteModel:
    """Coupled charge conservation and phase field on a domain, for one case.

    State: `xi` (ξ), `phi` (φ, V), `phi_metal` (φ_M of the anode, V), `conversion` (z). Made once a step:
    `distance` (n, m), `thickness` (w of the product at the front, m), `smooth_normal` (of which κ is the
    divergence, 1/m) and `front_speed` (v̄, m/s). `relaxation` (1/s) is what the classical Allen–Cahn bracket
    adds to ξ, where that is selected. The counter's metal is at 0 V. For `resistance`, `rise`,
    `least_distance` and `current_before` see `solve.intrusion`.
    """

    def __init__(self, domain: Domain, case: Case, extras: Extras | None = None) -> None:
        self.domain, self.case, self.extras = domain, case, extras or Extras()
        degree = case.mesh.degree
        self.V = fem.functionspace(domain.mesh, ("Lagrange", degree))
        self.cells = fem.functionspace(domain.mesh, ("DG", 0))
        quadrature = {"quadrature_degree": 2 * degree}
        self.dx, self.ds = domain.dx(metadata=quadrature), domain.ds(metadata=quadrature)
        self.xi, self.phi = fem.Function(self.V, name="xi"), fem.Function(self.V, name="phi")
        self.distance = fem.Function(self.V, name="distance")
        vectors = fem.functionspace(domain.mesh, ("Lagrange", degree, (domain.mesh.geometry.dim,)))
        self.smooth_normal = fem.Function(vectors, name="smooth_normal")
        self.front_speed, self.relaxation, self.thickness = (fem.Function(self.V) for _ in range(3))
        self.conversion = fem.Function(self.cells, name="conversion")
        self.phi_metal = self.constant(0.0)
        self.metal_offset, self.direction = fem.Function(self.V, name="metal_offset"), fem.Function(self.V)
        self.mobility = self.constant(case.phase_field.mobility or 0.0)
        self.foil_open, self.lam = self.constant(1.0), self.constant(case.phase_field.lam)
        self.axis = domain.mesh.geometry.dim - 1
        self.area = self.integrate(self.constant(1.0) * self.ds(domain.faces["anode"]))
        self.cracks, self.room = Cracks(domain, case), self._room()
        self.resistance, self.rise, self.largest_resistance = fem.Function(self.V), fem.Function(self.V), 0.0
        self.least_distance, self.current_before = fem.Function(self.V), fem.Function(self.V)
        self.set_initial_state()

    def _room(self) -> Any:
        """ρ: a number, or where materials differ a function that `solve.stepper` fills."""
        rooms = self.case.room_table()
        if len(set(rooms.values())) == 1:
            return next(iter(rooms.values()))
        return fem.Function(self.V, name="room")

    def constant(self, value: float) -> fem.Constant:
        """A number that may change in time without recompiling a form."""
        return fem.Constant(self.domain.mesh, default_scalar_type(value))

    def integrate(self, form: Any) -> float:
        """A scalar form summed over all ranks."""
        local = fem.assemble_scalar(fem.form(form))
        return float(self.domain.mesh.comm.allreduce(local, op=MPI.SUM))

    def set_initial_state(self) -> None:
        """ξ from the nuclei, the flaws or the film of the case."""
        lam, distance = self.case.phase_field.lam, initial_distance(self.case, self.cracks.flaws, self.axis)
        self.xi.interpolate(lambda x: interface.tanh_profile(distance(x), lam))
        self.update_distance()
        self.least_distance.x.array[:] = self.distance.x.array

    def update_distance(self) -> None:
        """The signed distance that belongs to ξ, node by node."""
        self.distance.x.array[:] = interface.signed_distance(self.xi.x.array, self.case.phase_field.lam)

    # Coefficients

    @cached_property
    def normal(self) -> Any:
        """n, out of the lithium."""
        return interface.normal(self.distance)

    @cached_property
    def sigma(self) -> Any:
        """Ionic conductivity of each material, other near boundaries if the case says so, S/m."""
        table = self.case.material_table()
        inside: Any = self.domain.material_values({name: m.sigma for name, m in table.items()})
        for reaction in self.case.reaction_table():
            name, product = reaction.section.material, reaction.section.sigma
            change = 0.0 if product is None else product - table[name].sigma
            inside += self.conversion * self.domain.material_values({m: change * (m == name) for m in table})
        return inside * boundary_factor(self.domain, self.case.boundaries, lambda b: b.sigma_factor)

    @cached_property
    def sigma_eff(self) -> Expr:
        """σ_eff = σ (1 − ρ h(ξ)) + σ_residual, S/m."""
        residual = self.constant(self.case.phase_field.sigma_residual)
        return self.sigma * (1 - self.room * interface.lithium_fraction(self.xi) + residual)

    @cached_property
    def resist(self) -> Any:
        """P, V: V_m p/F, or that of cracks (see `solve.intrusion`), times the factors of products."""
        if self.case.intrusion:
            return self._toughened(self.resistance)
        near = boundary_factor(self.domain, self.case.boundaries, lambda b: b.p_factor)
        return self.constant(V_m / F * self.case.kinetics.p_resist) * near

    def _toughened(self, resistance: Any) -> Any:
        return resistance * self._product_factor(lambda reaction: reaction.toughness_factor)

    @property
    def resists(self) -> bool:
        """Whether anything resists intrusion."""
        return self.case.intrusion is not None or self.max_resist() > 0

    def max_resist(self) -> float:
        """Largest P of the front, V."""
        if self.case.intrusion:
            return self.largest_resistance * max([1.0, *(r.toughness_factor for r in self.case.reactions)])
        factors = [1.0, *(b.p_factor for b in self.case.boundaries)]
        return V_m / F * self.case.kinetics.p_resist * max(factors)

    @cached_property
    def front_i0(self) -> Any:
        """Exchange current density of the front, A/m²."""
        near = boundary_factor(self.domain, self.case.boundaries, lambda b: b.i0_factor)
        product = self._product_factor(lambda reaction: reaction.i0_factor)
        return self.constant(self.exchange(self.case.kinetics)) * near * product

    def _product_factor(self, factor: Callable[[Reaction], float]) -> Any:
        """Π [1 + (f − 1) z] over the reactions: f in what a material becomes, 1 elsewhere."""
        product: Any = 1.0
        for reaction in self.case.reactions:
            if factor(reaction) != 1.0:
                change = (factor(reaction) - 1) * self.only_in(reaction.material)
                product *= 1 + change * self.conversion
        return product

    def only_in(self, material: str) -> fem.Function:
        """1 in a material, 0 elsewhere."""
        return self.domain.material_values({name: float(name == material) for name in self.domain.materials})

    @cached_property
    def law(self) -> Any:
        """Current density (A/m²) as a function of (affinity, i₀)."""
        k = self.case.kinetics
        alpha, temperature = self.constant(k.alpha), self.constant(k.temperature)
        return partial(kinetics.LAWS[k.law], alpha=alpha, temperature=temperature)

    def exchange(self, contact: Contact) -> float:
        """Exchange current density of a contact, A/m²; the front's where it has none of its own."""
        k = self.case.kinetics
        return (contact if contact.is_given else k).exchange(k.temperature)

    # Currents

    @property
    def islands_float(self) -> bool:
        """Whether lithium that is cut off from the anode has a potential of its own."""
        return self.case.anode.islands == "floating"

    @property
    def metal(self) -> Any:
        """Potential of the lithium, V: φ_M, and on islands what they float above it."""
        return self.phi_metal + self.metal_offset if self.islands_float else self.phi_metal

    @cached_property
    def front_current(self) -> Any:
        """i_n(A) of the lithium front, A/m², from the electrolyte's own potential: η = φ − φ_M."""
        if self.extras.front_current is not None:
            given = self.extras.front_current
            return self.constant(given) if isinstance(given, int | float) else given
        k, eta = self.case.kinetics, self.phi - self.metal
        affinity = ufl.variable(kinetics.affinity(eta, self.capillary, self.resist, k.reversible))
        current = self.law(affinity, self.front_i0)
        if self.case.intrusion is None:
            return current
        rise = self._toughened(self.rise) * V_m / (F * self.room)
        return kinetics.restrained(current, self.current_before, rise * ufl.diff(current, affinity))

    @cached_property
    def capillary(self) -> Any:
        """(V_m/F) γκ, V."""
        gamma = self.constant(V_m / F * self.case.phase_field.gamma)
        return gamma * ufl.div(self.smooth_normal) if self.has_curvature else 0.0

    @property
    def is_classical(self) -> bool:
        """Whether the profile is kept by the classical Allen–Cahn bracket."""
        return self.case.phase_field.capillarity == "classical"

    @property
    def has_curvature(self) -> bool:
        """Whether the physical capillary term γκ is part of the affinity."""
        return self.case.phase_field.capillarity == "physical" and self.case.phase_field.gamma > 0

    @cached_property
    def contact_current(self) -> Expr:
        """Anode contact, A/m²: Butler–Volmer where the face is not covered, (1 − h) i_n(φ − φ_M).

        The foil gives lithium back only while it has some (`foil_open` goes from 1 to 0).
        """
        current = self.law(self.phi - self.phi_metal, self.constant(self.exchange(self.case.anode)))
        limited = ufl.max_value(current, 0.0) + self.foil_open * ufl.min_value(current, 0.0)
        return (1 - self.room * interface.lithium_fraction(self.xi)) * limited

    # Reactions with the electrolyte

    @cached_property
    def density(self) -> Any:
        """|∇h|, 1/m."""
        return interface.interface_density(self.xi, self.normal)

    def reaction_terms(self, route: str) -> list[tuple[ReactionTerm, ResolvedReaction]]:
        """The reactions by one route."""
        return [
            (ReactionTerm(self.only_in(r.section.material), self._speed(r.section), r.nu, r.molar_volume), r)
            for r in self.case.reaction_table()
            if r.section.route == route
        ]

    def _speed(self, section: Reaction) -> Any:
        if section.diffusivity is None or section.start_thickness is None:
            return self.constant(section.rate or 0.0)
        D, start = self.constant(section.diffusivity), self.constant(section.start_thickness)
        return parabolic_speed(D, self.thickness, start)

    @cached_property
    def chemical_rates(self) -> list[tuple[Any, ReactionTerm]]:
        """∂z/∂t (1/s) of each reaction by the chemical route."""
        terms = self.reaction_terms("chemical")
        return [(term.chemical_rate(self.conversion, self.density), term) for term, _ in terms]

    @cached_property
    def electrochemical_rates(self) -> list[tuple[Any, ReactionTerm]]:
        """∂z/∂t (1/s) of each reaction by the electrochemical route."""
        alpha, T = self.constant(self.case.kinetics.alpha), self.constant(self.case.kinetics.temperature)
        rates = []
        for term, reaction in self.reaction_terms("electrochemical"):
            section = reaction.section
            assert section.E_eq is not None and section.i0 is not None
            eta, i0 = self.phi - self.metal + self.constant(section.E_eq), self.constant(section.i0)
            rate = term.electrochemical_rate(self.conversion, self.density, eta, i0, alpha, T)
            rates.append((rate, term))
        return rates

    def conversion_rate(self, q: Any) -> Any:
        """∫ ∂z/∂t q dx over all reactions."""
        rates = [*self.chemical_rates, *self.electrochemical_rates]
        return sum(rate for rate, _ in rates) * q * self.dx

    def lithium_sink(self, w: Any) -> Any:
        """∫ (ν V_m/V_M) ∂z/∂t w dx by the chemical route: lithium that the front loses."""
        lost = [self.constant(t.lithium_per_volume) * rate for rate, t in self.chemical_rates]
        return sum(lost) * w * self.dx

    def conversion_reaction(self, v: Any) -> Any:
        """∫ (F ν/V_M) ∂z/∂t v dx by the electrochemical route: Li⁺ consumed."""
        rates = self.electrochemical_rates
        return sum(self.constant(t.charge_density) * rate for rate, t in rates) * v * self.dx

    # Weak forms. v is a test function; each returns what is added to the residual of φ (A)

    def front_reaction(self, v: Any) -> Any:
        """∫ i_n(A) |∇h| v dx: Li⁺ consumed at the front.

        The classical bracket moves lithium as well, at the rate `relaxation`; its charge is added here.
        """
        form = self.plating(v)
        return form + F / V_m * self.relaxation * v * self.dx if self.is_classical else form

    def plating(self, v: Any) -> Any:
        """∫ i_n(A) |∇h| v dx alone."""
        return self.front_current * self.density * v * self.dx

    def capillary_power(self, v: Any) -> Any:
        """∫ (V_m/F) γκ i_n |∇h| v dx, W."""
        return self.plating(self.capillary * v)

    def pressure_power(self, v: Any) -> Any:
        """∫ P max(i_n, 0) |∇h| v dx, W: the pressure resists plating only, unless it is reversible."""
        plating = (
            self.front_current if self.case.kinetics.reversible else ufl.max_value(self.front_current, 0.0)
        )
        return self.resist * plating * self.density * v * self.dx

    def contact_reaction(self, v: Any) -> Any:
        """∮ (1 − h) i_n v ds on the anode face: Li⁺ consumed there."""
        return self.contact_current * v * self.ds(self.domain.faces["anode"])

    def anode_reactions(self, v: Any) -> AnodeReactions:
        """The reactions that share φ_M."""
        return AnodeReactions(
            self.front_reaction(v),
            self.contact_reaction(v) if self.extras.electrodes else None,
            self.conversion_reaction(v) if self.electrochemical_rates else None,
        )

    def slopes(self, v: Any) -> list[Any]:
        """∂/∂φ of `anode_reactions` in the direction of a uniform φ: minus what a rise of φ_M changes."""
        one = self.constant(1.0)
        return [ufl.derivative(form, self.phi, one) for form in self.anode_reactions(v) if form is not None]

    def island_slopes(self, v: Any) -> list[Any]:
        """∂/∂φ of the reactions of lithium in the electrolyte, along `direction`."""
        reactions = self.anode_reactions(v)
        forms = [form for form in (reactions.front, reactions.conversion) if form is not None]
        return [ufl.derivative(form, self.phi, self.direction) for form in forms]

    def conduction(self, v: Any) -> Any:
        """∫ σ_eff ∇φ·∇v dx, and what a script adds to the sink of charge."""
        form = self.sigma_eff * ufl.inner(ufl.grad(self.phi), ufl.grad(v)) * self.dx
        return form if self.extras.charge is None else form + self.extras.charge * v * self.dx

    @property
    def has_counter_reaction(self) -> bool:
        """Whether the counter face is a lithium electrode."""
        return self.extras.electrodes and not isinstance(self.case.counter, FixedCounter)

    def counter_reaction(self, v: Any) -> Any:
        """∮ i_n(φ) v ds on the counter face, whose metal is at 0 V; negative where it brings Li⁺ in."""
        assert isinstance(self.case.counter, LithiumCounter)
        i0 = self.constant(self.exchange(self.case.counter))
        return self.law(self.phi, i0) * v * self.ds(self.domain.faces["counter"])

    def profile(self, w: Any) -> Any:
        """Weak form of minus the profile-keeping term of ξ (its sign as in ∂ξ/∂t + … = …)."""
        if self.is_classical:
            return interface.classical_profile(self.xi, w, self.mobility, self.lam, self.dx)
        n, speed, peclet = self.smooth_normal, self.front_speed, self.case.phase_field.peclet
        mobility: Any = self.mobility
        if peclet is not None:
            mobility = interface.local_mobility(self.mobility, speed, self.lam, peclet)
        return interface.conservative_profile(self.xi, w, n, speed, mobility, self.lam, self.room, self.dx)

    def mirrors(self, axis: int) -> list[fem.DirichletBC]:
        """Zero on the outer faces that lie across `axis` and mirror the front: all but the counter face."""
        names = ("anode",) if axis == self.axis else (("left", "right"), ("front", "back"))[axis]
        tags = [self.domain.faces[name] for name in names if name in self.domain.faces]
        facets = [self.domain.facet_tags.find(tag) for tag in tags]
        dim = self.domain.mesh.topology.dim - 1
        dofs = [fem.locate_dofs_topological(self.V, dim, found) for found in facets]
        return [fem.dirichletbc(default_scalar_type(0), found, self.V) for found in dofs]

    def phi_conditions(self) -> list[fem.DirichletBC]:
        """Dirichlet conditions on φ: the fixed counter face at 0 V and those of the script."""
        given = list(self.extras.phi_fixed(self.V)) if self.extras.phi_fixed else []
        if not isinstance(self.case.counter, FixedCounter):
            return given
        facets = self.domain.facet_tags.find(self.domain.faces["counter"])
        dofs = fem.locate_dofs_topological(self.V, self.domain.mesh.topology.dim - 1, facets)
        return [fem.dirichletbc(default_scalar_type(0), dofs, self.V), *given]
