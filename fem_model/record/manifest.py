"""manifest.json: what made this run."""

import importlib.metadata
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fem_model

PACKAGES = ("fenics-dolfinx", "dolfinx-solver-real", "mpi4py", "gmsh", "numpy", "scipy", "pydantic", "pint")


def manifest(
    ranks: int, seed: int | None, materials: Mapping[str, int], fingerprints: Mapping[str, str]
) -> dict[str, Any]:
    """Versions, git state, ranks, start, the numbers that stand for materials in the fields, and the SHA-256
    fingerprints of mesh and grains, which are equal on all machines."""
    return {
        "fem_model": fem_model.__version__,
        "git": git_state(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: version for name in PACKAGES if (version := installed(name))},
        "ranks": ranks,
        "seed": seed,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "materials": dict(materials),
        "sha256": dict(fingerprints),
    }


def installed(package: str) -> str | None:
    """Version of a package, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def git_state() -> dict[str, Any] | None:
    """Commit of the source tree and whether it was changed; None outside a checkout.

    A repository in which the package is merely installed is not asked: its settings can run commands.
    """
    here = Path(fem_model.__file__).parent
    if not (here.parent / ".git").exists():
        return None

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=here, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain", "--", "."))}
    except (OSError, subprocess.CalledProcessError):
        return None
