"""The [[reactions]] sections: electrolytes that react with lithium."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from fem_model.case.activated import Activated
from fem_model.case.base import (
    Conductivity,
    CurrentDensity,
    Diffusivity,
    KeyProblem,
    Length,
    MolarVolume,
    Name,
    Number,
    Speed,
    Switch,
    Voltage,
    computed,
)
from fem_model.case.sections import Factor


class Reaction(Activated):
    """A reaction of an electrolyte with the lithium that touches it; the energy is that of its rate or D."""

    material: Name
    """The electrolyte that reacts."""
    route: Literal["chemical", "electrochemical"] = "chemical"
    """Source of the lithium: plated lithium, or Li+ from the electrolyte with electrons from the metal."""
    rate: Speed | None = None
    """Speed at which the interphase grows (linear law)."""
    diffusivity: Diffusivity | None = None
    """D of the parabolic law: the interphase of thickness w grows at D / w."""
    start_thickness: Length | None = computed(lambda data: "10 nm" if data.get("diffusivity") else None)
    """Thickness from which a parabolic interphase grows: goes with diffusivity; 10 nm by default."""
    lithium: Annotated[Number, Field(ge=1e-3, le=1000)] | None = None
    """Li per formula unit; by default that of the product, for LGPS."""
    product: Literal["Ge", "LiGe", "Li15Ge4", "Li22Ge5"] | None = computed(
        lambda data: None if data.get("lithium") else "Li15Ge4"
    )
    """Form of the germanium of reacted LGPS: 20, 21, 23.75 (default) or 24.4 Li per formula unit."""
    molar_volume: MolarVolume | None = None
    """Volume of a mole of the electrolyte's formula; by default that of the library."""
    sigma: Conductivity | None = None
    """Ionic conductivity of what it becomes; by default that of the electrolyte."""
    i0_factor: Factor = 1.0
    """Factor of the exchange current density of the front on what it becomes."""
    toughness_factor: Factor = 1.0
    """Factor of the pressure that resists intrusion in what it becomes: with [intrusion] only."""
    product_conducts_electrons: Switch = False
    """True if the product connects floating lithium: with anode.islands = "floating" only."""
    E_eq: Voltage | None = computed(lambda data: _electrochemical(data, "0.3 V"))
    """Equilibrium potential against Li/Li+ of the electrochemical route; 0.3 V by default."""
    i0: CurrentDensity | None = computed(lambda data: _electrochemical(data, "1 A/m^2"))
    """Exchange current density of the electrochemical route; 1 A/m^2 by default."""

    @model_validator(mode="after")
    def _one_law(self) -> Self:
        """One law, and no key that would have no effect."""
        if (self.rate is None) == (self.diffusivity is None):
            raise KeyProblem("rate", "or diffusivity: give exactly one, for linear or parabolic growth")
        idle = {
            "start_thickness": self.diffusivity is None and "goes with diffusivity, not with rate",
            "product": self.lithium is not None and "and lithium exclude each other: give one of them",
            "E_eq": self.route == "chemical" and 'goes with route = "electrochemical"',
            "i0": self.route == "chemical" and 'goes with route = "electrochemical"',
        }
        for key, why in idle.items():
            if why and getattr(self, key) is not None:
                raise KeyProblem(key, why)
        return self


def _electrochemical(data: dict[str, Any], default: str) -> str | None:
    return default if data.get("route") == "electrochemical" else None
