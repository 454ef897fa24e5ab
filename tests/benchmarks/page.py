"""The page docs/benchmarks.md, written from what each part last gave, and its pictures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from matplotlib import rc_context
from matplotlib.figure import Figure

from fem_model.plot.saving import save_picture
from fem_model.plot.style import STYLE
from tests.benchmarks.child import ROOT
from tests.benchmarks.result import Part, Result

RESULTS = ROOT / "docs" / "benchmarks"
PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

    make bench                    # all parts; under an hour on two idle cores
    make bench PART=steps         # one part

measures the parts below and writes this page with what they gave last. The cases are frozen copies in
`tests/benchmarks/cases`, so that figures of different days compare the program, not its settings. Times are
processor seconds (user and system) of processes of their own, on one thread. Ratios are measured side by
side in one run. The peers NGSolve, scikit-fem and pyamg come with `pip install -e ".[bench]"`; what is
missing is left out and said.
"""


def write_page(parts: Sequence[Part]) -> None:
    """Write the page of those parts that have been measured."""
    kept = [(part, RESULTS / f"{part.name}.json") for part in parts]
    sections = [section(part, Result.read(path)) for part, path in kept if path.exists()]
    PAGE.write_text("\n".join([HEAD, *sections]), encoding="utf-8")


def section(part: Part, found: Result) -> str:
    """A part of the page, with its picture."""
    when = f"{found.day}, {found.machine}; {found.wall_s / 60:.1f} min."
    parts = [f"## {part.title} (`{part.name}`)", part.shows, *(table.as_markdown() for table in found.tables)]
    if part.curves:
        parts.append(picture(part, found, part.curves))
    return "\n\n".join([*parts, part.not_shown, when]) + "\n"


def picture(part: Part, found: Result, columns: tuple[str, str, str]) -> str:
    """Error over core-seconds of each series, drawn and as CSV; the line that shows it."""
    table, curves = found.tables[0], defaultdict[str, list[tuple[float, float]]](list)
    places = [list(table.head).index(name) for name in columns]
    for row in table.rows:
        series, seconds, error = (row[place] for place in places)
        if isinstance(seconds, float) and isinstance(error, float):
            curves[str(series)].append((seconds, error))
    save_picture(drawn(curves, columns), RESULTS / f"{part.name}.png")
    (RESULTS / f"{part.name}.csv").write_text(table.as_csv(), encoding="utf-8")
    stem = f"benchmarks/{part.name}"
    return f"![{columns[2]} over {columns[1]}]({stem}.png)\n\n[{part.name}.csv]({stem}.csv)"


@rc_context(STYLE)
def drawn(curves: Mapping[str, Sequence[tuple[float, float]]], columns: tuple[str, str, str]) -> Figure:
    """A line for each series on logarithmic axes."""
    figure = Figure(figsize=(5.0, 3.2), layout="constrained")
    axes = figure.subplots()
    for name, points in curves.items():
        axes.loglog(*zip(*sorted(points), strict=True), "o-", label=name)
    axes.set(xlabel=columns[1], ylabel=columns[2])
    axes.legend()
    return figure
