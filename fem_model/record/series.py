"""series.csv: one row per accepted step, appended line by line."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any


class Series:
    """Writes rows whose columns are those of the first row. Only one rank makes one."""

    def __init__(self, path: Path, append: bool = False) -> None:
        self._file: IO[str] = path.open("a" if append else "w", newline="", encoding="utf-8", buffering=1)
        self._header = not append

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
