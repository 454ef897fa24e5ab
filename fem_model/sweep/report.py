"""Writes the results of a sweep: tables of members and pairs, and a figure for each quantity."""

from collections.abc import Sequence
from pathlib import Path

from fem_model.base.atomic import make_own_folder
from fem_model.plot.saving import save_figure
from fem_model.post.writing import save_rows
from fem_model.sweep.figure import Picture
from fem_model.sweep.pairs import COLUMNS, comparisons
from fem_model.sweep.plan import Plan
from fem_model.sweep.results import result_of, table
from fem_model.sweep.spacing import as_file_name
from fem_model.sweep.status import State

FIGURES = "figures"


def save_results(plan: Plan, folder: Path, states: Sequence[State], *, pdf: bool = False) -> list[Path]:
    """Write the results as far as members are complete; the paths. Raises InputError if that cannot be."""
    pairs = zip(plan.members, states, strict=True)
    results = [result_of(plan, folder, member, state) for member, state in pairs]
    compared = comparisons(plan, results)
    make_own_folder(folder)
    make_own_folder(folder / FIGURES)
    paths = save_rows(*table(plan, results), folder / "sweep")
    if compared:
        paths += save_rows(COLUMNS, [one.row for one in compared], folder / "pairs")
    for quantity in plan.quantities:
        first = [one for one in compared if (one.quantity, one.axis) == (quantity.label, plan.varied[0])]
        picture = Picture(plan, quantity, results, first)
        if picture.found:
            paths += save_figure(picture.draw(), folder / FIGURES / as_file_name(quantity.label), pdf=pdf)
    return paths
