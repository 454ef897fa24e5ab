"""series.csv: one row per accepted step, appended line by line."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any


class Series:
    """Writes rows whose columns are those of the first row. Only one rank makes one."""

    def __init__(self, path: Path, append: bool = False) -> None:
        self.path = path
        self._file: IO[str] = path.open("a+" if append else "x+", newline="", encoding="utf-8", buffering=1)
        self._file.seek(0, 2)
        self._header = self._file.tell() == 0

    def add(self, row: Mapping[str, Any]) -> None:
        """One line, written at once."""
        writer = csv.DictWriter(self._file, list(row), lineterminator="\n")
        if self._header:
            writer.writeheader()
            self._header = False
        writer.writerow(row)

    def text(self) -> str:
        """All that was written."""
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        """End the file."""
        self._file.close()


def rows_before(text: str, step: int) -> str:
    """The header of a series and its rows before `step`, with nothing that was not finished.

    ValueError for any other text.
    """
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:1], *(row for row in lines[1:] if row.endswith("\n") and _step(row) < step)])


def _step(row: str) -> int:
    return int(row.split(",", 1)[0])
