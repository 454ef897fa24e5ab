"""`fem-model verify`: runs checks, prints their entries, and writes verify.json and the figures."""

import fem_model._dolfinx_first  # noqa: F401

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from mpi4py import MPI
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from fem_model.base.atomic import make_folder, write_json
from fem_model.base.errors import CHECK_FAILED, FemModelError
from fem_model.base.log import logger
from fem_model.base.terminal import terminal
from fem_model.mesh.parallel import on_root, require_everywhere
from fem_model.plot.saving import save_figure
from fem_model.study.verification.entry import Check, Entry, Report, as_json, failure
from fem_model.study.verification.registry import CHECKS, chosen

COLUMNS = {"expected": 11, "measured": 11, "error": 8, "tolerance": 9, "": 4}
"""Columns after the text, with their least widths."""
WIDTH = 120
"""Width of the tables where they do not go to a terminal."""
OK, FAIL = Text("ok", "green"), Text("FAIL", "bold red")


def list_checks() -> None:
    """Print the name of every check and what it compares with."""
    table = Table("check", "what it compares with")
    for check in CHECKS:
        table.add_row(check.name, check.what)
    terminal().print(table)


def verify(names: Sequence[str], full: bool, out: Path, comm: MPI.Comm, pdf: bool = False) -> int:
    """Run checks, all without names, and return the exit code: 0 if every entry passes, else CHECK_FAILED."""
    checks = chosen(names)
    on_root(comm, lambda: make_folder(out))
    entries: list[Entry] = []
    for check in checks:
        began = time.perf_counter()
        report = _run(check, comm, full)
        entries += report.entries
        if comm.rank == 0:
            _tell(check, report, time.perf_counter() - began)
            write_json(out / "verify.json", [as_json(entry) for entry in entries])
            if report.figure is not None:
                save_figure(report.figure, out / check.name, pdf=pdf)
    failed = sum(not entry.passed for entry in entries)
    if comm.rank == 0:
        verdict = f"{failed} of {len(entries)} entries FAILED" if failed else f"all {len(entries)} entries ok"
        terminal().print(f"{verdict}; written {out / 'verify.json'}", soft_wrap=True)
    return CHECK_FAILED if failed else 0


def _run(check: Check, comm: MPI.Comm, full: bool) -> Report:
    """The report of a check; a failed entry with the reason if it raises.

    Among several ranks only errors of this package that all of them raise are gone on from.
    """
    try:
        return check.run(comm, full)
    except FemModelError as error:
        require_everywhere(comm, error, check.name)
        return Report((failure(check.name, str(error)),))
    except Exception as error:
        if comm.size > 1:
            raise
        logger.exception("%s", check.name)
        return Report((failure(check.name, f"{type(error).__name__}: {error}"),))


def _tell(check: Check, report: Report, seconds: float) -> None:
    """The entries of a check as a table; tables line up with one another."""
    table = Table(title=f"{check.name}, {seconds:.1f} s", title_justify="left", expand=True, box=SIMPLE)
    table.add_column("case", ratio=2)
    table.add_column("quantity", ratio=3)
    for name, width in COLUMNS.items():
        table.add_column(name, justify="right", min_width=width, no_wrap=True)
    for entry in report.entries:
        table.add_row(*_texts(check, entry), OK if entry.passed else FAIL)
    terminal(WIDTH).print(table)


def _texts(check: Check, entry: Entry) -> Iterable[str]:
    variant = entry.name.removeprefix(check.name).lstrip("/")
    quantity = f"{entry.quantity}, {entry.unit}" if entry.unit else entry.quantity
    numbers = f"{entry.expected:.6g}", f"{entry.measured:.6g}", f"{entry.error:.2g}", f"{entry.tolerance:.2g}"
    return variant, quantity, *numbers
