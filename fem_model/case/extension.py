"""Checks that a resumed run has the same case, or one that is longer, and is not complete yet."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fem_model.base.errors import InputError
from fem_model.base.outcome import COMPLETE
from fem_model.case.case import Case
from fem_model.case.write import case_to_toml
from fem_model.readers.files import table_of, text_of

LATER = re.compile(r"time\.(end|outputs)|drive\.(cycles|repeat|largest)|output\..*|title")
"""Keys that may change when a run goes on: how long it lasts, and what is written."""
MOST_NAMED = 5


def is_complete(folder: Path, case: Case) -> bool:
    """True if the run in the folder came to its end. InputError if it is of another case."""
    try:
        found = text_of(folder / "case.toml")
    except InputError:
        return False
    require_same(folder, found, case_to_toml(case))
    try:
        return found == case_to_toml(case) and table_of(folder / "summary.json").get("status") in COMPLETE
    except InputError:
        return False


def require_same(folder: Path, before: str, now: str) -> None:
    """InputError, naming the keys, if a folder holds a run of another case, as TOML, than the one now."""
    if keys := differing_keys(before, now):
        named = ", ".join([*keys[:MOST_NAMED], *(["…"] if len(keys) > MOST_NAMED else [])])
        advice = "--resume allows only a later time.end, more cycles or other outputs"
        raise InputError(f"{folder}: holds a run of another case, which differs in {named}; {advice}")


def differing_keys(before: str, now: str) -> list[str]:
    """Dotted keys whose values differ between two cases, as TOML, but for those of LATER."""
    old, new = (dict(_leaves(tomllib.loads(text), "")) for text in (before, now))
    keys = [*old, *(key for key in new if key not in old)]
    return [key for key in keys if old.get(key) != new.get(key) and not LATER.fullmatch(key)]


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for index, below in enumerate(value):
            yield from _leaves(below, f"{name}[{index}]")
    else:
        yield name, value
