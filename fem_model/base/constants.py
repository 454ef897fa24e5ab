"""Physical constants, SI units.

Source: the SI Brochure, 9th edition (2019): the elementary charge, the Avogadro and the Boltzmann constant
are exact by definition, and so are the products below (CODATA 2018 lists them rounded as F = 96485.33212
C/mol and R = 8.314462618 J/(mol K)).
"""

from typing import Final

ELEMENTARY_CHARGE: Final = 1.602176634e-19
"""C, exact."""

AVOGADRO: Final = 6.02214076e23
"""1/mol, exact."""

BOLTZMANN: Final = 1.380649e-23
"""J/K, exact."""

F: Final = ELEMENTARY_CHARGE * AVOGADRO
"""Faraday constant, C/mol."""

R: Final = BOLTZMANN * AVOGADRO
"""Molar gas constant, J/(mol K)."""

T_DEFAULT: Final = 298.15
"""Temperature used when a case gives none, K (25 degrees Celsius)."""

ZERO_CELSIUS: Final = 273.15
"""0 degrees Celsius, K, exact."""
