"""The errors a user can meet; each carries the exit code of the command line."""

from typing import ClassVar


class FemModelError(Exception):
    """Anything that went wrong in a way this package understands."""

    exit_code: ClassVar[int] = 1


class InputError(FemModelError):
    """The input is wrong. The message names the file, the key, what is allowed and the nearest match."""

    exit_code: ClassVar[int] = 2


class SolverError(FemModelError):
    """The solver could not go on; `reason` names what did not converge."""

    exit_code: ClassVar[int] = 3

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
