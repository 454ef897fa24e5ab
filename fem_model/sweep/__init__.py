"""Sweeps: many runs of one case that differ in some keys, side by side, with their results together."""
