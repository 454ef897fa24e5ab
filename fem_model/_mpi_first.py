"""Imported before DOLFINx or PETSc: the binary wheel wants its MPI loaded first; conda has no such module."""

from contextlib import suppress

with suppress(ModuleNotFoundError):
    import dolfinx_solver  # noqa: F401
