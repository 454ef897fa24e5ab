"""series.csv: one row per accepted step, appended line by line."""

import csv
import os
from collections.abc import Mapping
from errno import ENOENT
from pathlib import Path
from typing import IO, Any

from fem_model.base.atomic import writing


class Series:
    """Writes rows whose columns are those of the first row. Only one rank makes one."""

    def __init__(self, path: Path, append: bool = False) -> None:
        self.path = path
        self._file: IO[str] = path.open("a+" if append else "x+", newline="", encoding="utf-8", buffering=1)
        self._file.seek(0, 2)
        self._header = self._file.tell() == 0

    def add(self, row: Mapping[str, Any]) -> None:
        """One line, written at once. OutputError if it cannot be."""
        writer = csv.DictWriter(self._file, list(row), lineterminator="\n")
        with writing(self.path):
            if self._header:
                writer.writeheader()
                self._header = False
            writer.writerow(row)

    def text(self) -> str:
        """All that was written. OutputError if somebody has removed or replaced the file."""
        with writing(self.path):
            if not os.path.samestat(self.path.stat(), os.fstat(self._file.fileno())):
                raise FileNotFoundError(ENOENT, "it was replaced while the run was writing to it")
            self._file.seek(0)
            return self._file.read()

    def close(self) -> None:
        """End the file."""
        with writing(self.path):
            self._file.close()


def rows_before(text: str, step: int) -> str:
    """The header of a series and its rows before `step`, with nothing that was not finished.

    ValueError for any other text.
    """
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:1], *(row for row in lines[1:] if row.endswith("\n") and _step(row) < step)])


def _step(row: str) -> int:
    return int(row.split(",", 1)[0])
