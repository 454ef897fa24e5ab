"""Verification: what the code computes against closed forms, exact bounds and its own symmetries."""

import fem_model._dolfinx_first

import fem_model._matplotlib_first  # noqa: F401
