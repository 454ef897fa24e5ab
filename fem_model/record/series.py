"""series.csv: one row per accepted step, appended line by line."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from fem_model.base.atomic import write_text
from fem_model.base.errors import InputError
from fem_model.readers.files import text_of


class Series:
    """Writes rows whose columns are those of the first row. Only one rank makes one."""

    def __init__(self, path: Path, append: bool = False) -> None:
        self._file: IO[str] = path.open("a" if append else "x", newline="", encoding="utf-8", buffering=1)
        self._header = self._file.tell() == 0

    @staticmethod
    def cut(path: Path, step: int) -> None:
        """Take away the rows from `step` on, and a last line that was not finished.

        InputError for any other text.
        """
        lines = text_of(path).splitlines(keepends=True)
        try:
            kept = [row for row in lines[1:] if row.endswith("\n") and int(row.split(",", 1)[0]) < step]
        except ValueError as error:
            raise InputError(f"{path}: cannot be read: {error}") from None
        write_text(path, "".join([*lines[:1], *kept]))

    def add(self, row: Mapping[str, Any]) -> None:
        """One line, written at once."""
        writer = csv.DictWriter(self._file, list(row), lineterminator="\n")
        if self._header:
            writer.writeheader()
            self._header = False
        writer.writerow(row)

    def close(self) -> None:
        """End the file."""
        self._file.close()
