"""Change of a property with temperature."""

from math import exp

from fem_model.base.constants import R


def arrhenius(energy: float, temperature: float, reference: float) -> float:
    """exp[−(E/R)(1/T − 1/T₁)]: factor at a temperature T (K) on a value for T₁; E is in J/mol."""
    return exp(-energy / R * (1 / temperature - 1 / reference))
