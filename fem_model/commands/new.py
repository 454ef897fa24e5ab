"""`fem-model new`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fem_model.commands._solver import once


def new(name: str | None = None, *, folder: Annotated[Path, Parameter(name="--dir")] = Path()) -> None:
    """Write a case to start from, with comments, to NAME/case.toml; without NAME list the cases there are.

    Parameters
    ----------
    name
        One of the cases that come with the program.
    folder
        Folder in which the folder NAME is made.
    """
    once(lambda: _list_or_write(name, folder))


def _list_or_write(name: str | None, folder: Path) -> None:
    from fem_model.case.shipped import new_case, shipped_cases

    if name is None:
        titles = shipped_cases()
        width = max(map(len, titles))
        for shipped, title in titles.items():
            print(f"{shipped:{width}}  {title}")
        return
    file = new_case(name, folder)
    print(f"written {file}; next: fem-model run {file}")
