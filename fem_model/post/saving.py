"""Writes figures, each as a whole."""

from io import BytesIO
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from fem_model.base.atomic import write_bytes
from fem_model.post.style import STYLE

FORMATS = ("png", "pdf")


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write the figure in all formats and return the paths."""
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in FORMATS]
    for path, suffix in zip(paths, FORMATS, strict=True):
        data = BytesIO()
        with rc_context(STYLE):
            figure.savefig(data, format=suffix)
        write_bytes(path, data.getvalue())
    return paths
