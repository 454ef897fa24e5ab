"""Solvers and time steps. PETSc's options are set here and nowhere else."""

import fem_model._mpi_first  # noqa: F401
