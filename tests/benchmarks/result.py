"""What the parts of the benchmarks give: tables, kept as JSON beside the page that shows them."""

import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import fem_model
from fem_model.base.atomic import make_folder, write_json
from fem_model.base.machine import machine_memory

Cell = str | float | int | None


@dataclass(frozen=True)
class Table:
    """A table of a part. Numbers are as measured; `text` rounds them."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def as_markdown(self) -> str:
        """Lines of a Markdown table below its caption."""
        rule = ["---", *["---:"] * (len(self.head) - 1)]
        lines = [self.head, rule, *([text(cell) for cell in row] for row in self.rows)]
        return f"{self.caption}:\n\n" + "".join("| " + " | ".join(line) + " |\n" for line in lines)

    def as_csv(self) -> str:
        """The table for other programs."""
        lines = [self.head, *([("" if cell is None else str(cell)) for cell in row] for row in self.rows)]
        return "".join(",".join(part.replace(",", ";") for part in line) + "\n" for line in lines)


def text(cell: Cell) -> str:
    """A cell as people read it: three digits of a number, a dash for what is not there."""
    if cell is None:
        return "–"
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)


@dataclass(frozen=True)
class Part:
    """A part of the benchmarks: its name on the command line, what it shows, what it does not, its work.

    A part whose `curves` names columns (series, core-seconds, error) of its first table is drawn as well.
    """

    name: str
    title: str
    shows: str
    not_shown: str
    measure: Callable[[], Sequence[Table]]
    curves: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Result:
    """What a part gave, when, where, and how long it took (s of wall time)."""

    tables: Sequence[Table]
    machine: str
    day: str
    wall_s: float

    def write(self, path: Path) -> None:
        """Keep as JSON."""
        make_folder(path.parent)
        write_json(path, asdict(self))

    @classmethod
    def read(cls, path: Path) -> "Result":
        """What `write` has kept."""
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**found, "tables": [Table(**table) for table in found["tables"]]})


def result(tables: Sequence[Table], wall_s: float) -> Result:
    """Tables measured now, on this machine."""
    return Result(tables, machine(), date.today().isoformat(), wall_s)


def machine() -> str:
    """Processor, memory, versions, and what else was at work, in a line."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    memory = f"{machine_memory() / 2**30:.0f} GiB"
    versions = f"Python {platform.python_version()}, fem_model {fem_model.__version__}"
    load = f"load {os.getloadavg()[0]:.1f} of {len(names)} at the end"
    return f"{len(names)} × {names[0]}, {memory}, {versions}, {load}"
