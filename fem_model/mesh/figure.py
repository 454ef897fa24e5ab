"""What the pictures of a mesh share; loads matplotlib, so imported when the first of them is drawn."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from fem_model.base.atomic import write_bytes

__all__ = ["Figure", "save_png"]
DPI = 150


def save_png(figure: Figure, png: str | Path, **options: Any) -> None:
    """Write a figure as a whole, with `options` of savefig."""
    data = BytesIO()
    figure.savefig(data, format="png", dpi=DPI, **options)
    write_bytes(Path(png), data.getvalue())
