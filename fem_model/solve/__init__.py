"""Solvers and time steps. PETSc's options are set here and nowhere else."""

import fem_model._dolfinx_first  # noqa: F401
