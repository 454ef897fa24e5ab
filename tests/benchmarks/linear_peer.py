"""What other codes that solve the linear problem of a step share: the problem, repeats, limits, output."""

import json
import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

REPEATS = 3
SECONDS, BYTES = 600, 24 * 2**30
"""Limits of a peer."""


@dataclass(frozen=True)
class Given:
    """The problem as `linear_here` has written it; `phi` is its solution to round-off."""

    points: Any
    cells: Any
    sigma: Any
    xi: Any
    normal: Any
    rhs: Any
    phi: Any
    residual: float
    slope: float

    @classmethod
    def read(cls, path: Path) -> Self:
        """The problem in a file; from here on this process has SECONDS and BYTES."""
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
        with np.load(path) as found:
            values = {name: found[name] for name in found.files}
        return cls(**values | {name: float(values[name]) for name in ("residual", "slope")})

    @property
    def dim(self) -> int:
        """2 or 3."""
        return int(self.points.shape[1])

    def error(self, phi: Any) -> float:
        """Largest error of a solution over the largest value."""
        return float(np.abs(phi - self.phi).max() / np.abs(self.phi).max())


def tell(given: Given, names: Iterable[str], solve: Callable[[str], tuple[list[float], Any]]) -> None:
    """Print rows: a solver, median seconds of assembly, set-up and solution, and the error it leaves.

    A solver that gives up has its name and its last words alone.
    """
    rows: list[list[str | float]] = []
    for name in names:
        try:
            found = [solve(name) for _ in range(REPEATS)]
        except Exception as error:
            rows.append([f"{name}: {str(error).splitlines()[-1]}"])
            continue
        rows.append([name, *np.median([seconds for seconds, _ in found], axis=0), given.error(found[-1][1])])
    print(json.dumps(rows))
