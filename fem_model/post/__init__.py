"""Reading, measuring and drawing what a run left behind. Imports without DOLFINx."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
from fem_model.post.analysis import Analysis
from fem_model.post.contour import FrontLine, find_front
from fem_model.post.load import Run, load_run

__all__ = ["Analysis", "FrontLine", "Run", "find_front", "load_run"]
