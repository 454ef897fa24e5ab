"""The checks of cracks pass, on one rank and on two, and see what they are there to see."""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from fem_model.laws import interface
from fem_model.processes import fracture as solver
from fem_model.processes import front
from fem_model.study.verification import neck, persistence, room
from fem_model.study.verification.finger import Finger
from tests.conftest import Mpiexec
from tests.verification.checks import assert_passes, assert_two_ranks_agree, failures

pytestmark = pytest.mark.verification
COMM = MPI.COMM_SELF
NAMES = ["intrusion", "onset", "persistence", "neck", "room"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_check_passes(name: str) -> None:
    assert_passes(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_two_ranks_find_what_one_finds(name: str, mpiexec: Mpiexec, tmp_path: Path) -> None:
    assert_two_ranks_agree(mpiexec, tmp_path, [name])


def test_the_closed_forms_of_a_finger() -> None:
    """0.2 MPa √m and 10 µm: 31.9 MPa, 4.28 mV; a step of λRF/(0.02 V_m P)."""
    finger = Finger(K=0.2, a=10.0, R_ct=10.0, width=6.0)
    assert finger.resistance(10.0) == pytest.approx(4.283e-3, rel=1e-3)
    assert finger.onset() == pytest.approx(0.75 * 4.283e-3 / 1e-3, rel=1e-3)
    assert finger.step_time() == pytest.approx(21_713, rel=1e-3)
    steep = Finger(K=1.0, a=1.0, law="butler-volmer", alpha=0.7)
    assert steep.onset() > Finger(K=1.0, a=1.0, law="butler-volmer", alpha=0.3).onset()
    array = Finger(a=0.5, length="relief", width=20.0)
    assert [array.crack_length(z) for z in (0.1, 1.0, 9.0)] == pytest.approx([0.5, 1.0, 2.538], rel=1e-3)


def test_the_lithium_below_a_height_is_the_integral_of_the_room() -> None:
    heights = np.linspace(room.FRONT, 50 * room.UM, 2001)
    rho = np.gradient(room.taken((0.1, 1.0), heights), heights)
    length = room.ROOM_CHANGE * room.LAM
    for s, expected in ((-length, 0.1 + 0.45 / np.e), (0.0, 0.55), (length, 1 - 0.45 / np.e)):
        assert np.interp(room.CHANGE + s, heights, rho) == pytest.approx(expected, rel=5e-3)


@pytest.mark.slow
def test_a_room_that_changes_in_too_short_a_length_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "ROOM_CHANGE", 1.0)
    assert failures(room.passage(COMM, (1.0, 0.1), 2).entries())


@pytest.mark.slow
def test_the_same_mobility_everywhere_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface, "SLOWEST", 1.0)
    monkeypatch.setattr(neck, "WAY", 10.0)
    assert failures(neck.rest(COMM, Finger(width=9.0, depth=10.0)).entries())


@pytest.mark.slow
def test_a_memory_that_opens_too_much_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "OPEN", (0.1, 0.4))
    assert failures(persistence.reverse(COMM, persistence.SHORT).entries())


@pytest.mark.slow
def test_the_lack_of_a_memory_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "OPEN", (1e3, 2e3))
    assert len(failures(persistence.reverse(COMM, persistence.SHORT).entries())) >= 2
