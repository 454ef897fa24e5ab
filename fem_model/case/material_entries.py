"""The [materials] section: electrolytes of the user's own, and changes to those of the library."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from fem_model.base.constants import T_DEFAULT
from fem_model.case.activated import Activated
from fem_model.case.base import (
    Alpha,
    AreaResistance,
    Conductivity,
    CurrentDensity,
    Density,
    Entries,
    KeyProblem,
    Name,
    Note,
    Number,
    Section,
    computed,
    require_one_at_most,
)

Room = Annotated[Number, Field(ge=1e-3, le=1)]


class MaterialContact(Section):
    """Kinetics of plating on one material: i0 or R_ct in the place of those of kinetics, and alpha.

    They are values at the temperature and pressure at which those of kinetics are. Foil and counter electrode
    change by the same factor where they touch the material, and have its alpha unless they have their own.
    """

    i0: CurrentDensity | None = None
    """Exchange current density; excludes R_ct."""
    R_ct: AreaResistance | None = None
    """Area-specific charge-transfer resistance; excludes i0."""
    alpha: Alpha | None = None
    """Transfer coefficient of the plating direction; by default that of kinetics."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        require_one_at_most(self, "i0", "R_ct")
        return self


class MaterialEntry(Activated):
    """A material of the user's own, or changes to one of the library."""

    like: Name | None = None
    """Name of the entry of the library to start from; by default the one of the same name, if any."""
    sigma: Conductivity | None = None
    """Ionic conductivity."""
    arrhenius: Literal["sigma", "sigma T"] | None = computed(
        lambda data: "sigma" if data.get("activation_energy") is not None else None
    )
    """Quantity, sigma or sigma T, that changes as exp(-E/RT): with activation_energy; sigma by default."""
    kinetics: MaterialContact | None = None
    """Charge transfer between lithium and this material; by default that of kinetics."""
    density: Density | None = None
    """Mass density."""
    room: Room | None = None
    """Share of the volume that lithium takes where it grows in it; by default phase_field.room."""
    source: Note = "given in the case"
    """Source of the values."""

    @model_validator(mode="after")
    def _arrhenius_of_something(self) -> Self:
        if self.arrhenius is not None and self.activation_energy is None:
            raise KeyProblem("arrhenius", "goes with activation_energy, which is missing")
        if self.sigma is None and self.reference_temperature not in (None, T_DEFAULT):
            text = f"goes with sigma, which is missing: that of the library is at {T_DEFAULT:g} K"
            raise KeyProblem("reference_temperature", text)
        return self

    def activated_sigma(self, sigma: float, temperature: float) -> float:
        """A conductivity (S/m) of the reference temperature at a temperature (K), by this entry's energy."""
        reference = self.reference_temperature if self.arrhenius == "sigma T" else None
        return sigma * (reference or temperature) / temperature * self.thermal_factor(temperature)


Materials = Annotated[Mapping[Name, MaterialEntry], Entries(0, 100)]
