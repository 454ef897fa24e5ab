"""The obvious DOLFINx script for `cases/side_by_side.toml`.

    python -m tests.benchmarks.obvious DIM H LAM STEPS END

As an experienced user would write it without this project: a uniform mesh, one mixed P1 space for ξ and φ,
backward Euler, Newton's method with an automatic Jacobian, automatic quadrature, MUMPS. The equations are
those of docs/theory.md with one mobility, and the normal is that of the step before: with the normal of now
Newton's method does not converge. H and LAM in µm, END in s. In 3D the flaws are half balls in a box as
broad as it is wide.
"""

import fem_model._dolfinx_first  # noqa: F401  # as the wheel wants it; nothing else of this project is used

import json
import sys
from time import process_time

# isort: split
import basix.ufl
import numpy as np
import ufl
from dolfinx import fem, mesh
from dolfinx.fem.petsc import NonlinearProblem
from mpi4py import MPI

WIDTH, FLAWS, RADIUS = 16.0, (4.0, 12.0), 2.5
SIGMA, RESIDUAL = (1.0, 0.3), 1e-4
VOLTAGE, R_CT, TEMPERATURE = 1.2e-3, 0.8e-4, 298.15
F, R, V_M = 96485.33212, 8.314462618, 1.2964e-5
SPEED = 2e-3
"""Speed of the fastest tip, µm/s, by which the mobility is chosen; Pe = 0.4."""
UNIT = 10e-12
"""10 A/m² in A/µm²: the equation of φ in units of order one."""


class Script:
    """The problem on a uniform mesh with cells of h."""

    def __init__(self, dim: int, h: float, lam: float, dt: float) -> None:
        n = round(WIDTH / h)
        corners = [np.zeros(dim), np.full(dim, WIDTH)]
        build = mesh.create_rectangle if dim == 2 else mesh.create_box
        self.domain = build(MPI.COMM_SELF, corners, [n] * dim)
        one = basix.ufl.element("Lagrange", self.domain.basix_cell(), 1)
        space = fem.functionspace(self.domain, basix.ufl.mixed_element([one, one]))
        self.now, self.before, self.axis, self.lam = fem.Function(space), fem.Function(space), dim - 1, lam
        self.now.sub(0).interpolate(self.start)
        options = {"snes_rtol": 1e-8, "snes_atol": 1e-10, "ksp_type": "preonly", "pc_type": "lu"}
        options |= {"pc_factor_mat_solver_type": "mumps", "snes_error_if_not_converged": True}
        top = mesh.locate_entities_boundary(self.domain, dim - 1, lambda x: np.isclose(x[dim - 1], WIDTH))
        dofs = fem.locate_dofs_topological(space.sub(1), dim - 1, top)
        conditions = [fem.dirichletbc(0.0, dofs, space.sub(1))]
        self.problem = NonlinearProblem(
            self.equations(dt),
            self.now,
            bcs=conditions,
            petsc_options=options,
            petsc_options_prefix="obvious_",
        )

    def start(self, x: np.ndarray) -> np.ndarray:
        """ξ of half discs, or half balls, on the anode."""
        places = [(place, WIDTH / 2)[: len(x) if self.axis == 2 else 1] for place in FLAWS]
        squares = [
            sum((x[k] - c) ** 2 for k, c in enumerate(p[: self.axis])) + x[self.axis] ** 2 for p in places
        ]
        distance = np.min([np.sqrt(square) - RADIUS for square in squares], axis=0)
        return 0.5 * (1 - np.tanh(distance / (2 * self.lam)))

    def equations(self, dt: float) -> ufl.Form:
        """Both equations; Li⁺ is consumed by the front and by the foil that lithium does not cover."""
        (xi, phi), (w, v) = ufl.split(self.now), ufl.TestFunctions(self.now.function_space)
        old, x = ufl.split(self.before)[0], ufl.SpatialCoordinate(self.domain)
        normal = -ufl.grad(old) / ufl.sqrt(ufl.inner(ufl.grad(old), ufl.grad(old)) + 1e-8)
        fraction = xi**2 * (3 - 2 * xi)
        density = -6 * xi * (1 - xi) * ufl.inner(normal, ufl.grad(xi))
        eta = F / (R * TEMPERATURE) * (phi + VOLTAGE)
        current = 1e-12 * R * TEMPERATURE / (F * R_CT) * (ufl.exp(0.5 * eta) - ufl.exp(-0.5 * eta))
        sigma = 1e-6 * ufl.conditional(ufl.lt(x[0], WIDTH / 2), *SIGMA)
        mobility = SPEED * self.lam / 0.4
        speed = 1e18 * V_M / F * current
        flux = mobility * ufl.grad(xi) + xi * (1 - xi) * (mobility / self.lam - speed * (1 - 2 * xi)) * normal
        growth = speed * density
        anode = mesh.locate_entities_boundary(self.domain, self.axis, lambda x: np.isclose(x[self.axis], 0))
        tags = mesh.meshtags(self.domain, self.axis, anode, np.ones(len(anode), np.int32))
        foil = ufl.Measure("ds", self.domain, subdomain_data=tags)(1)
        front = ((xi - old) / dt * w + ufl.inner(flux, ufl.grad(w)) - growth * w) * ufl.dx
        volume = (
            sigma * (1 - fraction + RESIDUAL) * ufl.inner(ufl.grad(phi), ufl.grad(v)) + current * density * v
        )
        return front + 1 / UNIT * (volume * ufl.dx + (1 - fraction) * current * v * foil)

    def step(self) -> None:
        """One step of backward Euler."""
        self.before.x.array[:] = self.now.x.array
        self.problem.solve()

    def tip(self) -> float:
        """Highest point of ξ = ½ on the edges, µm."""
        xi = self.now.sub(0).collapse()
        heights = xi.function_space.tabulate_dof_coordinates()[:, self.axis]
        cells, corners = xi.function_space.dofmap.list, range(self.axis + 2)
        edges = np.concatenate([cells[:, [a, b]] for a in corners for b in corners if a != b])
        inside, outside = xi.x.array[edges].T
        crossed = (inside >= 0.5) & (outside < 0.5)
        part = (inside[crossed] - 0.5) / (inside[crossed] - outside[crossed])
        low, high = heights[edges[crossed]].T
        return float((low + part * (high - low)).max())

    def lithium(self) -> np.ndarray:
        """∫ξ in A and B."""
        xi, x = ufl.split(self.now)[0], ufl.SpatialCoordinate(self.domain)
        left = ufl.conditional(ufl.lt(x[0], WIDTH / 2), 1.0, 0.0)
        return np.array([fem.assemble_scalar(fem.form(xi * part * ufl.dx)) for part in (left, 1 - left)])


def main() -> None:
    began = process_time()
    dim, steps = int(sys.argv[1]), int(sys.argv[4])
    h, lam, end = (float(sys.argv[k]) for k in (2, 3, 5))
    script = Script(dim, h, lam, end / steps)
    start, seconds = script.lithium(), []
    for _ in range(steps):
        before = process_time()
        script.step()
        seconds.append(process_time() - before)
    grown = script.lithium() - start
    unknowns = script.now.function_space.dofmap.index_map.size_global * script.now.function_space.dofmap.bs
    told = {"tip_um": script.tip(), "share": float(grown[0] / grown.sum()), "unknowns": unknowns}
    print(json.dumps(told | {"seconds": process_time() - began, "step_s": float(np.median(seconds))}))


if __name__ == "__main__":
    main()
