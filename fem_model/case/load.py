"""Reads a case from a TOML file, with errors that a user can act on."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from fem_model.base.arguments import path_of, require
from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest
from fem_model.case.base import Key, KeyProblem, Section
from fem_model.case.case import Case, require_case
from fem_model.case.choices import CHOICES
from fem_model.case.imported import FOLDER
from fem_model.case.locate import dotted, find_line, find_repeated, shorten
from fem_model.case.material_entries import Materials
from fem_model.case.overrides import Override, apply, overrides
from fem_model.case.read import RepeatedKey, TomlProblem, parse_toml, read_text
from fem_model.case.resolved import resolve_material
from fem_model.case.write import given

_WANTED = {
    "model_type": "a table of keys",
    "mapping_type": "a table of keys",
    "dict_type": "a table of keys",
    "model_attributes_type": "a table of keys",
    "tuple_type": "a list",
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
}
"""Names of TOML for what pydantic calls by Python's names."""

TOML = (int, float, list, date, time)
"""Types of what a case file has beside tables, text, and true or false."""
_OF_KEY = ("[key]",)
"""End of the location of a problem with the name of a key, not with its value."""


Changes = Sequence[str | Override] | Mapping[str, object]
"""Texts like "drive.current=2 mA/cm^2", or values by key: {"drive.current": "2 mA/cm^2"}."""


def load_case(path: str | Path, changes: Changes = ()) -> Case:
    """Read and validate a case, with some values changed.

    Raises InputError with one message that names the file and line (or the change), the section and key,
    what is allowed, and the nearest match.
    """
    path = path_of(path, "path")
    text = read_text(path)
    return _case(_parse(path, text), changes, path, text)


def make_case(tables: Mapping[str, Any], changes: Changes = ()) -> Case:
    """Validate a case from tables as in a case file; a relative `file` starts at the working folder.

    Raises InputError as `load_case`.
    """
    require(tables, Mapping, "tables", "the tables of a case, by name")
    return _case(deepcopy(dict(tables)), changes, Path("case"), "")


def change_case(case: Case, changes: Changes) -> Case:
    """A case with some values changed; whatever was not given for it gets its default anew.

    Raises InputError as `load_case`.
    """
    require_case(case)
    return _case(given(case), changes, Path("case"), "")


def _case(data: dict[str, Any], wanted: Changes, path: Path, text: str) -> Case:
    """The case of these tables, changed; `path` and `text` are named in messages."""
    changes = overrides(wanted)
    for change in changes:
        apply(data, change)
    _require_nothing_left_over(data, changes, path)
    try:
        return Case.model_validate(data, context={FOLDER: path.parent})
    except ValidationError as error:
        raise InputError(_message(error, data, path, text, changes)) from None


def _require_nothing_left_over(data: dict[str, Any], changes: Sequence[Override], path: Path) -> None:
    """InputError if an override makes a section another model that has no place for keys of the file."""
    for change in changes:
        above, choice = change.key[:-1], CHOICES.get(change.key[:-1])
        model = choice.models.get(str(change.value)) if choice and change.key[-1] == choice.tag else None
        if choice is None or model is None or any(other.key == above for other in changes):
            continue
        section: Any = data
        for part in above:
            section = section[part]
        changed = [other.key[len(above)] for other in changes if other.key[: len(above)] == above]
        if left := [key for key in section if key not in model.model_fields and key not in changed]:
            others = [f"{k}=…" for k, f in model.model_fields.items() if f.is_required() and k != choice.tag]
            whole = f"{dotted(above)}={{{', '.join([f"{choice.tag}='{change.value}'", *others])}}}"
            text = f"left over from [{dotted(above)}] of {path}: {', '.join(left)}"
            way = f'Replace the section as a whole: {change.flag}"{whole}"'
            raise InputError(f"{change}: {text}. {way}")


def load_section[Kind: Section](model: type[Kind], path: Path) -> Kind:
    """Read and validate a TOML file that is no case, as a case is. Raises InputError as `load_case`."""
    text = read_text(path)
    data = _parse(path, text)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(_message(error, data, path, text, ())) from None


class _Materials(Section):
    materials: Materials = Field(default_factory=dict)


def load_conductivities(names: Sequence[str], texts: Sequence[str] = ()) -> dict[str, float]:
    """Conductivities (S/m) of named materials without a case: of the library, or of `texts` such as
    'materials.A.sigma=0.5 S/m'. Raises InputError for wrong overrides and for materials that have none."""
    changes = overrides(texts)
    data: dict[str, Any] = {}
    for change in changes:
        apply(data, change)
    try:
        entries = _Materials.model_validate(data).materials
        return {name: resolve_material(name, entries).sigma for name in names}
    except ValidationError as error:
        raise InputError(_message(error, data, Path("--set"), "", changes)) from None
    except KeyProblem as problem:
        key = ".".join(map(str, problem.key))
        way = f"--set 'materials.\"{problem.key[1]}\".sigma=0.5 S/m'"
        raise InputError(f"{key} {problem} For a mesh file write {way}.") from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except TomlProblem as problem:
        if isinstance(problem, RepeatedKey) and (twice := find_repeated(text, problem.line)):
            key, first, line = twice
            raise InputError(f"{path}:{line}: {dotted(key)} is given twice, first in line {first}") from None
        raise InputError(f"{path}:{problem.line}: {problem}") from None


def _message(error: ValidationError, data: object, path: Path, text: str, changes: Sequence[Override]) -> str:
    """The first problem as one line; further ones are counted."""
    problems = _causes(error)
    key, reason = _describe(problems[0], data)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    section = _section(key)
    where = _where(key, path, text, changes)
    return f"{where}: {f'[{section}] ' if section else ''}{dotted(key[_depth(key) :])} {reason}{more}"


def _causes(error: ValidationError) -> list[Any]:
    """The problems without those that only follow from another one."""
    found = [p for p in error.errors(include_url=False) if p["type"] != "default_factory_not_called"]
    above = {p["loc"][:depth] for p in found for depth in range(len(p["loc"]))}
    return [p for p in found if p["loc"] not in above]


def _where(key: Key, path: Path, text: str, changes: Sequence[Override]) -> str:
    for change in reversed(changes):
        if key[: len(change.key)] == change.key:
            return str(change)
    line = find_line(text, key)
    for change in changes:  # a section that only an override names
        if not line and key and change.key[: len(key)] == key:
            return str(change)
    return f"{path}:{line}" if line else str(path)


def _describe(problem: Any, data: object) -> tuple[Key, str]:
    """Key and reason of one problem found by pydantic."""
    key = _key_in_data(problem["loc"], data)
    context, given = problem.get("ctx", {}), problem["input"]
    cause = context.get("error")
    match problem["type"]:
        case "value_error" if isinstance(cause, KeyProblem):
            return (*key, *cause.key), str(cause)
        case "value_error" if problem["loc"][-1:] == _OF_KEY:
            return key, str(cause)
        case "value_error":
            return key, f"= {_show(given)}: {cause}"
        case "union_tag_not_found":
            name = context["discriminator"].strip("'")
            return (*key, name), f"is missing. Allowed: {', '.join(CHOICES[key].models)}."
        case "union_tag_invalid":
            name = context["discriminator"].strip("'")
            return (*key, name), _not_allowed(given[name], context["expected_tags"])
        case "literal_error":
            return key, _not_allowed(given, context["expected"])
        case kind:
            reason = _WANTED.get(kind) or problem["msg"].removeprefix("Input should ").removeprefix("be ")
            return key, f"= {_show(given)}: must be {reason}"


def _not_allowed(given: object, expected: str) -> str:
    allowed = re.findall(r"'([^']*)'", expected) or re.findall(r"[\w.]+", expected.replace(" or ", " "))
    return f"= {_show(given)} is not allowed. Allowed: {', '.join(allowed)}.{nearest(given, allowed)}"


def _show(value: object) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return shorten(f'"{value}"')
    return shorten(str(value) if isinstance(value, TOML) else f"{value} ({type(value).__name__})")


def _key_in_data(loc: Key, data: object) -> Key:
    """The location without the tags of unions, which pydantic puts between the keys."""
    key: Key = ()
    tagged: set[Key] = set()
    for part in loc[:-1] if loc[-1:] == _OF_KEY else loc:
        if isinstance(part, str) and part.startswith("<"):  # says what an entry of a list is
            continue
        if key in CHOICES and key not in tagged:
            tagged.add(key)
        elif isinstance(data, Mapping):
            key, data = (*key, part), data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            key, data = (*key, part), data[part]
    return key


def _depth(key: Key) -> int:
    """Number of leading parts of a key that name sections; lists and what is in them belong to the key."""
    names = next((index for index, part in enumerate(key) if isinstance(part, int)), len(key))
    return max(names - 1, 0)


def _section(key: Key) -> str:
    return dotted(key[: _depth(key)])
