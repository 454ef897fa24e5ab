"""Checks of what a script hands to the public names, so that a slip is named where it happens."""

import os
from pathlib import Path

from fem_model.base.errors import InputError


def require(value: object, kind: type | tuple[type, ...], name: str, wanted: str) -> None:
    """InputError unless an argument is of a type, or of one of several; `wanted` says which."""
    if not isinstance(value, kind):
        raise InputError(f"{name} must be {wanted}, not {value!r} ({type(value).__name__})")


def path_of(value: object, name: str) -> Path:
    """A path from an argument. InputError unless it is one, or text."""
    require(value, (str, os.PathLike), name, "text or a Path")
    return Path(value)  # type: ignore[arg-type]
