"""Quantities with units."""

from random import Random

import pytest

from fem_model.base.units import READABLE, parse_quantity, readable


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("50 um", "m", 5e-5),
        ("50 \N{MICRO SIGN}m", "m", 5e-5),
        ("50 \N{GREEK SMALL LETTER MU}m", "m", 5e-5),
        ("50um", "m", 5e-5),
        ("1 mA/cm^2", "A/m^2", 10.0),
        ("1 mA/cm²", "A/m^2", 10.0),
        ("-2.9 mA/cm^2", "A/m^2", -29.0),
        ("0.8 ohm cm^2", "ohm m^2", 8e-5),
        ("0.8 \N{GREEK CAPITAL LETTER OMEGA} cm²", "ohm m^2", 8e-5),
        ("0.8 \N{OHM SIGN} cm²", "ohm m^2", 8e-5),
        ("0.8 Ohm*cm^2", "ohm m^2", 8e-5),
        ("3.57 mS/cm", "S/m", 0.357),
        ("100 MPa", "Pa", 1e8),
        ("2 h", "s", 7200.0),
        ("3 min", "s", 180.0),
        ("0.5 J/m^2", "J/m^2", 0.5),
        ("0.23 MPa m^0.5", "Pa m^0.5", 2.3e5),
        ("0.23 MPa*m**0.5", "Pa m^0.5", 2.3e5),
        ("0.23 MPa√m", "Pa m^0.5", 2.3e5),
        ("0.23 MPa √m", "Pa m^0.5", 2.3e5),
        ("50 mV", "V", 0.05),
        ("298.15 K", "K", 298.15),
        ("0.3 mAh/cm^2", "C/m^2", 10800.0),
        ("1.86 g/cm^3", "kg/m^3", 1860.0),
        ("0.3 mA h cm⁻²", "C/m^2", 10800.0),
        ("0.3 mA·h / cm ** 2", "C/m^2", 10800.0),
        ("0.5 1/(ohm m)", "S/m", 0.5),
        ("0.5 1/ohm/m", "S/m", 0.5),
        ("1 mA/(cm^2)", "A/m^2", 10.0),
        ("25 degC", "K", 298.15),
        ("25 °C", "K", 298.15),
        ("  1.5e-6\tm ", "m", 1.5e-6),
        ("0.30000000000000004 m^2/s", "m^2/s", 0.30000000000000004),
    ],
)
def test_value_is_exact_to_the_last_digit(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("50", "m", 'needs a unit: write it as text that converts to m, e.g. "50 m"'),
        ("1e-3", "m", "needs a unit"),
        ("50 A", "m", "is in ampere, which does not convert to m"),
        ("50 umm", "m", 'Did you mean "um"?'),
        ("1 Mpa", "Pa", 'Did you mean "MPa"?'),
        ("2.1 mS/com", "S/m", 'Did you mean "cm"?'),
        ("3 hous", "s", 'Did you mean "hour"?'),
        ("60 C", "K", 'write "60 degC"'),
        (
            "5 mA/cm2",
            "A/m^2",
            '"cm2" is not a known unit; write something that converts to A/m^2. Did you me',
        ),
        ("5 mA/cm2", "A/m^2", 'Did you mean "5 mA/cm^2"?'),
        ("0.8 ohm cm2", "ohm m^2", 'Did you mean "0.8 ohm cm^2"?'),
        ("9m", "s", 'does not convert to s; write "9 min"'),
        ("2 H", "s", 'write "2 h"'),
        ("about 5 m", "m", "is not a number with a unit"),
        ("m", "m", "is not a number with a unit"),
        ("nan m", "m", "is not a number with a unit"),
        ("1e400 m", "m", "not a finite number"),
        ("1e-400 m", "m", "too small a number"),
        ("1e9999 m", "m", "is not a known unit"),
        ("1e0001/ohm/m", "S/m", "is not a known unit"),
        ("٣ m", "m", "is not a number with a unit"),
        ("1 m^1e9", "m", '"m^1e9" is not a unit'),
        ("1 m**9**9", "m", "is not a unit"),
        ("1 m²⁰", "m", "is not a unit"),
        ("1 ((m))", "m", "is not a unit"),
        ("1 m^1.5", "m", "is not a unit"),
        ("1 m^0.3", "m", "is not a unit"),
        ("0.2 MPa", "Pa m^0.5", "does not convert to Pa m^0.5"),
        ("0.2 MPa m", "Pa m^0.5", "does not convert to Pa m^0.5"),
        ("0.2 MPa√", "Pa m^0.5", "is not a unit"),
        ("1 9**9**9*m", "m", "is not a unit"),
        ("1 m + mm", "m", "is not a unit"),
        ("1 " + "m*" * 40 + "m", "m", "longer than the 80 characters"),
        ("1 um 2", "m", "is not a unit"),
        ("5 m; 3", "m", "is not a unit"),
        ("5 __import__('os')", "m", "is not a unit"),
        ("", "m", "is not a number with a unit"),
    ],
)
def test_bad_quantity_says_how_to_write_it(text: str, unit: str, words: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_quantity(text, unit)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (6e-5, "m", "60 µm"),
        (2e-8, "m", "20 nm"),
        (1e-3, "m", "1 mm"),
        (5400.0, "s", "90 min"),
        (7200.0, "s", "2 h"),
        (7201.0, "s", "7201 s"),
        (10.0, "A/m^2", "1 mA/cm²"),
        (-3e5, "A/m^2", "-30 A/cm²"),
        (10800.0, "C/m^2", "0.3 mAh/cm²"),
        (1.0, "C/m^2", "1 C/m^2"),
        (8e-5, "ohm m^2", "0.8 Ω cm²"),
        (2.3e5, "Pa m^0.5", "0.23 MPa m^0.5"),
        (1e-17, "m^2/s", "1e-17 m^2/s"),
        (0.0, "m", "0 m"),
    ],
)
def test_a_value_is_written_as_a_person_does(value: float, unit: str, text: str) -> None:
    assert readable(value, unit) == text


def test_what_is_written_is_exact_to_the_last_digit() -> None:
    random = Random(1)
    for unit in READABLE:
        for _ in range(20):
            value = 10 ** random.uniform(-15, 8)
            assert parse_quantity(readable(value, unit), unit) == value
            assert parse_quantity(readable(value, unit, 3), unit) == pytest.approx(value, rel=5e-3)
