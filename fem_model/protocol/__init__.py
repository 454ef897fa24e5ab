"""Protocols: the current or voltage imposed on the cell over time."""
