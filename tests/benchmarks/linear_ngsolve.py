"""The linear problem of a step by NGSolve: python -m tests.benchmarks.linear_ngsolve FILE"""

import sys
from pathlib import Path
from time import process_time
from typing import Any

import netgen.meshing as netgen
import ngsolve as ng
import numpy as np

from tests.benchmarks.linear_peer import Given, tell

TOLERANCE = 1e-8
UM = 1e6


def mesh_of(given: Given) -> ng.Mesh:
    """The mesh, in µm, with the faces `anode` and `counter`."""
    mesh, dim = netgen.Mesh(dim=given.dim), given.dim
    mesh.AddPoints(np.pad(UM * given.points, ((0, 0), (0, 3 - dim))))
    mesh.AddRegion("cells", dim=dim)
    mesh.AddElements(dim=dim, index=1, data=given.cells.astype(np.int32), base=0)
    for k, (name, at) in enumerate({"anode": 0.0, "counter": given.points[:, -1].max()}.items(), 1):
        mesh.AddRegion(name, dim=dim - 1)
        mesh.AddElements(dim=dim - 1, index=k, data=faces_at(given, at).astype(np.int32), base=0)
    return ng.Mesh(mesh)


def faces_at(given: Given, height: float) -> Any:
    """Nodes (n, dim) of the faces of cells that lie at a height."""
    on_it = abs(given.points[:, -1] - height) < 1e-9 * given.points[:, -1].max()
    inside = on_it[given.cells]
    found = inside.sum(axis=1) == given.dim
    return given.cells[found][inside[found]].reshape(-1, given.dim)


def nodal(space: ng.FESpace, values: Any) -> ng.GridFunction:
    """A function from its values at the nodes, or in the cells."""
    function = ng.GridFunction(space)
    function.vec.FV().NumPy()[:] = values
    return function


def form_of(given: Given, mesh: ng.Mesh, space: ng.H1) -> ng.BilinearForm:
    """The form, each coefficient compiled."""
    xi, sigma = nodal(space, given.xi), nodal(ng.L2(mesh, order=0), given.sigma)
    normal = ng.CF(tuple(nodal(space, given.normal[:, k]) for k in range(given.dim)))
    x = ng.IfPos(xi, ng.IfPos(1 - xi, xi, 1), 0)
    free, slope = 1 - x * x * (3 - 2 * x), given.slope / UM
    density = -6 * x * (1 - x) * ng.InnerProduct(normal, ng.grad(xi))
    u, v = space.TnT()
    form, conduction = ng.BilinearForm(space, symmetric=True), (sigma * (free + given.residual)).Compile()
    form += conduction * ng.grad(u) * ng.grad(v) * ng.dx
    form += (slope * density).Compile() * u * v * ng.dx
    form += (slope * free).Compile() * u * v * ng.ds("anode")
    form += slope * u * v * ng.ds("counter")
    return form


def directly(given: Given, mesh: ng.Mesh, space: ng.H1, rhs: Any) -> tuple[list[float], Any]:
    """Processor seconds of assembly, factorisation and solution, and the solution."""
    form, began = form_of(given, mesh, space), process_time()
    form.Assemble()
    done = process_time()
    inverse = form.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky")
    ready = process_time()
    phi = (inverse * rhs).Evaluate().FV().NumPy()
    return [done - began, ready - done, process_time() - ready], phi


def multigrid(given: Given, mesh: ng.Mesh, space: ng.H1, rhs: Any) -> tuple[list[float], Any]:
    """As `directly`; the preconditioner is set up while the form is assembled, and counts there."""
    form = form_of(given, mesh, space)
    pre, began = ng.Preconditioner(form, "h1amg"), process_time()
    form.Assemble()
    ready = process_time()
    inverse = ng.krylovspace.CGSolver(form.mat, pre, tol=TOLERANCE, maxiter=500)
    phi = (inverse * rhs).Evaluate().FV().NumPy()
    return [ready - began, 0.0, process_time() - ready], phi


SOLVERS = {"sparse Cholesky": directly, "h1amg": multigrid}


def main() -> None:
    given = Given.read(Path(sys.argv[1]))
    mesh = mesh_of(given)
    space = ng.H1(mesh, order=1)
    rhs = nodal(space, given.rhs * UM ** (given.dim - 2)).vec
    tell(given, SOLVERS, lambda name: SOLVERS[name](given, mesh, space, rhs))


if __name__ == "__main__":
    main()
