"""Lithium dendrites in composite solid electrolytes, from microstructure to figure."""

__version__ = "0.1.0"
