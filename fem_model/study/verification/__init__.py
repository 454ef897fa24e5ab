"""Verification: what the code computes against closed forms, exact bounds and its own symmetries."""
