"""The memory of a run: what the system counts, and what the dry run said of it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from fem_model.case import derive, load_case
from fem_model.record.memory import peak_memory
from tests.fem.cases import NUCLEUS, toml

Mpiexec = Callable[..., "CompletedProcess[str]"]
PAGES = 1_000_000
"""Bytes that the interpreter may take beside, for its tables of pages, say."""
FACTOR = 1.5
"""To which the estimate is to be right."""
SOLID = {
    "microstructure": NUCLEUS["microstructure"] | {"breadth": "12 um"},
    "mesh": {"cell_size_front": "0.5 um", "cell_size_bulk": "2 um", "front_height": "7 um"},
    "anode.initial.nuclei": [{"position": "6 um", "across": "6 um", "radius": "2.5 um"}],
    "time": {"end": "20 s", "outputs": 1},
}
LARGER = SOLID | {"mesh": SOLID["mesh"] | {"cell_size_front": "0.3 um"}}


def test_the_peak_rises_by_what_is_taken_and_does_not_fall() -> None:
    before = peak_memory()
    more = before + 100_000_000
    block = bytearray(more)
    block[::4096] = b"1" * len(block[::4096])
    assert more < peak_memory() < more + before + PAGES
    del block
    assert peak_memory() > more


@pytest.mark.parametrize("changes", [SOLID, pytest.param(LARGER, marks=pytest.mark.slow)])
def test_the_dry_run_estimates_the_memory_of_a_run_in_3d(
    mpiexec: Mpiexec, tmp_path: Path, changes: dict[str, object]
) -> None:
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, changes))
    done = mpiexec(1, ["-m", "fem_model", "run", tmp_path / "case.toml"], timeout=300)
    assert done.returncode == 0, done.stdout
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    peak = summary["peak_memory_B"]
    assert summary["memory_per_unknown_B"] == peak / summary["num_dofs"]
    estimate = derive(load_case(tmp_path / "case.toml")).memory_bytes
    assert 1 / FACTOR < peak / estimate < FACTOR
    [gigabytes] = re.findall(r"memory ([\d.]+) GB at most, [\d.e+]+ kB for each unknown", done.stdout)
    assert float(gigabytes) == pytest.approx(peak / 1e9, rel=0.06)
