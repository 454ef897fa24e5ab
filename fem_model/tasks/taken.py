"""Prints the contents of an imported file: the same from every command."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from fem_model.base.terminal import terminal
from fem_model.case import Case
from fem_model.case.imported import Imported, box_and_current


def show_taken(case: Case) -> None:
    """Print what was taken from the file of a case, if its microstructure is in one."""
    if isinstance(case.microstructure, Imported):
        _show(case.microstructure.taken())


def show_mesh_taken(path: Path, cells: int, extent: Sequence[float], notes: Sequence[str]) -> None:
    """Print what was taken from a .msh file that has no case; `extent` is in µm."""
    kind = "triangles" if len(extent) == 2 else "tetrahedra"
    content = "; ".join([f"{path}: {cells} {kind}, lengths in um", *notes])
    _show([content, *box_and_current([1e-6 * size for size in extent], "the last axis of the file")])


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        terminal().print(line, soft_wrap=True)
