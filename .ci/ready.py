"""Can this Python run fem_model? Exits 0 if so; otherwise says on stderr what is missing, and exits 1."""

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

GMSH_LIBRARIES = "libglu1-mesa libxft2 libxcursor1 libxinerama1 libxrender1"

IMPORTED_AS = {"pillow": "PIL", "pynrrd": "nrrd"}


def missing_modules(requirements: list[str]) -> list[str]:
    """Modules that cannot be found, under the names by which the hard dependencies are imported."""
    installed = [re.split(r"[^\w-]", requirement)[0] for requirement in requirements]
    names = [IMPORTED_AS.get(name, name) for name in installed]
    names += ["dolfinx", "petsc4py", "mpi4py", "pytest", "pytest_timeout", "xdist"]
    return [name for name in names if importlib.util.find_spec(name) is None]


def solver_fault(version: str) -> str:
    """Why the DOLFINx here does not do, or "" if it does."""
    try:
        if importlib.util.find_spec("dolfinx_solver"):
            import dolfinx_solver  # noqa: F401  (loads MPI before DOLFINx)
        import dolfinx
    except (ImportError, OSError, RuntimeError) as error:
        return f"DOLFINx cannot be imported ({error})"
    if not dolfinx.__version__.startswith(f"{version}."):
        return f"DOLFINx {version} is needed, this is {dolfinx.__version__}"
    if dolfinx.default_scalar_type(0).dtype.kind != "f":
        return "DOLFINx was built for complex numbers, a real build is needed"
    return ""


def gmsh_fault() -> str:
    """Why Gmsh cannot be loaded, or "" if it can."""
    try:
        import gmsh  # noqa: F401
    except OSError as error:
        return f"Gmsh cannot be loaded ({error}). On Debian or Ubuntu: apt install {GMSH_LIBRARIES}"
    return ""


def fault() -> str:
    """The first thing that keeps this Python from running fem_model, or ""."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    missing = missing_modules(project["dependencies"])
    if missing:
        return f"missing: {', '.join(missing)}"
    solver = next(r for r in project["optional-dependencies"]["wheel"] if r.startswith("dolfinx"))
    return solver_fault(".".join(re.findall(r"\d+", solver)[:2])) or gmsh_fault()


if __name__ == "__main__":
    reason = fault()
    sys.exit(f"fem_model: {sys.executable}: {reason}" if reason else 0)
