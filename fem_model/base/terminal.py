"""Printing for people."""

from rich.console import Console


def terminal(width: int | None = None) -> Console:
    """Standard output, on which text is as it is: brackets and colons in a path or a name mean nothing.

    Where it is not a terminal, tables are `width` columns wide, so that numbers are not broken.
    """
    console = Console(markup=False, emoji=False, highlight=False)
    if width is not None and not console.is_terminal:
        console.width = width
    return console
