"""The library of materials: each value with unit, source and confidence."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final, Literal, get_args

from fem_model.base.constants import T_DEFAULT, F
from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest
from fem_model.materials.arrhenius import arrhenius

Confidence = Literal["high", "medium", "low"]
CONFIDENCES: Final = get_args(Confidence)
"""Words of confidence, the surest first."""


@dataclass(frozen=True)
class Datum:
    """One number: value in `unit`, where it comes from, and how far to trust it."""

    value: float
    unit: str
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class Material:
    """Properties of one material; None where nothing is known, or where it has no meaning."""

    name: str
    formula: str
    role: Literal["electrolyte", "metal", "pore"]
    sigma: Datum | None = None
    """Ionic conductivity, S/m."""
    activation_energy: Datum | None = None
    """Activation energy of sigma or sigma T from 25 °C, eV."""
    arrhenius: Literal["sigma", "sigma T"] = "sigma"
    """Quantity that changes as exp(−E/kT)."""
    density: Datum | None = None
    """Mass density, kg/m^3."""
    molar_volume: Datum | None = None
    """Volume per mole of formula units, m^3/mol."""
    gamma: Datum | None = None
    """Surface energy, J/m^2."""

    def sigma_at(self, temperature: float) -> float:
        """Ionic conductivity at a temperature (K), S/m; that of 25 °C if the activation energy is unknown."""
        assert self.sigma is not None
        if self.activation_energy is None:
            return self.sigma.value
        before = T_DEFAULT / temperature if self.arrhenius == "sigma T" else 1.0
        return self.sigma.value * before * arrhenius(F * self.activation_energy.value, temperature, T_DEFAULT)

    def data(self) -> Iterator[tuple[str, Datum]]:
        """The known quantities by name."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Datum):
                yield field.name, value


_YU_2024 = "Yu et al., Small 2024, 10.1002/smll.202405446"
_LPSC_CELL = (
    "computed: 4 Li6PS5Cl (268.36 g/mol) in a cubic cell of 9.85 angstrom, F-43m, give 1865, rounded; cell "
    "after Deiseroth et al. 2008, 10.1002/anie.200703900, not confirmed in the paper"
)
_LPSC_ENERGY = (
    "0.35 to 0.37 eV for LPSC (Singh et al., Cell Rep. Phys. Sci. 2022, 10.1016/j.xcrp.2022.101043, and "
    "sources there; from memory); taken as that of sigma"
)
_LGPS_ENERGY = (
    "24 kJ/mol, Kamaya et al. 2011, 10.1038/nmat3066 (from memory, not confirmed); taken as that of sigma"
)
_LPSC_ASSUMED = "no source found; taken as that of LPSC1.0"
_LGPS_CELL = (
    "computed: 2 Li10GeP2S12 (588.70 g/mol) in a tetragonal cell a = 8.717, c = 12.634 angstrom, P42/nmc; "
    "cell after Kamaya et al. 2011, 10.1038/nmat3066, not confirmed in the paper"
)
_LI_VOLUME = (
    "computed: 6.941 g/mol over 535 kg/m^3; a bcc cell of 3.51 angstrom with 2 atoms gives 13.02e-6. "
    "No source found for these two; they agree within 0.4 %"
)
_LI_GAMMA = "no primary source found; phase-field models of lithium dendrites use 0.50 to 0.556"


def _lpsc(
    name: str,
    formula: str,
    sigma: float,
    density_source: str,
    confidence: Confidence,
    molar_volume: Datum | None = None,
) -> Material:
    return Material(
        name,
        formula,
        "electrolyte",
        sigma=Datum(sigma, "S/m", _YU_2024, "high"),
        activation_energy=Datum(0.36, "eV", _LPSC_ENERGY, "medium" if name == "LPSC1.0" else "low"),
        density=Datum(1860.0, "kg/m^3", density_source, confidence),
        molar_volume=molar_volume,
    )


_LGPS = Material(
    "LGPS",
    "Li10GeP2S12",
    "electrolyte",
    sigma=Datum(0.526, "S/m", _YU_2024, "high"),
    activation_energy=Datum(0.249, "eV", _LGPS_ENERGY, "low"),
    density=Datum(2036.0, "kg/m^3", _LGPS_CELL, "medium"),
    molar_volume=Datum(289.1e-6, "m^3/mol", _LGPS_CELL, "medium"),
)

LITHIUM_MOLAR_VOLUME: Final = Datum(12.97e-6, "m^3/mol", _LI_VOLUME, "medium")

_LI = Material(
    "Li",
    "Li",
    "metal",
    molar_volume=LITHIUM_MOLAR_VOLUME,
    gamma=Datum(0.5, "J/m^2", _LI_GAMMA, "medium"),
)

PORE: Final = "pore"
"""Name of the phase that fills what the grains leave empty."""

_PORE = Material(
    PORE,
    "",
    "pore",
    sigma=Datum(
        1e-6,
        "S/m",
        "no measured value: a pore does not conduct, and this floor, 3e-6 times that of LPSC1.0, is there "
        "because the potential needs a coefficient above zero",
        "low",
    ),
)

LIBRARY: Final[Mapping[str, Material]] = MappingProxyType(
    {
        material.name: material
        for material in (
            _lpsc(
                "LPSC1.0",
                "Li6PS5Cl",
                0.357,
                _LPSC_CELL,
                "medium",
                Datum(143.9e-6, "m^3/mol", _LPSC_CELL, "medium"),
            ),
            _lpsc("LPSC1.25", "Li5.75PS4.75Cl1.25", 0.487, _LPSC_ASSUMED, "low"),
            _lpsc("LPSC1.5", "Li5.5PS4.5Cl1.5", 0.675, _LPSC_ASSUMED, "low"),
            _LGPS,
            _LI,
            _PORE,
        )
    }
)
"""All materials by name."""

LGPS_PRODUCTS: Final[Mapping[str, float]] = MappingProxyType(
    {"Ge": 20.0, "LiGe": 21.0, "Li15Ge4": 23.75, "Li22Ge5": 24.4}
)
"""Lithium per Li10GeP2S12, by what becomes of its germanium; the rest ends as 12 Li2S and 2 Li3P."""

V_m: Final = LITHIUM_MOLAR_VOLUME.value
"""Molar volume of lithium metal, m^3/mol."""

C_Li: Final = 1 / V_m
"""Concentration of lithium in lithium metal, mol/m^3."""

CLEAN_CONTACT_R_ct: Final = Datum(
    0.8e-4,
    "ohm m^2",
    "abstract of 'Non-Linear Kinetics of The Lithium Metal Anode on Li6PS5Cl at High Current Density: "
    "Dendrite Growth and the Role of Lithium Microstructure on Creep' (total polarization resistance of "
    "lithium microelectrodes on fractured Li6PS5Cl about 0.8 ohm cm^2; no DOI found)",
    "medium",
)
"""Area-specific resistance of a clean contact of lithium with LPSC, the lowest one measured."""


def column_name(name: str) -> str:
    """The name as it stands in column names, letters and digits only: "LPSC1.0" becomes "LPSC10"."""
    return re.sub(r"[^A-Za-z0-9]", "", name)


def rows(
    name: str | None = None, temperature: float = T_DEFAULT
) -> list[tuple[str, str, str, str, str, str, str]]:
    """Table of the library, or of one material: name, formula, quantity, value, unit, confidence, source.

    Conductivities are those at a temperature (K), as far as their activation energy is known.
    Raises InputError, with the nearest name, when there is no material of that name.
    """
    if name is not None and name not in LIBRARY:
        allowed = f"Allowed: {', '.join(LIBRARY)}.{nearest(name, LIBRARY)}"
        raise InputError(f'"{name}" is not in the library of materials. {allowed}')
    return [
        (m.name, m.formula, *_told(m, quantity, datum, temperature), datum.source)
        for m in LIBRARY.values()
        if name in (None, m.name)
        for quantity, datum in m.data()
    ]


def _told(material: Material, quantity: str, datum: Datum, temperature: float) -> tuple[str, str, str, str]:
    """Quantity, value, unit and confidence of a row; a value at another temperature has the least of two."""
    confidence = datum.confidence
    if quantity == "activation_energy":
        quantity += f" of {material.arrhenius}"
    value = datum.value
    if quantity == "sigma" and temperature != T_DEFAULT:
        value = material.sigma_at(temperature)
        energy = material.activation_energy
        quantity += f" at {temperature:g} K" if energy else " at 298.15 K: activation energy not known"
        confidence = max(confidence, energy.confidence if energy else confidence, key=CONFIDENCES.index)
    return quantity, f"{value:.4g}" if value != datum.value else f"{value:g}", datum.unit, confidence
