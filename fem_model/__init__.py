"""Lithium dendrites in composite solid electrolytes, from microstructure to figure."""

from fem_model._module_path import leave_out_the_working_folder

__version__ = "0.1.0"

leave_out_the_working_folder()
