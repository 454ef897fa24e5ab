"""What was taken from a file of others, on the terminal: the same from every command."""

from fem_model.case import Case
from fem_model.case.imported import Imported
from fem_model.terminal import terminal


def show_taken(case: Case) -> None:
    """Print what was taken from the file of a case, if its microstructure is in one."""
    if isinstance(case.microstructure, Imported):
        for line in case.microstructure.taken():
            terminal().print(line, soft_wrap=True)
