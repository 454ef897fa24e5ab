"""Runs `fem-model post`: tables, figures, a comparison, and a short summary."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table

from fem_model.base.atomic import make_folder, make_own_folder
from fem_model.base.outcome import landmarks
from fem_model.base.terminal import terminal
from fem_model.plot.style import time_unit
from fem_model.post.analysis import Analysis
from fem_model.post.compare import save_comparison
from fem_model.post.fates import FATES
from fem_model.post.figures import ALL, comparable, save_figures
from fem_model.post.load import load_run
from fem_model.post.tables import CHARGES, TABLES, FrontRow, front_rows
from fem_model.post.writing import save_table
from fem_model.record.observables.column import Column
from fem_model.record.observables.lithium import LI_SHARE
from fem_model.record.observables.plating import CURRENT_SHARE
from fem_model.record.observables.voltage import FRONT_PARTS, PARTS, VOLTAGE


def _line(column: Column, indent: str = "") -> tuple[str, str, float, str]:
    """A line of the summary for a column of the series."""
    unit, factor = column.on_paper
    return f"{indent}{column.label}", column.stem, factor, unit


SUMMARY = (
    ("highest point", "tip_m", 1e6, "µm"),
    ("highest tip standing in it", "own_tip_m", 1e6, "µm"),
    ("tips", "tips", 1.0, ""),
    ("length of front", "front_length_m", 1e6, "µm"),
    ("  within λ of grain boundaries", "front_length_at_boundaries_m", 1e6, "µm"),
    ("  isolated from the anode", "front_length_cut_off_m", 1e6, "µm"),
    ("area of front", "front_area_m2", 1e12, "µm²"),
    ("  within λ of grain boundaries", "front_area_at_boundaries_m2", 1e12, "µm²"),
    ("  isolated from the anode", "front_area_cut_off_m2", 1e12, "µm²"),
    ("pieces of lithium on the anode", "pieces", 1.0, ""),
    ("  isolated from it", "pieces_cut_off", 1.0, ""),
    ("way to the highest tip", "way_m", 1e6, "µm"),
    ("  its tortuosity", "tortuosity", 1.0, ""),
    ("  its share along grain boundaries", "way_share", 1.0, ""),
    ("branchings", "skeleton_branchings", 1.0, ""),
    ("electrolyte enclosed by lithium", "enclosed_area_m2", 1e12, "µm²"),
    ("electrolyte enclosed by lithium", "enclosed_volume_m3", 1e18, "µm³"),
    ("  grains, by more than half", "enclosed_grains", 1.0, ""),
    ("mean height", "mean_height_m", 1e6, "µm"),
    ("roughness", "roughness_m", 1e6, "µm"),
    *map(_line, (LI_SHARE, CURRENT_SHARE)),
    *((f"share of the charge in the {part}", f"charge_share_{part}", 1.0, "") for part in CHARGES),
    _line(VOLTAGE),
    *(_line(part, "  ") for part in (*PARTS, *FRONT_PARTS)),
)
"""Lines of the summary: what it says, quantity of fronts.csv, factor and unit."""


def post(
    folders: Sequence[Path], *, paraview: bool = False, pdf: bool = False, out: Path | None = None
) -> None:
    """Measure and draw runs; several in 2D also side by side, into `out` or the figures of the first.

    InputError if a folder is not that of a run, or one for results cannot be made, before anything is
    written.
    """
    analyses = [Analysis(load_run(folder)) for folder in folders]
    for analysis in analyses:
        _ = analysis.attached, analysis.grain_shares
    compared = [out or folders[0] / "figures"] if comparable([a.run for a in analyses]) else []
    for target in (folder / name for folder in folders for name in ("post", "figures")):
        make_own_folder(target)
    for target in compared:
        make_folder(target)
    for analysis in analyses:
        rows = front_rows(analysis)
        terminal().print(summary(analysis, rows))
        tell([*dendrites(analysis), *landmarks(analysis.run.summary or {})])
        tell(save_tables(analysis))
        tell(save_figures(analysis, ALL, pdf=pdf))
        if paraview:
            tell(_save_for_paraview(analysis))
    for target in compared:
        tell(save_comparison(analyses, target, pdf=pdf))


def save_tables(analysis: Analysis) -> list[Path]:
    """Write fronts, tips, grains and, with reactions, alloy into the folder `post` of a run; the paths."""
    target = analysis.run.folder / "post"
    make_own_folder(target)
    kept = [name for name in TABLES if name != "alloy" or analysis.run.case.reactions]
    return [path for name in kept for path in save_table(TABLES[name](analysis), target / name)]


def _save_for_paraview(analysis: Analysis) -> list[Path]:
    from fem_model.post.paraview import save_for_paraview

    return save_for_paraview(analysis, analysis.run.folder / "post")


def summary(analysis: Analysis, rows: Iterable[FrontRow]) -> Table:
    """The last output in a few numbers, over all and by electrolyte."""
    run = analysis.run
    unit, seconds = time_unit(run.end)
    last = {(row.quantity, row.material): row.value for row in rows if row.time_s == run.times[-1]}
    table = Table(f"{run.folder} at {run.times[-1] / seconds:.3g} {unit}", "overall", *run.names)
    for column in table.columns[1:]:
        column.justify = "right"
    for label, quantity, factor, dimension in SUMMARY:
        values = [last.get((quantity, name)) for name in ("", *run.names)]
        if any(value is not None for value in values):
            texts = ["" if value is None else f"{factor * value:.4g}" for value in values]
            table.add_row(f"{label} ({dimension})" if dimension else label, *texts)
    return table


def dendrites(analysis: Analysis) -> list[str]:
    """Fates of dendrites and their arms by the last output, in one sentence each."""
    fates = analysis.fates[-1]
    counted = (("dendrites", fates.by_dendrite), ("arms", fates.by_arm))
    return [f"{what}: {_counts(found)}" for what, found in counted if any(found)]


def _counts(fates: Sequence[str | None]) -> str:
    return ", ".join(f"{fates.count(fate)} {words}" for fate, words in FATES.items() if fate in fates)


def tell(lines: Iterable[object]) -> None:
    """Print lines, such as the files that were written."""
    for line in lines:
        print(line)
