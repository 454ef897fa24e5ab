"""The linear problem of a step by scikit-fem and pyamg: python -m tests.benchmarks.linear_skfem FILE"""

import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pyamg
import skfem
from skfem.helpers import dot, grad

from tests.benchmarks.linear_peer import Given, tell

TOLERANCE = 1e-8


def share(xi: Any) -> Any:
    """h(ξ)."""
    x = xi.clip(0.0, 1.0)
    return x**2 * (3 - 2 * x)


def assembled(given: Given, basis: skfem.Basis, faces: list[skfem.FacetBasis]) -> Any:
    """The matrix."""
    slope, residual = given.slope, given.residual

    @skfem.BilinearForm
    def volume(u: Any, v: Any, w: Any) -> Any:
        x = w.xi.clip(0.0, 1.0)
        density = -6 * x * (1 - x) * sum(w[f"n{k}"] * grad(w.xi)[k] for k in range(given.dim))
        return w.sigma * (1 - share(w.xi) + residual) * dot(grad(u), grad(v)) + slope * density * u * v

    @skfem.BilinearForm
    def face(u: Any, v: Any, w: Any) -> Any:
        return slope * w.free * u * v

    nodal = {f"n{k}": basis.interpolate(given.normal[:, k]) for k in range(given.dim)}
    constants = basis.with_element(P0[given.dim]())
    sigma = constants.interpolate(given.sigma)
    matrix = volume.assemble(basis, xi=basis.interpolate(given.xi), sigma=sigma, **nodal)
    anode, counter = faces
    free = 1 - share(anode.interpolate(given.xi))
    return matrix + face.assemble(anode, free=free) + face.assemble(counter, free=1.0)


P1 = {2: skfem.ElementTriP1, 3: skfem.ElementTetP1}
P0 = {2: skfem.ElementTriP0, 3: skfem.ElementTetP0}
MESH = {2: skfem.MeshTri, 3: skfem.MeshTet}
SOLVERS: dict[str, Callable[[Any], Any]] = {
    "Ruge–Stüben": pyamg.ruge_stuben_solver,
    "smoothed aggregation": lambda matrix: pyamg.smoothed_aggregation_solver(matrix, symmetry="symmetric"),
}


def main() -> None:
    given = Given.read(Path(sys.argv[1]))
    mesh = MESH[given.dim](given.points.T, given.cells.T)
    basis = skfem.Basis(mesh, P1[given.dim](), intorder=2)
    last, depth = given.dim - 1, given.points[:, -1].max()
    ends = [mesh.facets_satisfying(lambda x, y=y: abs(x[last] - y) < 1e-9 * depth) for y in (0.0, depth)]
    faces = [skfem.FacetBasis(mesh, P1[given.dim](), facets=end, intorder=2) for end in ends]

    def seconds(name: str) -> tuple[list[float], Any]:
        began = process_time()
        matrix = assembled(given, basis, faces).tocsr()
        done = process_time()
        solver = SOLVERS[name](matrix)
        ready = process_time()
        phi = solver.solve(given.rhs, tol=TOLERANCE, accel="cg", maxiter=300)
        return [done - began, ready - done, process_time() - ready], phi

    tell(given, SOLVERS, seconds)


if __name__ == "__main__":
    main()
