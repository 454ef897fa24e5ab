"""Voids, a film and an island on two ranks as on one, also where the number of ranks changes on the way."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from tests.fem.cases import NUCLEUS, toml
from tests.fem.test_contact import R_CT, drive, layers
from tests.fem.test_resume import NOT_COMPARED, series

Mpiexec = Callable[..., "CompletedProcess[str]"]

SCRIPT = """
import sys
from pathlib import Path

from mpi4py import MPI

from tests.fem.test_resume import RUNS, started, stop_after

current, end, *runs = sys.argv[1:]
changes = RUNS["cycling, chemical, parabolic"] | {
    "microstructure.width": "24 um",
    "anode.initial.nuclei": [{"position": "12 um", "radius": "2 um"}],  # lithium in both materials
    "drive": {"mode": "galvanostatic", "current": current},
    "time": {"end": end, "outputs": 1, "front_step": 0.1},
}
for folder, how in zip(runs[::2], runs[1::2]):
    run = started(changes, Path(folder), MPI.COMM_WORLD, resume=how == "resume")
    run.run(*([stop_after(3)] if how == "stop" else []))
    assert run.model.voids and run.model.interphase and run.model.metal.floats
    assert all(face.at_face.any() for face in run.model.voids.faces), "each rank has a part of both faces"
"""
CURRENTS = {"counter": "1 mA/cm^2", "anode": "-1 mA/cm^2"}
"""By the face that loses contact."""
END = "1 min"


def check_same(expected: Path, found: Path) -> None:
    """Each column to 1e-8 of its largest value."""
    one, other = series(expected), series(found)
    assert len(other) == len(one) > 4
    for key in set(one[0]) - NOT_COMPARED:
        values = np.array([row[key] for row in one])
        rows = np.array([row[key] for row in other])
        np.testing.assert_allclose(rows, values, rtol=0, atol=1e-8 * abs(values).max(), err_msg=key)


@pytest.mark.slow
@pytest.mark.parametrize("face", CURRENTS)
def test_two_ranks_do_not_change_it_nor_does_a_change_of_their_number(
    face: str, mpiexec: Mpiexec, tmp_path: Path
) -> None:
    """From one rank to two, and from two to one."""
    (tmp_path / "run.py").write_text(SCRIPT)
    one, two, more, fewer = (tmp_path / name for name in ("one", "two", "more", "fewer"))
    for ranks, *runs in (
        (1, one, "whole", more, "stop"),
        (2, two, "whole", more, "resume", fewer, "stop"),
        (1, fewer, "resume"),
    ):
        command = ["-m", "mpi4py", tmp_path / "run.py", CURRENTS[face], END, *runs]
        done = mpiexec(ranks, command, timeout=400, cwd=tmp_path)
        assert done.returncode == 0, done.stdout
    last = series(one)[-1]
    assert min(last[key] for key in ("interphase_foil_m", f"void_largest_{face}_m", "islands")) > 0
    for folder in (two, more, fewer):
        check_same(one, folder)


@pytest.mark.slow
def test_voids_in_3d_are_the_same_on_two_ranks(mpiexec: Mpiexec, tmp_path: Path) -> None:
    """Both faces lose contact, unevenly: one half has a third of the resistance of the other."""
    steps = drive("strip at 1 mA/cm^2 for 60 s", "plate at 1 mA/cm^2 for 180 s")
    sides = {"width": "16 um", "breadth": "2 um", "depth": "9 um"}  # each rank has a part of both faces
    solid = {f"microstructure.{side}": size for side, size in sides.items()}
    changes = layers(R_CT / 3, R_CT, **steps, voids={"thickness": "0.3 um"}) | solid
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, changes))
    for n in (1, 2):
        command = ["-m", "fem_model", "run", tmp_path / "case.toml", "--out", tmp_path / str(n)]
        done = mpiexec(n, command, timeout=400)
        assert done.returncode == 0, done.stdout
    rows = series(tmp_path / "1")
    for face in CURRENTS:
        assert max(row[f"void_largest_{face}_m"] for row in rows) > 0.1e-6
        assert max(row[f"current_focusing_{face}"] for row in rows) > 1.2
    check_same(tmp_path / "1", tmp_path / "2")


DISC = """
from mpi4py import MPI

from fem_model.study.verification.disc_contact import disc_entries

for entry in disc_entries(MPI.COMM_WORLD, "contact", False):
    assert entry.passed, entry
"""


@pytest.mark.slow
def test_the_disc_of_verify_contact_passes_on_two_ranks(mpiexec: Mpiexec, tmp_path: Path) -> None:
    (tmp_path / "disc.py").write_text(DISC)
    done = mpiexec(2, ["-m", "mpi4py", tmp_path / "disc.py"], timeout=300)
    assert done.returncode == 0, done.stdout
