"""From a TOML file to a Case, with errors that a user can act on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import Field, ValidationError

from fem_model.case.base import Key, KeyProblem, Section, nearest
from fem_model.case.case import Case, resolve_material
from fem_model.case.imported import FOLDER
from fem_model.case.locate import find_line
from fem_model.case.overrides import Override, apply, parse_override
from fem_model.case.read import TomlProblem, parse_toml, read_text
from fem_model.case.sections import Materials
from fem_model.errors import InputError

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
"""What pydantic calls by Python's names, in those of TOML."""

_OF_KEY = ("[key]",)
"""End of the location of a problem with the name of a key, not with its value."""


def load_case(path: str | Path, overrides: Sequence[str] = ()) -> Case:
    """Read and validate a case; `overrides` are texts like "drive.current=2 mA/cm^2".

    Raises InputError with one message that names the file and line (or the override), the section and key,
    what is allowed, and the nearest match.
    """
    path = Path(path)
    text = read_text(path)
    data = _parse(path, text)
    changes = [parse_override(item) for item in overrides]
    for change in changes:
        apply(data, change)
    try:
        return Case.model_validate(data, context={FOLDER: path.parent})
    except ValidationError as error:
        raise InputError(_message(error, data, path, text, changes)) from None


class _Materials(Section):
    materials: Materials = Field(default_factory=dict)


def load_conductivities(names: Sequence[str], overrides: Sequence[str] = ()) -> dict[str, float]:
    """Conductivities (S/m) of named materials without a case: of the library, or of `overrides` such as
    'materials.A.sigma=0.5 S/m'. Raises InputError for wrong overrides and for materials that have none."""
    changes = [parse_override(item) for item in overrides]
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
        raise InputError(f"{path}:{problem.line}: {problem}") from None


def _message(error: ValidationError, data: object, path: Path, text: str, changes: Sequence[Override]) -> str:
    """The first problem as one line; further ones are counted."""
    problems = _causes(error)
    key, reason = _describe(problems[0], data)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    section = _section(key)
    where = _where(key, path, text, changes)
    return f"{where}: {f'[{section}] ' if section else ''}{_dotted(key[_depth(key) :])} {reason}{more}"


def _causes(error: ValidationError) -> list[Any]:
    """The problems without those that only follow from another one."""
    found = [p for p in error.errors(include_url=False) if p["type"] != "default_factory_not_called"]
    above = {p["loc"][:depth] for p in found for depth in range(len(p["loc"]))}
    return [p for p in found if p["loc"] not in above]


def _where(key: Key, path: Path, text: str, changes: Sequence[Override]) -> str:
    for change in reversed(changes):
        if key[: len(change.key)] == change.key:
            return f"--set {change.name}"
    line = find_line(text, key)
    for change in changes:  # a section that only an override names
        if not line and key and change.key[: len(key)] == key:
            return f"--set {change.name}"
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
            return (*key, name), f"is missing. Allowed: {', '.join(_tags(key, name))}."
        case "union_tag_invalid":
            name = context["discriminator"].strip("'")
            return (*key, name), _not_allowed(given[name], context["expected_tags"])
        case "literal_error":
            return key, _not_allowed(given, context["expected"])
        case kind:
            reason = _WANTED.get(kind) or problem["msg"].removeprefix("Input should ").removeprefix("be ")
            return key, f"= {_show(given)}: must be {reason}"


def _tags(key: Key, name: str) -> list[str]:
    """Allowed values of the discriminator `name` of the union at `key`."""
    annotation: Any = Case
    for part in key:
        annotation = annotation.model_fields[part].annotation
    return [tag for option in get_args(annotation) for tag in get_args(option.model_fields[name].annotation)]


def _not_allowed(given: object, expected: str) -> str:
    allowed = re.findall(r"'([^']*)'", expected) or re.findall(r"[\w.]+", expected.replace(" or ", " "))
    return f"= {_show(given)} is not allowed. Allowed: {', '.join(allowed)}.{nearest(given, allowed)}"


def _show(value: object) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    return _short(f'"{value}"' if isinstance(value, str) else str(value))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _key_in_data(loc: Key, data: object) -> Key:
    """The location without the tags of unions, which pydantic puts between the keys."""
    key: Key = ()
    tagged: set[Key] = set()
    for part in loc[:-1] if loc[-1:] == _OF_KEY else loc:
        if key in _UNIONS and key not in tagged:
            tagged.add(key)
        elif isinstance(data, Mapping):
            key, data = (*key, part), data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            key, data = (*key, part), data[part]
    return key


def _unions(model: type[Section], above: Key = ()) -> Iterator[Key]:
    """Keys whose value is one of several models."""
    for name, field in model.model_fields.items():
        if field.discriminator is not None:
            yield (*above, name)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _unions(field.annotation, (*above, name))


_UNIONS = frozenset(_unions(Case))


def _depth(key: Key) -> int:
    """How many leading parts of a key name sections; lists and what is in them belong to the key."""
    names = next((index for index, part in enumerate(key) if isinstance(part, int)), len(key))
    return max(names - 1, 0)


def _section(key: Key) -> str:
    return _dotted(key[: _depth(key)])


def _dotted(key: Key) -> str:
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + _short(part if re.fullmatch(r"[\w-]+", part) else f'"{part}"')
    return text
