"""Solvers and time steps. PETSc's options are set here and nowhere else."""
