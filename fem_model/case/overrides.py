"""Changes to a case by texts such as "drive.current=2 mA/cm^2", as `--set` gives them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from fem_model.base.arguments import require
from fem_model.base.errors import InputError
from fem_model.case.base import Key
from fem_model.case.locate import dotted, split_key
from fem_model.case.read import TomlProblem, parse_toml

FLAG = "--set "
"""Prefix of a change on the command line, and in messages about it."""

WANTED = 'values by key, such as {"drive.current": "2 mA/cm^2"}, or a list of texts'
"""Forms of changes."""


@dataclass(frozen=True)
class Override:
    """One change of a case: `--set section.key=value`, or an entry of a mapping in Python."""

    key: Key
    name: str
    value: object
    flag: str = FLAG

    def __str__(self) -> str:
        """The key as it was given, for messages."""
        return f"{self.flag}{self.name}"


def overrides(changes: Sequence[str | Override] | Mapping[str, object]) -> list[Override]:
    """Changes as texts "section.key=value" or by key. InputError for what is none."""
    if isinstance(changes, Mapping):
        return [_by_key(name, value) for name, value in changes.items()]
    require(changes, (list, tuple), "changes", WANTED)
    return [item if isinstance(item, Override) else parse_override(item) for item in changes]


def _by_key(name: str, value: object) -> Override:
    require(name, str, "a key of the changes", 'text, such as "drive.current"')
    key = _split_path(name)
    if not key:
        raise InputError(f"{name}: is not a key of a case, such as drive.current")
    return Override(key, name, deepcopy(value), flag="")


def parse_override(item: str) -> Override:
    """The override that a text asks for. InputError if it is not written as section.key=value, in UTF-8."""
    require(item, str, "each of the changes", 'a text, such as "drive.current=2 mA/cm^2"')
    if re.search("[\ud800-\udfff]", item):  # what Python makes of bytes that are not UTF-8
        raise InputError(f"--set {item}: is not UTF-8 text")
    name, sign, value = (part.strip() for part in _split_at_equals(item))
    key = _split_path(name)
    if not sign or not key:
        example = "microstructure.grains[0].size='3 um'" if "[" in name else "drive.current='2 mA/cm^2'"
        raise InputError(f"--set {item}: write it as section.key=value, e.g. --set {example}")
    for one, other in pairwise(map(str, split_key(name))):
        if one[-1:].isdigit() and other.isdigit():  # no key of a case, but the halves of a name
            whole = name.replace(f"{one}.{other}", f'"{one}.{other}"')
            raise InputError(f"--set {name}: a name with a dot is written in quotes: --set '{whole}={value}'")
    return Override(key, name, _parse_value(name, value))


def apply(data: dict[str, Any], change: Override) -> None:
    """Put an override into the tables and lists of a case. InputError if there is no place for it."""
    place: Any = data
    for depth, part in enumerate(change.key):
        _require_place(place, part, change, depth)
        if depth == len(change.key) - 1:
            place[part] = change.value
        elif isinstance(part, int):
            place = place[part]
        else:
            place = place.setdefault(part, {})


def _require_place(place: object, part: str | int, change: Override, depth: int) -> None:
    """InputError unless `part` of the key of an override can be entered into what is above it."""
    above = dotted(change.key[:depth])
    if isinstance(part, str) and not isinstance(place, dict):
        below = dotted(change.key[depth:])
        how = "a value, not a section; it has no keys"
        if isinstance(place, list):
            how = f"a list; write {above}[0].{below} for its first entry"
        raise InputError(f"{change}: {above} is {how}")
    if isinstance(part, int):
        if not isinstance(place, list):
            how = "is not a list" if place else "is not given: there is no list to reach into"
            raise InputError(f"{change}: {above} {how}")
        if part >= len(place):
            numbers = (
                f"only [0] to [{len(place) - 1}]" if len(place) > 1 else "only [0]" if place else "no entries"
            )
            raise InputError(f"{change}: {above} has {numbers}")


def _split_path(text: str) -> Key:
    """Parts of a key that reaches into lists: `drive.steps[2].current`; () if it is none."""
    parts: list[str | int] = []
    for k, piece in enumerate(re.split(r"\[([0-9]{1,9})\](?:\.|$|(?=\[))", text)):
        keys = (int(piece),) if k % 2 else split_key(piece)
        if piece and not keys:
            return ()
        parts += keys
    return tuple(parts) if parts and isinstance(parts[0], str) else ()


def require_each_once(changes: Iterable[Override]) -> None:
    """InputError if one of the changes takes away what another one before it says."""
    seen: dict[Key, Override] = {}
    for change in changes:
        for key, earlier in seen.items():
            if key[: len(change.key)] == change.key:
                raise InputError(f"{change}: undoes the earlier {earlier}")
        seen[change.key] = change


def _split_at_equals(item: str) -> tuple[str, str, str]:
    """Key, "=", value; an equals sign within quotes belongs to the key."""
    match = re.fullmatch(r"""((?:[^='"]|"[^"]*"|'[^']*')*)(=)(.*)""", item, re.DOTALL)
    return (match[1], match[2], match[3]) if match else (item, "", "")


def _parse_value(name: str, text: str) -> object:
    """The value as TOML if it is TOML, else as text, so that a shell needs no inner quotes."""
    try:
        tables = parse_toml(f"value = {text}")
    except TomlProblem as problem:
        if text.startswith(("[", "{")):
            raise InputError(f"--set {name}: {problem}") from None
        return text
    return tables["value"] if len(tables) == 1 else text
