"""What all tests share: caches of their own, Python on several MPI ranks, and a share of the tests."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

START = time.monotonic()

Mpiexec = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", metavar="K/N", help="run every N-th test, from the K-th on; K may exceed N")
    parser.addoption("--minutes", type=float, help="skip the tests that are left after so many minutes")


@pytest.hookimpl(trylast=True)  # of what is left by -m
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if asked := config.getoption("--share"):
        chosen = share(items, asked)
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen


def pytest_report_header(config: pytest.Config) -> str | None:
    if asked := config.getoption("--share"):
        number, count = map(int, asked.split("/"))
        return f"share {number % count} of {count} (counted from 0)"
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    minutes = item.config.getoption("--minutes")
    if minutes is not None and time.monotonic() - START > 60 * minutes:
        pytest.skip(f"not within {minutes:g} minutes")


def share[Item](items: Sequence[Item], asked: str) -> Sequence[Item]:
    """Share K of N, asked for as "K/N": N shares with numbers in a row hold everything once."""
    number, count = map(int, asked.split("/"))
    return items[number % count :: count]


@pytest.fixture(scope="session", autouse=True)
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Generated meshes go to a temporary folder; child processes find the package, on one thread each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEM_MODEL_MESHES", str(tmp_path_factory.mktemp("meshes")))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session", autouse=True)
def _imported_is_no_garbage() -> None:
    """What has been imported is left out of every later collection, which is then fast."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _garbage() -> Iterator[None]:
    """Meshes and solvers of a module are freed: they keep communicators, of which a process has 2000."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def mpiexec() -> Mpiexec:
    """`mpiexec(n, args, timeout=120, cwd=None)` runs `python args...` on n ranks, stderr in stdout.

    `args` is ["-m", "fem_model", ...] or [script, ...]. The exit code is the caller's to check; past the
    time-out every rank is killed and the test fails.
    """
    mpi = launcher()

    def run(
        n: int, args: Sequence[str | Path], timeout: float = 120.0, cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        return run_group([mpi, "-n", str(n), sys.executable, *map(str, args)], timeout, cwd)

    return run


def launcher() -> str:
    """The mpiexec beside this Python (the one its mpi4py was built with), else the one on the PATH."""
    launcher = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")
    if launcher is None:
        pytest.fail("mpiexec was found neither beside this Python nor on the PATH")
    return launcher


def run_group(command: Sequence[str], timeout: float, cwd: Path | None) -> "subprocess.CompletedProcess[str]":
    """Run a command as the head of its own process group, which is killed as a whole past the time-out."""
    with subprocess.Popen(
        command,
        cwd=cwd,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=timeout)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            output, _ = process.communicate()
            pytest.fail(f"no end after {timeout:g} s: {' '.join(command)}\n{output}")
        return subprocess.CompletedProcess(command, process.returncode, output)
