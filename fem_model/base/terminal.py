"""Printing for people."""

from rich.console import Console

PIPE_WIDTH = 200
"""Columns of a table that is not shown on a terminal, so that numbers are not broken."""


def terminal(width: int | None = None) -> Console:
    """Standard output, on which text is as it is: brackets and colons in a path or a name mean nothing.

    Where it is not a terminal, tables are `width` columns wide, so that numbers are not broken.
    """
    console = Console(markup=False, emoji=False, highlight=False)
    if width is not None and not console.is_terminal:
        console.width = width
    return console
