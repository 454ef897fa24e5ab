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

READABLE: dict[str, tuple[tuple[str, str, float], ...]] = {
    "m": (("m", "1", 1.0), ("mm", "1e-3", 1e-3), ("µm", "1e-6", 1e-7), ("nm", "1e-9", 1e-11)),
    "s": (("h", "3600", 7200.0), ("min", "60", 120.0), ("s", "1", 0.1), ("ms", "1e-3", 1e-4)),
    "V": (("V", "1", 0.1), ("mV", "1e-3", 1e-5)),
    "Pa": (("GPa", "1e9", 1e9), ("MPa", "1e6", 1e5)),
    "A/m^2": (("A/cm²", "1e4", 1e4), ("mA/cm²", "10", 0.0)),
    "C/m^2": (("mAh/cm²", "36000", 0.0),),
    "S/m": (("S/m", "1", 10.0), ("mS/cm", "0.1", 0.0)),
    "ohm m^2": (("Ω cm²", "1e-4", 0.0),),
    "kg/m^3": (("g/cm³", "1000", 0.0),),
    "m^3/mol": (("cm³/mol", "1e-6", 0.0),),
    "J/mol": (("kJ/mol", "1e3", 1e2),),
    "Pa m^0.5": (("MPa m^0.5", "1e6", 0.0),),
    "m/s": (("m/s", "1", 1e-3), ("nm/s", "1e-9", 0.0)),
}
"""Units that a person writes, their size in SI, and the SI value from which on they are chosen."""

MEANT = {"m": "min", "M": "min", "H": "h", "S": "s", "C": "degC"}
"""Units of something else that are taken for those of a time or a temperature."""

_QUANTITY = re.compile(r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)(?![0-9]) ?(.*)")
_RAISED = "⁰¹²³⁴-⁹"
_FACTOR = rf"°?[^\W\d_{_RAISED}][^\W{_RAISED}]*(?: ?(?:\^|\*\*) ?(?:[-+]?[1-9]|0\.5)|[⁺⁻]?[{_RAISED}])?"
_PRODUCT = rf"{_FACTOR}(?:(?: ?[*·⋅/] ?| ){_FACTOR})*"
_UNIT = re.compile(rf"(?:1 ?/ ?)?(?:{_PRODUCT}|\({_PRODUCT}\))(?: ?/ ?\({_PRODUCT}\))?")
"""Names of units, their powers from -9 to 9 and 0.5, products, quotients: all that pint is given to read."""


class UnknownUnitError(ValueError):
    """A unit of an unknown name; `hint` is what may be meant and converts, if anything."""

    def __init__(self, name: str, unit: str, hint: str | None) -> None:
        meant = f'. Did you mean "{hint}"?' if hint else ""
        super().__init__(f'"{name}" is not a known unit; write something that converts to {unit}{meant}')
        self.hint = hint


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
    number, given = parts[1], re.sub(r" ?√ ?([^\W\d_]+)", r" \1^0.5", parts[2]).strip()
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


def readable(value: float, unit: str, digits: int | None = None) -> str:
    """A value in the SI `unit` as a person writes it: 6e-05 m are "60 µm".

    Exact to the last digit, so that `parse_quantity` gives the same value, or rounded to significant digits.
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}"
    exact, rounded = Decimal(repr(value)), digits is not None
    for name, size, least in (*READABLE.get(unit, ()), (unit, "1", 0.0)):
        number = exact / Decimal(size)
        is_exact = number * Decimal(size) == exact and len(number.as_tuple().digits) <= 17
        if abs(value) >= least and (is_exact or rounded):
            return f"{_number(number, digits)} {name}"
    raise AssertionError("a unit is itself exact")


def length(value: float) -> str:
    """A length in m as messages give it, to three digits."""
    return readable(value, "m", 3)


def _number(number: Decimal, digits: int | None) -> str:
    """Without an exponent from 1e-4 to 1e6, and without zeros at the end."""
    number = number if digits is None else Decimal(f"{number:.{digits - 1}e}")
    if 1e-4 <= abs(number) < 1e6:
        return f"{number.normalize():f}"
    return f"{number.normalize():e}".replace("e+", "e")


def _convert(text: str, number: str, given: str, unit: str) -> float:
    from pint import DimensionalityError, UndefinedUnitError

    try:
        return _value(number, given, unit)
    except UndefinedUnitError as error:
        raise _unknown_unit(number, given, error, unit) from None
    except DimensionalityError as error:
        meant = MEANT.get(given)
        way = f'; write "{number} {meant}"' if meant and _converts(meant, unit) else ""
        raise ValueError(f'"{text}" is in {error.units1}, which does not convert to {unit}{way}') from None
    except Exception:  # pint's parser lets many kinds of exceptions through
        raise ValueError(f'"{given}" is not a unit; write something that converts to {unit}') from None


def _value(number: str, given: str, unit: str) -> float:
    return float(_registry().Quantity(Decimal(number), given).to(unit).magnitude)


def _converts(given: str, unit: str) -> bool:
    try:
        return _value("1", given, unit) > 0
    except Exception:  # as in `_convert`
        return False


def _unknown_unit(number: str, given: str, error: Exception, unit: str) -> "UnknownUnitError":
    names = getattr(error, "unit_names", ())
    name = names if isinstance(names, str) else next(iter(names), given)
    raised = re.sub(r"(?<=[^\W\d_])([2-9])(?!\d)", r"^\1", given)
    if raised != given and _converts(raised, unit):
        return UnknownUnitError(name, unit, f"{number} {raised}")
    fitting = [common for common in _common_units() if _converts(given.replace(name, common), unit)]
    return UnknownUnitError(name, unit, next(iter(get_close_matches(name, fitting, n=1, cutoff=0.5)), None))


def _common_units() -> list[str]:
    """Units that a case usually needs; matched against a mistyped unit."""
    prefixes = ("", "n", "u", "m", "c", "k", "M")
    prefixed = [prefix + unit for unit in ("m", "A", "V", "S", "Pa", "ohm", "s") for prefix in prefixes]
    return [*prefixed, "h", "hour", "min", "minute", "K", "J", "kg", "g", "mol", "mAh", "Ah"]
