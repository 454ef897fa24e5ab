"""Steps of a protocol in the words of a lab sheet."""

import re

from fem_model.base.units import UnknownUnitError, parse_quantity

LONGEST = 200
"""Characters that a step in words may have."""
EXAMPLES = ["plate at 0.5 mA/cm^2 for 1 h or until 50 mV", "hold at 50 mV for 1 h", "rest for 10 min"]
_AND = r",? (?:or )?"
_STEP = re.compile(rf"(plate|strip|hold|rest)(?: at (.+?))?((?:{_AND}(?:for|until) .+)?)", re.IGNORECASE)
_END = re.compile(rf"{_AND}(for|until) (.+?)(?={_AND}(?:for|until) |$)", re.IGNORECASE)
_EXAMPLE = "write e.g. " + ", ".join(f'"{example}"' for example in EXAMPLES)
UNITS = {"current": "A/m^2", "voltage": "V", "time": "s", "capacity": "C/m^2"}
"""SI units of what a step has."""
LIMITS = {"current": "current_limit", "voltage": "voltage_limit", "capacity": "capacity", "time": "time"}
"""Keys of what ends a step."""


def read_step(text: str) -> dict[str, str]:
    """The keys and values of a step in words; ValueError, with an example, if it cannot be read.

    "plate" and "strip" are a positive and a negative current or voltage, "hold" a voltage as it is written,
    "rest" no current. What ends the step follows, joined by "or".
    """
    parts = _STEP.fullmatch(" ".join(text.split())) if len(text) <= LONGEST else None
    what = parts[1].lower() if parts else ""
    if parts is None or (what == "rest") != (parts[2] is None):
        raise ValueError(f'"{text[:LONGEST]}" is not a step; {_EXAMPLE}')
    return _imposed(what, parts[2]) | _ends(parts[3])


def _imposed(what: str, value: str | None) -> dict[str, str]:
    """Imposed quantity."""
    if value is None:
        return {"current": "0 A/m^2"}
    kind = _kind(value)
    allowed = ["voltage"] if what == "hold" else ["current", "voltage"]
    if kind not in allowed or (what != "hold" and value.startswith(("-", "+"))):
        meant = " or ".join(f"a {name}" for name in allowed)
        raise ValueError(f'"{what} at {value}": {what} is at {meant} without a sign; {_EXAMPLE}')
    return {kind: f"-{value}" if what == "strip" else value}


def _ends(text: str) -> dict[str, str]:
    """End condition of a step."""
    ends: dict[str, str] = {}
    for how, value in _END.findall(text):
        kind = _kind(value)
        if (how.lower() == "for") != (kind == "time") and kind != "capacity":
            raise ValueError(f'"{how} {value}": a time goes with "for", all else with "until"')
        if LIMITS[kind] in ends:
            raise ValueError(f'"{text.strip()}" has two ends of one kind')
        ends[LIMITS[kind]] = value
    return ends


def _kind(value: str) -> str:
    """Name in UNITS of the kind of a quantity."""
    hints: list[str] = []
    for kind, unit in UNITS.items():
        try:
            parse_quantity(value, unit)
        except UnknownUnitError as error:
            hints += [f'did you mean "{error.hint}"?'] if error.hint else []
        except ValueError:
            continue
        else:
            return kind
    known = "a current density, a voltage, a time nor a charge per area"
    raise ValueError(f'"{value}" is neither {known}; {[*hints, _EXAMPLE][0]}')
