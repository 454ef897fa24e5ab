"""Signals from the first moment on: a checkpoint and exit code 75, or a clean stop with nothing saved."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from fem_model.base.signals import ASKING, Stopped, signals
from tests.command import call
from tests.fem.cases import NUCLEUS, toml

CODES: list[int] = []
"""Exit codes with which the second thread would have ended the process."""


@contextmanager
def heard() -> Iterator[None]:
    """The signals of this process are heard as in one of its own."""
    before = {number: signal.getsignal(number) for number in ASKING}
    CODES.clear()
    try:
        with signals.heard(CODES.append):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEM_MODEL_MESHES", str(tmp_path / "meshes"))
    (tmp_path / "case.toml").write_text(toml(NUCLEUS, {"time": {"end": "2 min", "outputs": 1}}))
    return tmp_path / "case.toml"


def at(place: str, number: int, monkeypatch: pytest.MonkeyPatch, times: int = 1) -> None:
    """Have a signal come at the end of the first call of a function, module:function or module:class.name."""
    module, _, path = place.partition(":")
    *parents, last = path.split(".")
    owner: Any = import_module(module)
    for parent in parents:
        owner = getattr(owner, parent)
    whole, left = getattr(owner, last), [number] * times

    @wraps(whole)
    def interrupted(*words: Any, **options: Any) -> Any:
        result = whole(*words, **options)
        while left:
            os.kill(os.getpid(), left.pop())
        return result

    monkeypatch.setattr(owner, last, interrupted)


@pytest.mark.parametrize(
    ("number", "place"),
    [
        (signal.SIGUSR1, "fem_model.tasks.run:load_case"),
        (signal.SIGTERM, "fem_model.mesh.builder:_worst_quality"),
        (signal.SIGHUP, "fem_model.mesh.builder:_worst_quality"),
        (signal.SIGINT, "dolfinx.jit:ffcx_jit"),
    ],
    ids=["reading", "meshing", "meshing, terminal closed", "compiling"],
)
def test_before_the_first_step_it_ends_and_says_that_nothing_was_saved(
    case: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    number: signal.Signals,
    place: str,
) -> None:
    at(place, number, monkeypatch)
    with heard():
        assert call(["run", case], monkeypatch) == 75
    assert capfd.readouterr().err == f"fem-model: stopped by {number.name}; nothing was saved\n"
    assert not list(case.parent.rglob(".*.msh")), "a mesh that was being written is left behind"
    assert CODES == []
    assert call(["run", case], monkeypatch) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_within_a_step_it_ends_after_it_with_a_checkpoint(
    case: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    at("fem_model.engine.march:March.step", number, monkeypatch)
    with heard():
        assert call(["run", case], monkeypatch) == 75
    said = capfd.readouterr()
    assert f"{number.name}: the run stops after this step" in said.err
    assert f"stopped by {number.name}; --resume continues from here" in said.out
    assert call(["run", case, "--resume"], monkeypatch) == 0


def test_a_signal_ends_the_drawing_of_figures_but_not_the_run(
    case: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "import os, signal, time; os.kill(os.getppid(), signal.SIGUSR1); time.sleep(9)"
    command = [sys.executable, "-c", script]
    monkeypatch.setattr("fem_model.tasks.run.python_module", lambda *_: command)
    with heard():
        assert call(["run", case, "--set", "output.figures=true"], monkeypatch) == 0
    assert f"later: fem-model post {case.parent / 'out'}\n" in capfd.readouterr().out


def test_figures_have_a_time_limit(
    case: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("fem_model.tasks.run.FIGURES_TIMEOUT", 0.01)
    assert call(["run", case, "--set", "output.figures=true"], monkeypatch) == 0
    out = capfd.readouterr().out
    assert "no figures were drawn (not within 0.01 s;" in out
    assert f"later: fem-model post {case.parent / 'out'}\n" in out


def test_a_second_signal_ends_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with heard(), signals.noted("wait"):
        os.kill(os.getpid(), signal.SIGINT)
        until(lambda: capfd.readouterr().err == "fem-model: SIGINT: wait\n")
        assert (signals.received, CODES) == (signal.SIGINT, [])
        os.kill(os.getpid(), signal.SIGINT)
        until(lambda: CODES == [75])


def test_the_first_signal_ends_at_once_while_the_main_thread_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Gmsh, from which no handler is called."""
    monkeypatch.setattr("fem_model.base.signals.BUSY", 0.1)
    seen: list[list[int]] = []
    with heard(), pytest.raises(BaseException, match="stopped by SIGTERM"):
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
        threading.Timer(0.4, lambda: seen.append(CODES.copy())).start()
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000)
    assert seen == [[75]]


@pytest.mark.parametrize("other", [signal.SIGUSR2, 200], ids=["another handler's", "no signal"])
def test_what_else_wakes_it_delays_no_end(monkeypatch: pytest.MonkeyPatch, other: int) -> None:
    """A signal that asks to stop ends what does not end of itself in time, whatever comes meanwhile."""
    monkeypatch.setattr("fem_model.base.signals.LONGEST", 0.2)
    with heard(), pytest.raises(Stopped):
        sink = signal.set_wakeup_fd(-1)
        signal.set_wakeup_fd(sink, warn_on_full_buffer=False)
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.write(sink, bytes([other]))
            until(lambda: CODES == [75])


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


LOADED = """
import os
from fem_model.base.signals import ASKING, Stopped, signals

def check():
    for number in ASKING:
        signals.received = 0
        os.kill(os.getpid(), number)
        assert signals.received == number, number

with signals.heard(lambda code: None), signals.noted(""):
    import fem_model._dolfinx_first
    check()
    from fem_model.mesh.gmsh_session import gmsh_session
    with gmsh_session():
        check()
"""


def test_libraries_that_take_signals_leave_them() -> None:
    """UCX, which comes with MPI, takes SIGHUP and SIGUSR1, and Gmsh SIGTERM and SIGHUP."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
