"""Reading, measuring and drawing what a run left behind. Imports without DOLFINx."""

from fem_model.post.analysis import Analysis
from fem_model.post.contour import FrontLine, find_front
from fem_model.post.load import Run, load_run

__all__ = ["Analysis", "FrontLine", "Run", "find_front", "load_run"]
