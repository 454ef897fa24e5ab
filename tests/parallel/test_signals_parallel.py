"""Signals to mpiexec, which passes them on: all ranks end alike, once, with a checkpoint or nothing saved."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.campaign import Place

RANKS = 2


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("signals"))
    assert place.start(RANKS, place.folder, place.whole(RANKS)).wait(300) == 0
    return place


def steps(out: Path) -> bool:
    return any(out.glob("checkpoint/step-0000000[1-9]"))


def told(
    place: Place, out: Path, numbers: list[signal.Signals], begun: Callable[[Path], bool], delay: float = 0.0
) -> tuple[int, str]:
    """Exit code and output of a run on several ranks to which signals come once it has begun."""
    process = place.start(RANKS, place.folder, out)
    until = time.monotonic() + 60
    while not begun(out) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(delay)
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.02)
    return process.wait(30), out.with_suffix(".txt").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1], ids=lambda n: n.name)
def test_all_ranks_stop_with_a_checkpoint(place: Place, tmp_path: Path, number: signal.Signals) -> None:
    code, said = told(place, tmp_path / "out", [number], steps)
    assert (code, said.count(f"stopped by {number.name}; --resume continues from here")) == (75, 1), said
    assert place.start(RANKS, place.folder, tmp_path / "out", "--resume").wait(60) == 0


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.4, 0.8, 1.2, 1.6, 2.0])
def test_all_ranks_stop_before_the_first_step(place: Place, tmp_path: Path, delay: float) -> None:
    code, said = told(place, tmp_path / "out", [signal.SIGTERM], lambda _: True, delay)
    if not (tmp_path / "out" / "checkpoint").exists():
        assert (code, said.count("fem-model: stopped by SIGTERM")) == (75, 1), said


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_second_signal_ends_all_ranks_at_once(place: Place, tmp_path: Path, number: signal.Signals) -> None:
    code, said = told(place, tmp_path / "out", [number, number], steps)
    assert code != 0, said
    assert place.start(RANKS, place.folder, tmp_path / "out", "--resume").wait(60) == 0
