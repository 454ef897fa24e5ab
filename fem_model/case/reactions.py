"""The [[reactions]] sections: electrolytes that react with lithium."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from fem_model.case.base import (
    Conductivity,
    CurrentDensity,
    Diffusivity,
    KeyProblem,
    Length,
    MolarVolume,
    Number,
    Section,
    Speed,
    Switch,
    Voltage,
    written,
)
from fem_model.case.sections import Factor


class Reaction(Section):
    """A reaction of an electrolyte with the lithium that touches it."""

    material: str
    """The electrolyte that reacts."""
    route: Literal["chemical", "electrochemical"] = "chemical"
    """Whether it takes plated lithium, or Li+ from the electrolyte and electrons from the metal."""
    rate: Speed | None = None
    """Speed at which the interphase grows (linear law)."""
    diffusivity: Diffusivity | None = None
    """D of the parabolic law: the interphase of thickness w grows at D / w."""
    start_thickness: Length = written("10 nm")
    """Thickness from which a parabolic interphase grows."""
    product: Literal["Ge", "LiGe", "Li15Ge4", "Li22Ge5"] = "Li15Ge4"
    """What becomes of the germanium of LGPS: 20, 21, 23.75 or 24.4 Li per formula unit."""
    lithium: Annotated[Number, Field(gt=0)] | None = None
    """Li per formula unit; by default that of the product, for LGPS."""
    molar_volume: MolarVolume | None = None
    """Volume of a mole of the electrolyte's formula; by default that of the library."""
    sigma: Conductivity | None = None
    """Ionic conductivity of what it becomes; by default that of the electrolyte."""
    i0_factor: Factor = 1.0
    """Factor of the exchange current density of the front on what it becomes."""
    product_conducts_electrons: Switch = False
    """Whether what it becomes connects floating lithium: with anode.islands = "floating" only."""
    E_eq: Voltage = written("0.3 V")
    """Equilibrium potential against Li/Li+ of the electrochemical route."""
    i0: CurrentDensity = written("1 A/m^2")
    """Exchange current density of the electrochemical route."""

    @model_validator(mode="after")
    def _one_law(self) -> Self:
        if (self.rate is None) == (self.diffusivity is None):
            raise KeyProblem("rate", "or diffusivity: give exactly one, for linear or parabolic growth")
        return self
