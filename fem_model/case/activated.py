"""Values of a case that change with temperature."""

from typing import Any, Self

from pydantic import model_validator

from fem_model.case.base import ActivationEnergy, KeyProblem, Section, Temperature, computed
from fem_model.materials.arrhenius import arrhenius


def _at_room_temperature(data: dict[str, Any]) -> str | None:
    return "298.15 K" if data.get("activation_energy") is not None else None


class Activated(Section):
    """A section whose values are those at a temperature, and change as exp(-E/RT) from there."""

    activation_energy: ActivationEnergy | None = None
    """Activation energy E; without it the values are those at the temperature of the cell, whatever it is."""
    reference_temperature: Temperature | None = computed(_at_room_temperature)
    """Temperature at which the values were measured: goes with activation_energy; 298.15 K by default."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if self.reference_temperature is not None and self.activation_energy is None:
            raise KeyProblem("reference_temperature", "goes with activation_energy, which is missing")
        return self

    def thermal_factor(self, temperature: float) -> float:
        """exp[-(E/R)(1/T - 1/T1)], by which the values differ at a temperature T (K); 1 without E."""
        if self.activation_energy is None or self.reference_temperature is None:
            return 1.0
        return arrhenius(self.activation_energy, temperature, self.reference_temperature)
