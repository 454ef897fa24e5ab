"""TOML from a file or a text, within bounds: neither its size nor its nesting takes the program along."""

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest_name

MOST_BYTES = 1_000_000
"""Size of a case file."""
MOST_ENTRIES = 25_000
"""Its lines and the entries of its lists and inline tables, all together."""
MOST_LEVELS = 8
"""Brackets within brackets, and dots in a key."""
LONGEST_WORD = 400
"""Characters of a number or of a part of a key without quotes."""

_QUOTED = (
    r'"{3}(?:\\.|[^\\])*?(?:"{3,5}|\Z)',
    r"'{3}.*?(?:'{3,5}|\Z)",
    r'"(?:\\.|[^"\\\n])*"?',
    r"'[^'\n]*'?",
)
_TOKEN = re.compile(
    rf"(?P<skipped>[ \t]+|#[^\n]*|{'|'.join(_QUOTED)})"
    r"|(?P<word>[\w+-]+)|(?P<dot>\.)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<entry>[\n,])|(?P<equals>=)|.",
    re.DOTALL,
)
"""One token of a TOML text, as long as it is valid."""


class TomlProblem(ValueError):
    """A text is not the TOML that a case can be; `line`, from 1, says where."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


class RepeatedKey(TomlProblem):
    """A key or a section of a TOML text stands in it twice."""


def read_text(path: Path) -> str:
    """The text of a case file. InputError unless it is a regular file, in UTF-8 and of at most MOST_BYTES."""
    try:
        data = _read_bytes(path)
    except FileNotFoundError:
        near = nearest_name(path.name, (p.name for p in path.parent.glob("*.toml")))
        hint = f" Did you mean {path.parent / near}?" if near else ""
        raise InputError(f"{path}: no such file.{hint}") from None
    except IsADirectoryError:
        hint = f" Did you mean {path / 'case.toml'}?" if (path / "case.toml").is_file() else ""
        raise InputError(f"{path}: is a directory, not a case file.{hint}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path}: is larger than the {MOST_BYTES / 1e6:g} MB that a case file can have")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InputError(f"{path}: is UTF-16 text; save it as UTF-8") from None
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: is not UTF-8 text: byte {data[error.start]:#04x}") from None


def _read_bytes(path: Path) -> bytes:
    """Bytes of the file, at most one more than allowed. Opening does not wait for the writer of a pipe."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise InputError(f"{path}: is a pipe or a device, not a case file")
        return file.read(MOST_BYTES + 1)


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. TomlProblem if it is not valid, or beyond the bounds above."""
    _require_moderate(text)
    try:
        return tomllib.loads(text)
    except ValueError as error:
        place = re.search(r" \(at line (\d+), column (\d+)\)", str(error))
        line = int(place[1]) if place else text.rstrip("\n").count("\n") + 1
        reason = str(error).replace(place[0], f" in column {place[2]}") if place else str(error)
        repeats = reason.startswith(("Cannot overwrite", "Cannot declare"))
        raise (RepeatedKey if repeats else TomlProblem)(f"not valid TOML: {reason}", line) from None


def _require_moderate(text: str) -> None:
    if lonely := re.search(r"\r(?!\n)", text):
        _refuse(text, lonely, "a carriage return without a line feed: save it with LF or CR LF line ends")
    depth = dots = entries = 0
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "open":
                depth, dots = depth + 1, 0
            case "close":
                depth, dots = depth - 1, 0
            case "dot":
                dots += 1
            case "equals":
                dots = 0
            case "entry":
                entries, dots = entries + 1, 0
        if entries > MOST_ENTRIES:
            _refuse(text, token, f"more than {MOST_ENTRIES} lines and entries of lists")
        if max(depth, dots) > MOST_LEVELS:
            _refuse(text, token, f"more than {MOST_LEVELS} levels of brackets, or of dots in a key")
        if token.lastgroup == "word" and len(token[0]) > LONGEST_WORD:
            _refuse(text, token, f"a number or key of more than {LONGEST_WORD} characters")


def _refuse(text: str, place: re.Match[str], reason: str) -> None:
    raise TomlProblem(reason, text.count("\n", 0, place.start()) + 1)
