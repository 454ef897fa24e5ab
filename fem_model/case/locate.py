"""Finds the line of a key in a TOML text."""

import re
from typing import Any

from fem_model.case.base import Key
from fem_model.case.read import parse_toml

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(#.*)?")
_ASSIGNMENT = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def split_key(text: str) -> tuple[str, ...]:
    """Parts of a dotted key, quoted parts included: `materials."LPSC1.0".sigma`; () if it is none."""
    if re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,8}", text):  # a hundred times as fast
        return tuple(text.split("."))
    parts: list[str] = []
    try:
        node: Any = parse_toml(f"{text} = 0")
        while isinstance(node, dict):
            [(part, node)] = node.items()
            parts.append(part)
    except ValueError:
        return ()
    return tuple(parts)


def find_line(text: str, key: Key) -> int | None:
    """Line, from 1, of the deepest part of `key` that has a line of its own; None when there is none."""
    best, line = 0, None
    for number, found in _keys(text):
        if best < len(found) <= len(key) and key[: len(found)] == found:
            best, line = len(found), number
    return line


def find_repeated(text: str, last: int) -> tuple[Key, int, int] | None:
    """The first key that stands twice in a text up to its line `last`, and both of its lines."""
    lines: dict[Key, int] = {}
    for number, key in _keys(text):
        if number > last:
            return None
        if key in lines:
            return key, lines[key], number
        lines[key] = number
    return None


def _keys(text: str) -> list[tuple[int, Key]]:
    """All headers and assignments with their line."""
    found: list[tuple[int, Key]] = []
    table: Key = ()
    counts: dict[Key, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.fullmatch(line):
            table = split_key(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.append((number, table))
        elif assignment := _ASSIGNMENT.match(line):
            found.append((number, (*table, *split_key(assignment[1]))))
    return found


def dotted(key: Key) -> str:
    """A key as it is written: `anode.initial.nuclei[0].radius`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + shorten(part if re.fullmatch(r"[\w-]+", part) else f'"{part}"')
    return text


def shorten(text: str) -> str:
    """The text, or its beginning if it is longer than a message should quote."""
    return text if len(text) <= 60 else text[:57] + "..."
