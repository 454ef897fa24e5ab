"""Imported before DOLFINx or PETSc: the binary wheel wants its MPI loaded first; conda has no such module.

PETSc would also take options from a .petscrc in the working folder; here only a case sets options.
"""

from contextlib import suppress

with suppress(ModuleNotFoundError):
    import dolfinx_solver  # noqa: F401

import petsc4py
from mpi4py import MPI

petsc4py.init(["fem-model", "-skip_petscrc"])

__all__ = ["MPI"]
