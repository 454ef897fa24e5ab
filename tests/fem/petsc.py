"""Each option of PETSc that a case may set, tried on a small matrix with the solver that it is for."""

import fem_model._dolfinx_first  # noqa: F401

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

# isort: split
from petsc4py import PETSc

from fem_model.base.errors import InputError, SolverError
from fem_model.case.petsc_options import OPTIONS
from fem_model.numerics.linear import LinearSolver

SIDE = 12
"""Nodes along each side of a square."""
PLAIN = {"ksp_type": "cg", "pc_type": "jacobi"}
FOR: Mapping[str, Mapping[str, str]] = {  # by how the names begin, the first one counts
    **{f"ksp_{kind}_": {"ksp_type": kind} for kind in ("fcg", "gcr", "gmres", "lgmres", "bcgsl")},
    **{f"ksp_{kind}_": {"ksp_type": kind} for kind in ("richardson", "chebyshev")},
    **{f"pc_{kind}_": {"pc_type": kind} for kind in ("bjacobi", "asm", "sor", "telescope", "gamg", "hypre")},
    "pc_factor_levels": {"pc_type": "ilu"},
    "pc_factor_fill": {"pc_type": "ilu"},
    "pc_factor_": {"pc_type": "lu"},
    "mat_mumps_": {"pc_type": "cholesky", "pc_factor_mat_solver_type": "mumps"},
    "mat_superlu_dist_": {"pc_type": "lu", "pc_factor_mat_solver_type": "superlu_dist"},
    "pc_mg_": {"pc_type": "gamg"},
}


def laplacian(comm: Any) -> PETSc.Mat:
    """Five-point stencil, a little more on the diagonal."""
    matrix = PETSc.Mat().createAIJ((SIDE**2, SIDE**2), nnz=5, comm=comm)
    for row in range(*matrix.getOwnershipRange()):
        i, j = divmod(row, SIDE)
        matrix[row, row] = 4.1
        for k, m in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
            if 0 <= k < SIDE and 0 <= m < SIDE:
                matrix[row, k * SIDE + m] = -1.0
    matrix.assemble()
    matrix.setOption(PETSc.Mat.Option.SPD, True)
    return matrix


def values(name: str) -> list[Any]:
    """The words, or the bounds, or both switches."""
    schema = TypeAdapter(OPTIONS[name]).json_schema()
    if schema["type"] == "boolean":
        return [True, False]
    if schema["type"] == "string":
        return list(schema.get("enum", [schema.get("const")]))
    return [schema["minimum"], schema["maximum"]]


def outcome(matrix: PETSc.Mat, name: str, value: object) -> str:
    """What comes of an option: "" if PETSc used it and the system was solved, else the error."""
    around = next((found for begin, found in FOR.items() if name.startswith(begin)), {})
    try:
        solver = LinearSolver(matrix, PLAIN, 1e-8, "test", {**PLAIN, **around, name: value})
        b, x = matrix.createVecs()
        b.set(1.0)
        solver.solve(b, x)
    except (InputError, SolverError) as error:
        return str(error)
    return ""
