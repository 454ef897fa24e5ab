"""The cases that come with the program, runs/NAME/case.toml of the project, as a start for others."""

import os
from collections.abc import Mapping
from pathlib import Path

import fem_model
from fem_model.base.arguments import path_of
from fem_model.base.atomic import make_folder, write_text
from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest
from fem_model.case.read import parse_toml, read_text

SHIPPED = Path(fem_model.__file__).with_name("runs")
CASE = "case.toml"


def shipped_cases() -> Mapping[str, str]:
    """Titles of the cases that come with the program, by name."""
    files = sorted(SHIPPED.glob(f"*/{CASE}"))
    return {file.parent.name: str(parse_toml(read_text(file)).get("title", "")) for file in files}


def new_case(name: str, folder: str | Path = ".") -> Path:
    """Write a case that comes with the program, comments and all, into `folder`/`name`; the path of the file.

    InputError for a name that is not in `shipped_cases`, for a file that is there already, and for a folder
    that cannot be written to.
    """
    names = list(shipped_cases())
    if name not in names:
        raise InputError(f"{name}: no case of this name. Allowed: {', '.join(names)}.{nearest(name, names)}")
    target = path_of(folder, "folder") / name / CASE
    if os.path.lexists(target):
        raise InputError(f"{target}: is there already; --dir names another folder for {name}")
    make_folder(target.parent)
    write_text(target, read_text(SHIPPED / name / CASE))
    return target
