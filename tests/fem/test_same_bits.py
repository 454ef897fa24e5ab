"""A reproducible run gives the same bits wherever it was stopped and taken up."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from mpi4py import MPI

from fem_model.record.checkpoint_files import newest
from fem_model.simulation import Simulation
from tests.conftest import Mpiexec
from tests.fem.cases import NUCLEUS, case
from tests.fem.test_resume import RUNS, SMALL, stop_after

EXACT = {"solver.reproducible": True, "output.checkpoint_steps": 4}
RUN = {**SMALL, **RUNS["cycling, chemical, parabolic"], **EXACT, "time": {"end": "50 s", "outputs": 1}}


SCRIPT = """
import sys
from mpi4py import MPI
from tests.fem.cases import NUCLEUS, case
from tests.fem.test_resume import stop_after
from tests.fem.test_same_bits import RUN
from fem_model import Simulation
from fem_model.numerics import release

folder, *stops = sys.argv[1:]
for stop in [*map(int, stops), 1000]:
    run = Simulation(case(NUCLEUS, RUN), MPI.COMM_WORLD, folder, resume=True)
    summary = run.run(stop_after(stop))
    watched = len(release._watched)
    assert watched <= 4, f"{watched} meshes are kept"
assert summary["status"] == "finished"
"""
"""Runs into a folder, and stops so many steps after each start."""


def bits(folder: Path) -> dict[str, bytes]:
    """Content of the files of a run that does not tell the time of day."""
    saved = newest(folder / "checkpoint")
    assert saved
    parts = {f"{k} {name}": values for k, part in enumerate(saved.parts()) for name, values in part.items()}
    with h5py.File(folder / "fields.h5") as file:
        file.visititems(lambda name, node: parts.update({name: node[()]} if hasattr(node, "dtype") else {}))
    texts = {name: (folder / name).read_bytes() for name in ("series.csv", "case.toml", "fields.xdmf")}
    return {name: np.asarray(values).tobytes() for name, values in parts.items()} | texts


@pytest.mark.parametrize("stops", [pytest.param((2, 6), marks=pytest.mark.slow), (5, 3)])
def test_a_run_that_was_stopped_ends_with_the_same_bits(tmp_path: Path, stops: tuple[int, ...]) -> None:
    for folder, each in {"whole": (1000,), "broken": (*stops, 1000)}.items():
        for stop in each:
            run = Simulation(case(NUCLEUS, RUN), MPI.COMM_SELF, tmp_path / folder, resume=True)
            summary = run.run(stop_after(stop))
        assert summary["status"] == "finished"
        assert run.clock.step > 2 * EXACT["output.checkpoint_steps"]
        log = (tmp_path / folder / "run.log").read_text()
        assert log.count("resumed at") == log.count("begin anew") - 1 < len(each), "once in each session"
    assert bits(tmp_path / "broken") == bits(tmp_path / "whole")


@pytest.mark.slow
def test_two_ranks_give_the_same_bits_each_time(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(SCRIPT)
    for words in (["whole"], ["broken", "5", "6"]):
        done = mpiexec(2, ["-m", "mpi4py", tmp_path / "run.py", tmp_path / words[0], *words[1:]])
        assert done.returncode == 0, done.stdout
    assert bits(tmp_path / "broken") == bits(tmp_path / "whole")
