"""How a run can end, and what the command line makes of it."""

from dataclasses import dataclass

from fem_model.errors import STOPPED, SolverError

COMPLETE = ("finished", "short_circuit", "exhausted")
"""The ends of a run that came through; a short circuit, or an anode without lithium, is a result."""
EXIT_CODES = {**dict.fromkeys(COMPLETE, 0), "failed": SolverError.exit_code, "stopped": STOPPED}


@dataclass(frozen=True)
class Outcome:
    """The status of a run that has ended, one of EXIT_CODES, and the sentence that says why."""

    status: str
    reason: str
