"""Writes tables, each as a whole: CSV always, Parquet where pyarrow is installed."""

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, NamedTuple

from fem_model.base.atomic import write_bytes, write_text


@dataclass(frozen=True)
class Table:
    """Rows of a kind, and the columns of the kind that have no meaning here."""

    kind: type[NamedTuple]
    rows: Sequence[NamedTuple]
    without: Collection[str] = ()

    @property
    def columns(self) -> list[str]:
        """The names of the columns, each with its unit."""
        return [name for name in self.kind._fields if name not in self.without]

    @property
    def values(self) -> list[list[Any]]:
        """The rows in these columns; None where nothing is known."""
        kept = [self.kind._fields.index(name) for name in self.columns]
        return [[row[k] for k in kept] for row in self.rows]


def save_table(table: Table, stem: Path) -> list[Path]:
    """Write a table as CSV and, if that can be, as Parquet; the paths. None is an empty field."""
    return save_rows(table.columns, table.values, stem)


def save_rows(columns: Sequence[str], values: Sequence[Sequence[object]], stem: Path) -> list[Path]:
    """Write rows under the names of their columns as `save_table` does."""
    paths = [stem.with_name(f"{stem.name}.csv")]
    write_text(paths[0], as_csv(columns, values))
    if find_spec("pyarrow"):
        paths.append(stem.with_name(f"{stem.name}.parquet"))
        write_bytes(paths[1], _as_parquet(columns, values))
    return paths


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Comma-separated text with a line of names."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _as_parquet(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    values = zip(*rows, strict=True) if rows else [() for _ in columns]
    table = import_module("pyarrow").table({k: list(v) for k, v in zip(columns, values, strict=True)})
    data = BytesIO()
    import_module("pyarrow.parquet").write_table(table, data)
    return data.getvalue()
