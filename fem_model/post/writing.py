"""Writes tables, each as a whole: CSV always, Parquet where pyarrow is installed."""

import csv
from collections.abc import Collection, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO, StringIO
from pathlib import Path
from typing import NamedTuple

from fem_model.base.atomic import write_bytes, write_text


def save_table(
    rows: Sequence[NamedTuple], kind: type[NamedTuple], stem: Path, leave_out: Collection[str] = ()
) -> list[Path]:
    """Write rows of a kind as CSV and, if that can be, as Parquet; the paths. None is an empty field.

    `leave_out` names columns that are not written.
    """
    kept = [k for k, name in enumerate(kind._fields) if name not in leave_out]
    columns, values = [kind._fields[k] for k in kept], [[row[k] for k in kept] for row in rows]
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
