"""Solvers and step sizes. PETSc's options are set here and nowhere else."""
