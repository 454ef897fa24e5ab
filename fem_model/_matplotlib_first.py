"""Imported before matplotlib is: it starts with its own settings, so that no matplotlibrc changes a figure.

Where a program has loaded matplotlib before, its settings stay.
"""

import sys

from fem_model.base.surroundings import elsewhere

if "matplotlib" not in sys.modules:
    with elsewhere():
        import matplotlib
    matplotlib.rcdefaults()
