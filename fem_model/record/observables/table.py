"""docs/series.md: all columns of series.csv in a table. `make docs` writes it."""

from fem_model.record.observables.column import Column
from fem_model.record.observables.registry import OBSERVABLES

HEAD = """# The columns of series.csv

One row for the start and one for each accepted step; where a stage of a protocol ends and the next one
begins, one for each of the two. All values are in SI units. `<phase>` stands for an electrolyte, by the
letters and digits of its name (`LPSC10`): there is one such column for each. All columns but those marked †
are quantities of `fem-model converge`.

| column | unit | what it is | only if |
|---|---|---|---|
"""


def document() -> str:
    """The text of docs/series.md."""
    return HEAD + "".join(_line(column) for group in OBSERVABLES for column in group.columns)


def _line(column: Column) -> str:
    mark = "" if column.is_result else " †"
    cells = f"`{column.name}`{mark}", column.unit, column.meaning.replace("|", r"\|"), column.when.words
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    print(document(), end="")
