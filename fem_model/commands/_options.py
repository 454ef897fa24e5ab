"""Options that several commands have, and the checks that every word of a command line passes."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fem_model.base.errors import InputError


def usable(_: object, value: object) -> None:
    """InputError for text that is not UTF-8, and for a path that cannot be looked up."""
    try:
        if isinstance(value, str | Path):
            str(value).encode()
        if isinstance(value, Path):
            value.exists()
    except UnicodeEncodeError:
        raise InputError(f"{value}: is not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"{value}: {error.strerror}") from None


def _each_once(_: object, texts: list[str] | None) -> None:
    if not texts:
        return
    from fem_model.case.overrides import overrides, require_each_once

    require_each_once(overrides(texts))


Set = Annotated[
    list[str] | None, Parameter(name="--set", negative=(), show_default=False, validator=_each_once)
]
Texts = Annotated[list[str] | None, Parameter(negative=(), show_default=False)]
Flag = Annotated[bool, Parameter(negative=(), show_default=False)]
Pdf = Annotated[Flag, Parameter(help="Write the figures as PDF as well.")]
Force = Annotated[Flag, Parameter(help="Replace the results that are in the folder.")]
