"""A page of a figure: title above, caption below, and room between."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_model.plot.style import CAPTION_SIZE, GREY, TITLE_SIZE, typeset
from fem_model.post.caption import caption
from fem_model.post.load import Run

CURVES = (3.8, 2.4)
"""Width and height of the axes of a curve, inches."""
LEFT, BELOW, RIGHT = 0.65, 0.5, 0.15
"""Margins of a curve, inches."""
LINE, TITLE_LINE = 0.13, 0.17
"""Height of a line of the caption and of the title, inches."""


def new_page(run: Run, width: float, height: float, *notes: str) -> tuple[Figure, float]:
    """A figure with room of this size (inches) between caption and title, and where that room begins.

    The caption starts with the notes.
    """
    text = caption(run, int(width * 72 / (0.54 * CAPTION_SIZE)), *notes)
    title = wrapped_title(run, width)
    foot = 0.12 + LINE * (text.count("\n") + 1)
    head = 0.1 + (TITLE_LINE * (title.count("\n") + 1) if title else 0.0)
    total = foot + height + head
    figure = Figure(figsize=(width, total))
    figure.text(0.1 / width, 0.08 / total, text, fontsize=CAPTION_SIZE, color=GREY, va="bottom")
    figure.text(0.1 / width, 1 - 0.08 / total, title, fontsize=TITLE_SIZE, va="top")
    return figure, foot


def wrapped_title(run: Run, width: float) -> str:
    """The title of the case in lines that fit into a width, inches."""
    return textwrap.fill(typeset(run.case.title), int(width * 72 / (0.56 * TITLE_SIZE)))


def panels(run: Run, count: int, above: float = 0.0) -> list[Axes]:
    """Axes for curves, one below the other, on a page of their own with room (inches) above them."""
    width, height = CURVES
    figure, foot = new_page(run, LEFT + width + RIGHT, count * (BELOW + height) + above)
    page_width, page_height = figure.get_size_inches()
    bottoms = [foot + BELOW + k * (BELOW + height) for k in reversed(range(count))]
    boxes = [(LEFT / page_width, y / page_height, width / page_width, height / page_height) for y in bottoms]
    return [figure.add_axes(box) for box in boxes]


def figure_of(axes: Axes) -> Figure:
    """The figure to which axes belong."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure
