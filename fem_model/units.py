"""Quantities with units, read from text."""

import math
import re
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

if TYPE_CHECKING:
    from pint import UnitRegistry

LONGEST = 80
"""Characters that a quantity may have."""

_QUANTITY = re.compile(r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)(?![0-9]) ?(.*)")
_RAISED = "⁰¹²³⁴-⁹"
_FACTOR = rf"°?[^\W\d_{_RAISED}][^\W{_RAISED}]*(?: ?(?:\^|\*\*) ?[-+]?[1-9]|[⁺⁻]?[{_RAISED}])?"
_PRODUCT = rf"{_FACTOR}(?:(?: ?[*·⋅/] ?| ){_FACTOR})*"
_UNIT = re.compile(rf"(?:1 ?/ ?)?(?:{_PRODUCT}|\({_PRODUCT}\))(?: ?/ ?\({_PRODUCT}\))?")
"""Names of units, their powers from -9 to 9, products and quotients: all that pint is given to read."""


@lru_cache(maxsize=1)
def _registry() -> "UnitRegistry[Any]":
    """The one unit registry: exact decimal arithmetic, so that "1 mA/cm^2" is 10 A/m2 to the last digit."""
    from pint import UnitRegistry  # takes a third of a second to import

    registry: UnitRegistry[Any] = UnitRegistry(non_int_type=Decimal)
    registry.define("@alias ohm = Ohm")
    return registry


def parse_quantity(text: str, unit: str) -> float:
    """Value in `unit` of a quantity written as text, e.g. `parse_quantity("50 um", "m")` = 5e-05.

    Raises ValueError, with a sentence that says how to write it, for a number without a unit, an unknown
    unit, a unit of another dimension, a value too large or small for a float, and over LONGEST characters.
    """
    if len(text) > LONGEST:
        raise ValueError(f"is longer than the {LONGEST} characters that a number with a unit may have")
    parts = _QUANTITY.fullmatch(" ".join(normalize("NFC", text).split()))  # the ohm sign as a Greek letter
    if parts is None:
        raise ValueError(f'"{text}" is not a number with a unit; write e.g. "1 {unit}"')
    number, given = parts.groups()
    if not given:
        raise ValueError(f'needs a unit: write it as text that converts to {unit}, e.g. "{number} {unit}"')
    if not _UNIT.fullmatch(given):
        raise ValueError(f'"{given}" is not a unit; write something that converts to {unit}')
    value = _convert(text, number, given, unit)
    if not math.isfinite(value):
        raise ValueError(f'"{text}" is not a finite number')
    if value == 0 and Decimal(number) != 0:
        raise ValueError(f'"{text}" is too small a number')
    return value


def _convert(text: str, number: str, given: str, unit: str) -> float:
    from pint import DimensionalityError, UndefinedUnitError

    try:
        return float(_registry().Quantity(Decimal(number), given).to(unit).magnitude)
    except UndefinedUnitError as error:
        raise ValueError(_unknown_unit(text, error, unit)) from None
    except DimensionalityError as error:
        raise ValueError(f'"{text}" is in {error.units1}, which does not convert to {unit}') from None
    except Exception:  # pint's parser lets many kinds of exceptions through
        raise ValueError(f'"{given}" is not a unit; write something that converts to {unit}') from None


def _unknown_unit(text: str, error: Exception, unit: str) -> str:
    names = getattr(error, "unit_names", ())
    name = names if isinstance(names, str) else next(iter(names), text)
    hint = get_close_matches(str(name), _common_units(), n=1, cutoff=0.5)
    return f'"{name}" is not a known unit; write something that converts to {unit}' + (
        f'. Did you mean "{hint[0]}"?' if hint else ""
    )


def _common_units() -> list[str]:
    """What a case usually needs; matched against a mistyped unit."""
    prefixes = ("", "n", "u", "m", "c", "k", "M")
    prefixed = [prefix + unit for unit in ("m", "A", "V", "S", "Pa", "ohm", "s") for prefix in prefixes]
    return [*prefixed, "h", "min", "K", "J", "kg", "g", "mol", "mAh", "Ah"]
