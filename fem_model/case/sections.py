"""The sections of a case, one small model each; SI values once validated."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from fem_model.base.constants import F, R
from fem_model.base.units import readable
from fem_model.case.activated import Activated
from fem_model.case.base import (
    Alpha,
    Amplitude,
    AreaResistance,
    CurrentDensity,
    Duration,
    Entries,
    Integer,
    KeyProblem,
    Length,
    Mobility,
    Number,
    Pair,
    Position,
    Pressure,
    Section,
    SeriesResistance,
    SurfaceEnergy,
    Switch,
    Temperature,
    computed,
    require_one_at_most,
    written,
)
from fem_model.case.flaws import Flaws
from fem_model.case.material_entries import Room
from fem_model.case.petsc_options import PetscOptions
from fem_model.laws.kinetics import LAWS


def _whole(value: object) -> object:
    if type(value) is not int:  # true is 1 to a Literal
        raise ValueError("must be a whole number")
    return value


Degree = Annotated[Literal[1, 2], BeforeValidator(_whole)]


class Mesh(Section):
    """Sizes of the triangles and degree of the fields."""

    GROWTH: ClassVar = 0.2
    """Growth of the cell size per distance from where it is small."""

    cell_size_front: Length
    """Cell size where the lithium front goes; at least 4 cells across its 10-90 % width 4.39 lam."""
    cell_size_bulk: Length
    """Cell size elsewhere."""
    cell_size_boundary: Length | None = None
    """Cell size at boundaries between grains or layers, from where it grows; by default they do not count."""
    front_height: Length = Field(default_factory=lambda: math.inf, validate_default=False)
    """Height above the anode up to which the mesh is refined; by default the whole depth."""
    refinement: Annotated[Number, Field(ge=1, le=1000)] = 1.0
    """Factor by which all cells are smaller than these sizes say; the grains stay those of factor 1."""
    degree: Degree = 1
    """Lagrange degree of the order parameter and of the potential."""

    @model_validator(mode="after")
    def _finer_at_the_front(self) -> Self:
        if self.cell_size_front > self.cell_size_bulk:
            raise KeyProblem("cell_size_front", "must not be larger than cell_size_bulk")
        if self.cell_size_boundary is not None and self.cell_size_boundary > self.cell_size_bulk:
            raise KeyProblem("cell_size_boundary", "must not be larger than cell_size_bulk")
        return self

    @property
    def finest(self) -> float:
        """Size of the cells where the lithium front goes, m."""
        return self.cell_size_front / self.refinement

    def coarsest(self, depth: float) -> tuple[str, float]:
        """Key and value in m of the largest unrefined cell size at boundaries within `depth` of the anode."""
        key, size = "cell_size_bulk", self.cell_size_bulk
        if self.cell_size_boundary is not None:
            key, size = "cell_size_boundary", self.cell_size_boundary
        fine = self.front_height >= depth and self.cell_size_front <= size
        return ("cell_size_front", self.cell_size_front) if fine else (key, size)


class PhaseField(Section):
    """The diffuse front: xi = (1 - tanh(n / 2 lam)) / 2."""

    lam: Length
    """Profile length; the 10-90 % width of the front is 4.39 lam."""
    mobility: Mobility | None = None
    """Fixed profile-relaxation mobility mu, instead of peclet."""
    peclet: Annotated[Number, Field(ge=1e-6, lt=1)] | None = computed(
        lambda data: None if data.get("mobility") else 0.4
    )
    """Pe = V_m i lam / (F mu) of the fastest front, from which mu follows; 0.4 unless mobility is given."""
    capillarity: Literal["physical", "classical", "none"] = "physical"
    """physical: gamma acts in the affinity; classical: by the Allen-Cahn bracket; none."""
    gamma: SurfaceEnergy = written("0.5 J/m^2")
    """Surface energy of lithium."""
    sigma_residual: Annotated[Number, Field(ge=1e-12, le=1e-3)] = 1e-4
    """Fraction of the conductivity kept inside lithium."""

    @model_validator(mode="after")
    def _one_mobility(self) -> Self:
        require_one_at_most(self, "mobility", "peclet")
        return self

    room: Room = 1.0
    """Share rho of the volume that lithium takes where it grows: a crack's opening over its width here."""

    @property
    def curvature_acts(self) -> bool:
        """True if the physical capillary term is part of the affinity."""
        return self.capillarity == "physical" and self.gamma > 0

    def mobility_at(self, speed: float) -> float:
        """Mobility mu in m2/s: the fixed one, or v lam / Pe for the `speed` v in m/s of the fastest front."""
        if self.mobility is not None:
            return self.mobility
        if self.peclet is not None:
            return speed * self.lam / self.peclet
        raise ValueError("this phase field has neither mobility nor peclet")


class Contact(Activated):
    """Kinetics of a contact between lithium and electrolyte: R_ct or i0, with i0 = R T / (F R_ct)."""

    i0: CurrentDensity | None = None
    """Exchange current density; excludes R_ct."""
    R_ct: AreaResistance | None = None
    """Area-specific charge-transfer resistance; excludes i0."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        require_one_at_most(self, "i0", "R_ct")
        if self.activation_energy is not None and not self.is_given:
            raise KeyProblem("activation_energy", "goes with i0 or R_ct, which is missing")
        return self

    @property
    def is_given(self) -> bool:
        """True if this contact has kinetics of its own."""
        return self.i0 is not None or self.R_ct is not None

    def exchange(self, temperature: float) -> float:
        """Exchange current density in A/m2 at `temperature` in K."""
        measured_at, factor = self.reference_temperature or temperature, self.thermal_factor(temperature)
        if self.i0 is not None:
            return factor * self.i0
        if self.R_ct is not None:
            return factor * R * measured_at / (F * self.R_ct)
        raise ValueError("this contact has neither i0 nor R_ct")


if TYPE_CHECKING:
    KineticLaw = str
else:
    KineticLaw = Literal[*LAWS]


class Kinetics(Contact):
    """Charge transfer at the lithium front; R_ct is 0.8 ohm cm^2 when neither it nor i0 is given."""

    R_ct: AreaResistance | None = computed(lambda data: None if data.get("i0") else "0.8 ohm cm^2")
    """Area-specific charge-transfer resistance; excludes i0."""
    law: KineticLaw = "butler-volmer"
    """Law of the current density over the affinity."""
    alpha: Alpha = 0.5
    """Transfer coefficient of the plating direction."""
    temperature: Temperature = written("298.15 K")
    """Temperature of the cell."""
    p_resist: Pressure = written("0 Pa")
    """Confinement pressure that resists intrusion into a particle."""
    reversible: Switch = False
    """false: the pressure opens a dead zone in which the front stands still; true: it acts both ways."""


Factor = Annotated[Number, Field(ge=1e-9, le=1e9)]


class Boundary(Section):
    """Different properties near the boundaries between grains.

    Each factor multiplies the value inside the grains by 1 + (factor - 1) exp(-(d / width)^2), with d the
    distance from the nearest boundary of the kind.
    """

    pair: Pair | None = None
    """Materials on both sides, e.g. "LGPS|LPSC1.0"; by default all boundaries between different materials."""
    width: Length
    """Distance over which the values go over into those inside the grains."""
    p_factor: Annotated[Number, Field(ge=0, le=1e9)] = 1.0
    """Factor of the pressure that resists intrusion."""
    sigma_factor: Factor = 1.0
    """Factor of the conductivity."""
    i0_factor: Factor = 1.0
    """Factor of the exchange current density of the front."""

    @property
    def sorted_pair(self) -> str | None:
        """The pair as meshes name it: names in alphabetical order."""
        return None if self.pair is None else "|".join(sorted(self.pair.split("|")))


class Nucleus(Section):
    """A half disc of lithium on the anode, in 3D a half ball."""

    position: Position
    """Centre, along x."""
    across: Position | None = None
    """Centre along y, the breadth; in 3D only, and needed there."""
    radius: Length
    """Radius of the half disc or ball."""

    @property
    def along_the_anode(self) -> tuple[float, ...]:
        """The coordinates of the centre on the anode, m: one in 2D, two in 3D."""
        return (self.position,) if self.across is None else (self.position, self.across)


class Nuclei(Section):
    """Lithium starts from flaws on the anode."""

    kind: Literal["nuclei"]
    """Shape of the lithium at the start."""
    nuclei: Annotated[tuple[Nucleus, ...], Entries(1, 1000)]
    """The flaws."""

    @property
    def height(self) -> float:
        """Highest point of the lithium, m."""
        return max(nucleus.radius for nucleus in self.nuclei)


class Film(Section):
    """A lithium film with its front at the height thickness + amplitude cos(2 pi x / wavelength)."""

    kind: Literal["film"]
    """Shape of the lithium at the start."""
    thickness: Length
    """Mean thickness."""
    amplitude: Amplitude = written("0 m")
    """Amplitude of the perturbation."""
    wavelength: Length = Field(default_factory=lambda: math.inf, validate_default=False)
    """Wavelength of the perturbation; by default the width of the domain."""

    @property
    def height(self) -> float:
        """Highest point of the lithium, m."""
        return self.thickness + self.amplitude


class Bare(Section):
    """No lithium in the electrolyte: the foil alone."""

    kind: Literal["bare"]
    """Shape of the lithium at the start."""

    @property
    def height(self) -> float:
        """Highest point of the lithium, m."""
        return 0.0


Initial = Annotated[Nuclei | Film | Flaws | Bare, Field(discriminator="kind")]


class Anode(Contact):
    """The anode face: a flat lithium foil; its kinetics are the front's unless given."""

    alpha: Alpha | None = None
    """Transfer coefficient of the plating direction, on all materials; by default the front's on each."""

    foil_thickness: Length = written("100 um")
    """Stock of lithium of the foil, below which it cannot be stripped."""
    initial: Initial
    """The lithium in the electrolyte at the start."""
    islands: Literal["connected", "floating"] = "connected"
    """Lithium isolated from the anode: at its potential all the same, or floating without a net current."""


class LithiumCounter(Contact):
    """A second lithium electrode; its kinetics are the front's unless given."""

    alpha: Alpha | None = None
    """Transfer coefficient of the plating direction, on all materials; by default the front's on each."""

    series_resistance: SeriesResistance = written("0 ohm cm^2")
    """Area-specific resistance of the pellet between the domain and this electrode."""

    kind: Literal["lithium"] = "lithium"
    """Kind of counter electrode."""


class FixedCounter(Section):
    """phi = 0 on the counter face, no kinetics."""

    series_resistance: SeriesResistance = written("0 ohm cm^2")
    """Area-specific resistance of the pellet beyond the domain."""

    kind: Literal["fixed"]
    """Kind of counter electrode."""


def _lithium_by_default(data: object) -> object:
    return {"kind": "lithium", **data} if isinstance(data, Mapping) else data


Counter = Annotated[
    LithiumCounter | FixedCounter, Field(discriminator="kind"), BeforeValidator(_lithium_by_default)
]


MOST_STEPS = 100_000_000
"""Fixed steps until the end of a run."""

Outputs = Annotated[
    Annotated[Integer, Field(ge=1, le=10_000), Tag("count")]
    | Annotated[tuple[Duration, ...], Entries(1, 1000), Tag("times")],
    Field(discriminator=Discriminator(lambda value: "times" if isinstance(value, list | tuple) else "count")),
]


class Time(Section):
    """End of the simulation, times at which fields are saved, and steps."""

    end: Duration
    """Simulated time."""
    outputs: Outputs = 10
    """Number of equally spaced times at which fields are saved, or a list of times; t = 0 is always saved."""
    step: Duration | None = None
    """Fixed time step; adaptive steps when not given."""
    front_step: Annotated[Number, Field(ge=1e-4, le=0.5)] = 0.2
    """Largest front motion per step, as a fraction of lam."""

    @model_validator(mode="after")
    def _within_the_end(self) -> Self:
        if self.step is not None and self.step > self.end:
            raise KeyProblem("step", "must not be longer than end")
        if self.step is not None and self.end / self.step > MOST_STEPS:
            text = f"makes {self.end / self.step:.2g} steps until end; at most {MOST_STEPS:.0g} are possible"
            raise KeyProblem("step", text)
        if isinstance(self.outputs, tuple):
            if self.outputs[-1] > self.end:
                raise KeyProblem("outputs", f"has a time after end = {readable(self.end, 's', 6)}")
            if any(late <= early for early, late in zip(self.outputs, self.outputs[1:], strict=False)):
                raise KeyProblem("outputs", "must be in increasing order")
        return self

    def output_times(self) -> tuple[float, ...]:
        """Times in s at which fields are saved, t = 0 left out."""
        if isinstance(self.outputs, tuple):
            return self.outputs
        return tuple(self.end * (k + 1) / self.outputs for k in range(self.outputs))


class Solver(Section):
    """Settings for the algebraic systems."""

    DIRECT_BELOW_IN_3D: ClassVar = 5000
    """A factorisation fills more there: at 5,000 unknowns multigrid is as fast, at 25,000 twice as fast."""

    direct_below: Annotated[Integer, Field(ge=0, le=1_000_000_000)] = 30000
    """Number of unknowns of the potential below which a direct solver is used; by default 5000 in 3D."""
    tolerance: Annotated[Number, Field(ge=1e-16, lt=1e-2)] = 1e-10
    """Allowed imbalance of the current, as a fraction of the total."""
    reproducible: Switch = False
    """True if a run on the same ranks gives the same bits each time, also if it goes on from a checkpoint.
    Its solvers begin anew at each of these (output.checkpoint_steps), and solve by multigrid at any size."""
    petsc: Annotated[Mapping[str, bool | int | float | str], PetscOptions()] = written({})
    """Options of PETSc for the solver of the potential, as { ksp_rtol = 1e-9, mg_levels_ksp_max_it = 3 }."""


class Output(Section):
    """Output of a run beside its fields and series."""

    figures: Switch = True
    """True if figures are drawn at the end."""
    probing_depth: Length = written("1 um")
    """Distance from the lithium surface, to both sides, within which the interface alloy fraction counts."""
    checkpoint: Duration = written("5 min")
    """Wall time between checkpoints; of no effect if the solver is reproducible."""
    checkpoint_steps: Annotated[Integer, Field(ge=1, le=1_000_000)] | None = None
    """Number of steps between checkpoints, beside the time."""
    checkpoints: Annotated[Integer, Field(ge=1, le=1000)] = 2
    """Number of checkpoints that are kept; if the last one is damaged, the one before serves."""
