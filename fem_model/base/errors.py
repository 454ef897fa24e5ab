"""The errors a user can meet; each carries the exit code of the command line."""

from typing import ClassVar, Final

CHECK_FAILED: Final = 4
"""Exit code of a verification in which an entry is not as expected."""
STOPPED: Final = 75
"""Exit code of a command that was told to stop."""


def printable(text: str) -> str:
    """The text with escapes in place of line breaks, control characters and halves of surrogate pairs."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class FemModelError(Exception):
    """Anything that went wrong in a way this package understands."""

    exit_code: ClassVar[int] = 1


class InputError(FemModelError):
    """The input is wrong. The message names the file, the key, what is allowed and the nearest match.

    It is one line whatever it quotes: characters that cannot be printed become escapes such as \\n, and of
    more than LONGEST characters the middle is left out.
    """

    exit_code: ClassVar[int] = 2
    LONGEST: ClassVar[int] = 2000

    def __init__(self, message: str) -> None:
        half = self.LONGEST // 2
        short = message if len(message) <= self.LONGEST else f"{message[:half]} … {message[-half:]}"
        super().__init__(printable(short))


class SolverError(FemModelError):
    """The solver could not go on; `reason` names what did not converge."""

    exit_code: ClassVar[int] = 3

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutputError(FemModelError):
    """A file cannot be written; the message names it, and the reason of the system."""

    exit_code: ClassVar[int] = 3
