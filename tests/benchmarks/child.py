"""Processes that are measured: each one alone, in processor time and memory of its own."""

from fem_model._mpi_first import MPI  # noqa: F401

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

from fem_model.study.process import launcher

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CASES = HERE / "cases"


class Failed(Exception):
    """A process that was to be measured has failed; the text is the last line it wrote."""


class Missing(Failed):
    """What the process needs is not installed."""


@dataclass(frozen=True)
class Ended:
    """A process that has ended well: processor seconds of it and of its children, and what it printed."""

    seconds: float
    output: str

    @property
    def told(self) -> Any:
        """The last line of its output, as JSON."""
        return json.loads(self.output.splitlines()[-1])


class Started:
    """A running process of this Python, on `ranks` ranks of one thread each."""

    def __init__(
        self, words: Sequence[str | Path], ranks: int = 1, extra: Mapping[str, str] | None = None
    ) -> None:
        variables = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [*launcher(ranks), sys.executable, *map(str, words)],
            cwd=ROOT,
            env=os.environ | variables | (extra or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()

    def ended(self) -> Ended:
        """Its end, waited for. Failed, Missing."""
        assert self.process.stdout
        output = self.process.stdout.read()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode:
            last = output.strip().splitlines()[-1] if output.strip() else "no output"
            raise (Missing if "ModuleNotFoundError" in last else Failed)(last)
        return Ended(usage.ru_utime + usage.ru_stime, output)


def run(*words: str | Path, ranks: int = 1, extra: Mapping[str, str] | None = None) -> Ended:
    """Run this Python with these words to its end. Failed, Missing."""
    with Started(words, ranks, extra) as process:
        return process.ended()


@cache
def counting() -> dict[str, str]:
    """Variables under which a process counts its reductions; the counter is compiled once."""
    library, mpi = Path(mkdtemp()) / "reductions.so", library_of_mpi()
    link = [str(mpi), f"-Wl,-rpath,{mpi.parent}"]
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "reductions.c", *link], check=True)
    return {"LD_PRELOAD": str(library)}


def library_of_mpi() -> Path:
    """The shared library of MPI that this process has loaded."""
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return next(Path(line.split()[-1]) for line in lines if "libmpi." in line)


def step_words(case: str, steps: int, settings: Mapping[str, str]) -> list[str | Path]:
    """Words that run steps of a frozen case with some of its settings changed."""
    overrides = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    return ["-m", "tests.benchmarks.step", CASES / f"{case}.toml", str(steps), *overrides]
