"""Materials and reactions of a case with what the library adds to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fem_model.base.constants import T_DEFAULT
from fem_model.base.suggestion import nearest
from fem_model.case.base import KeyProblem
from fem_model.case.material_entries import MaterialEntry
from fem_model.case.reactions import Reaction
from fem_model.materials import LGPS_PRODUCTS, LIBRARY

ELECTROLYTES = [name for name, material in LIBRARY.items() if material.role == "electrolyte"]


@dataclass(frozen=True)
class ResolvedMaterial:
    """An electrolyte with the values of the case put over those of the library."""

    name: str
    sigma: float
    """Ionic conductivity at the temperature of the cell, S/m."""
    density: float | None
    """Mass density, kg/m3."""
    is_activated: bool
    """True if its activation energy is known: else sigma is the same at any temperature."""


@dataclass(frozen=True)
class ResolvedReaction:
    """A reaction with what the library says of its material."""

    section: Reaction
    nu: float
    """Li per formula unit."""
    molar_volume: float
    """m3/mol."""
    rate: float | None
    """k of the linear law at the temperature of the cell, m/s."""
    diffusivity: float | None
    """D of the parabolic law at the temperature of the cell, m2/s."""


def resolve_material(
    name: str, entries: Mapping[str, MaterialEntry], temperature: float = T_DEFAULT
) -> ResolvedMaterial:
    """Values of a material at a temperature (K): those of `entries` over those of the library.

    A sigma of `entries` changes with temperature if they have its activation energy as well. KeyProblem if
    sigma is missing.
    """
    entry = entries.get(name, MaterialEntry())
    base = LIBRARY.get(entry.like or name)
    known = base.density.value if base and base.density else None
    density = known if entry.density is None else entry.density
    activated = entry.activation_energy is not None
    if entry.sigma is None and base is not None and base.sigma:
        own = entry.activated_sigma(base.sigma.value, temperature)
        sigma = own if activated else base.sigma_at(temperature)
        return ResolvedMaterial(name, sigma, density, activated or base.activation_energy is not None)
    if entry.sigma is None:
        hint = f"is missing: give it, or like = one of {', '.join(ELECTROLYTES)}."
        raise KeyProblem(("materials", name, "sigma"), hint + nearest(name, ELECTROLYTES))
    return ResolvedMaterial(name, entry.activated_sigma(entry.sigma, temperature), density, activated)


def require_once(reactions: Sequence[Reaction], present: Sequence[str]) -> None:
    """KeyProblem if a material reacts twice, or is not among those that are `present`."""
    for index, section in enumerate(reactions):
        key = ("reactions", index, "material")
        if section.material not in present:
            near = nearest(section.material, list(present))
            raise KeyProblem(key, f"is not in the microstructure: {', '.join(present)}.{near}")
        if section.material in [other.material for other in reactions[:index]]:
            raise KeyProblem(key, "already reacts by an earlier entry")


def resolve_reaction(
    index: int, section: Reaction, entries: Mapping[str, MaterialEntry], temperature: float
) -> ResolvedReaction:
    """A reaction at a temperature (K), with values of the library. KeyProblem if a number is missing."""
    entry = entries.get(section.material, MaterialEntry())
    base = LIBRARY.get(entry.like or section.material)
    is_lgps = base is not None and base.name == "LGPS"
    nu = section.lithium or (LGPS_PRODUCTS[section.product] if is_lgps and section.product else None)
    known = base.molar_volume.value if base and base.molar_volume else None
    volume = section.molar_volume or known
    if nu is None:
        raise KeyProblem(("reactions", index, "lithium"), "is missing: it is known for LGPS only")
    if volume is None:
        text = "is missing: it is known for LGPS and LPSC1.0 only"
        raise KeyProblem(("reactions", index, "molar_volume"), text)
    factor = section.thermal_factor(temperature)
    laws = (None if value is None else factor * value for value in (section.rate, section.diffusivity))
    return ResolvedReaction(section, nu, volume, *laws)
