"""Writes a case as TOML."""

import json
import re
from collections.abc import Mapping
from typing import Any

from fem_model.case.case import Case, require_case


def case_to_toml(case: Case, context: str | None = None) -> str:
    """The resolved case, all defaults explicit and all quantities exact to the last digit, in SI units.

    With the context FOR_PEOPLE they are in units that a person writes. `load_case` of this text gives an
    equal case.
    """
    require_case(case)
    return "\n".join(_table(case.model_dump(exclude_none=True, context=context), ())).lstrip("\n") + "\n"


def given(case: Case) -> dict[str, Any]:
    """Keys given for a case, without the defaults, as the tables and lists of a case file."""
    return case.model_dump(mode="json", exclude_unset=True, exclude_none=True)


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    """Lines of a table: its own values first, as TOML wants it, then its sub-tables."""
    lines = [
        f"{_key(name)} = {_value(value)}" for name, value in table.items() if not isinstance(value, Mapping)
    ]
    if path and (lines or not table):
        lines = ["", f"[{'.'.join(map(_key, path))}]", *lines]
    for name, value in table.items():
        if isinstance(value, Mapping):
            lines += _table(value, (*path, name))
    return lines


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)


def _text(value: str) -> str:
    """A TOML basic string; beside JSON's escapes there are some for all that cannot be printed."""
    return "".join(c if c.isprintable() else _escape(c) for c in json.dumps(value, ensure_ascii=False))


def _escape(character: str) -> str:
    return f"\\U{ord(character):08x}"
