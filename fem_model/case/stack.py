"""The [stack] and [voids] sections: the pressure on the cell, and contact that is lost under it."""

from typing import Annotated

from pydantic import Field

from fem_model.case.base import (
    ActivationEnergy,
    CurrentDensity,
    Length,
    Number,
    Pressure,
    Section,
    Temperature,
    written,
)
from fem_model.laws.contact import creep, pressed
from fem_model.materials.arrhenius import arrhenius


class Stack(Section):
    """The pressure on the cell."""

    pressure: Annotated[Pressure, Field(gt=0)]
    """Stack pressure. It heals voids, closes cracks and lowers the resistance of contacts."""
    measured_at: Annotated[Pressure, Field(gt=0)] | None = None
    """Pressure at which R_ct or i0 were measured; by default the stack pressure itself."""

    @property
    def exchange_factor(self) -> float:
        """Factor of the pressure on exchange current densities."""
        return pressed(self.pressure / self.measured_at) if self.measured_at else 1.0


class Voids(Section):
    """Voids between lithium electrodes and electrolyte, left by stripping that creep does not keep up with.

    The defaults of creep are those of lithium on LPSC: 0.2 mA/cm^2 at 3 MPa and 1.0 at 7 MPa (Kasemchainan
    et al. 2019, 10.1038/s41563-019-0438-9; from memory, not confirmed), from which the exponent follows.
    """

    thickness: Length = written("15 um")
    """Thickness of voids at which contact is lost; by default that of 15.4 h at 0.2 mA/cm^2."""
    healing_current: CurrentDensity = written("0.2 mA/cm^2")
    """Stripping current density that creep keeps up with at healing_pressure and healing_temperature."""
    healing_pressure: Annotated[Pressure, Field(gt=0)] = written("3 MPa")
    """Stack pressure at which healing_current was measured."""
    healing_exponent: Annotated[Number, Field(ge=0, le=20)] = 1.9
    """Exponent n of the stack pressure in creep."""
    healing_temperature: Temperature = written("298.15 K")
    """Temperature at which healing_current was measured."""
    activation_energy: ActivationEnergy = written("37 kJ/mol")
    """Activation energy of creep."""

    def healing(self, pressure: float, temperature: float) -> float:
        """Stripping current density (A/m²) that creep keeps up with, at a pressure (Pa), temperature (K)."""
        factor = creep(pressure / self.healing_pressure, self.healing_exponent) if pressure else 0.0
        return (
            self.healing_current
            * factor
            * arrhenius(self.activation_energy, temperature, self.healing_temperature)
        )
