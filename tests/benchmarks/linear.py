"""The linear problem of a step on one mesh: here, by scikit-fem and pyamg, by NGSolve."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.child import CASES, Failed, Missing, run
from tests.benchmarks.result import Cell, Part, Table

MESHES = {
    "2D": ("particles_2d", "mesh.refinement=4.75", f"phase_field.lam={0.3 / 4.75!r} um"),
    "3D": ("particles_3d", "mesh.refinement=1.36", f"phase_field.lam={0.5 / 1.36!r} um"),
}
PEERS = {"scikit-fem + pyamg": "linear_skfem", "NGSolve": "linear_ngsolve"}


def rows(dim: str, folder: Path) -> list[list[Cell]]:
    """All solvers on one mesh; the ratio is that to the time of a step here."""
    case, *settings = MESHES[dim]
    overrides = [word for setting in settings for word in ("--set", setting)]
    problem = folder / "problem.npz"
    here = run("-m", "tests.benchmarks.linear_here", CASES / f"{case}.toml", problem, *overrides).told
    unit = sum(here[0][1:4])
    found = [line(dim, "fem_model", row, unit) for row in here]
    for peer, module in PEERS.items():
        try:
            told = run("-m", f"tests.benchmarks.{module}", problem).told
            found += [line(dim, peer, row, unit) for row in told]
        except Missing as error:
            found.append([dim, peer, f"not installed: {error}", *[None] * 6])
        except Failed as error:
            found.append([dim, peer, f"failed: {error}", *[None] * 6])
    return found


def line(dim: str, code: str, row: Sequence[Any], unit: float) -> list[Cell]:
    """A row of the table."""
    name, *numbers = row
    if not numbers:
        return [dim, code, name, *[None] * 6]
    *seconds, difference = map(float, numbers)
    return [dim, code, name, *seconds, sum(seconds), sum(seconds) / unit, difference]


def measure() -> list[Table]:
    head = ["mesh", "code", "solver", "assembly", "set-up", "solution", "sum", "ratio", "difference of φ"]
    with TemporaryDirectory() as folder:
        found = [row for dim in MESHES for row in rows(dim, Path(folder))]
    return [Table("Processor seconds, one thread, medians", head, found)]


PART = Part(
    "linear",
    "The linear problem of a step, beside others",
    "Assembly, set-up and solution (to 1e-8) of the potential on the same cells with the same coefficients, "
    "order and degree of quadrature, by what each code does fastest. A step here keeps its prolongators.",
    "Not shown: the rest of a step. The others' solutions differ by their quadrature points and are as good. "
    "A peer has 10 minutes and 24 GiB.",
    measure,
)
