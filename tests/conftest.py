"""What all tests share: caches of their own, and a way to run Python on several MPI ranks."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

Mpiexec = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session", autouse=True)
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Generated meshes go to a temporary folder; child processes find the package, on one thread each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEM_MODEL_MESHES", str(tmp_path_factory.mktemp("meshes")))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session")
def mpiexec() -> Mpiexec:
    """`mpiexec(n, args, timeout=120, cwd=None)` runs `python args...` on n ranks, stderr in stdout.

    `args` is ["-m", "fem_model", ...] or [script, ...]. The exit code is the caller's to check; past the
    time-out every rank is killed and the test fails.
    """
    launcher = _launcher()

    def run(
        n: int, args: Sequence[str | Path], timeout: float = 120.0, cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        return run_group([launcher, "-n", str(n), sys.executable, *map(str, args)], timeout, cwd)

    return run


def _launcher() -> str:
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
