"""Verification: what the code computes against closed forms, exact bounds and its own symmetries."""

import fem_model._mpi_first  # noqa: F401
