"""Writes figures, each as a whole."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from fem_model.base.atomic import write_bytes
from fem_model.plot.style import STYLE


def save_figure(figure: Figure, stem: Path, *, pdf: bool = False) -> list[Path]:
    """Write the figure as PNG, with `pdf` as PDF as well, and return the paths."""
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in (("png", "pdf") if pdf else ("png",))]
    with rc_context(STYLE):
        for path in paths:
            save_picture(figure, path)
    return paths


def save_picture(figure: Figure, path: Path, **options: Any) -> None:
    """Write a figure in the format of its name, with `options` of savefig."""
    data = BytesIO()
    figure.savefig(data, format=path.suffix[1:], **options)
    write_bytes(path, data.getvalue())
