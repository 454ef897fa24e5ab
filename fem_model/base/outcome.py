"""Ends that a run can have, and the exit code for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fem_model.base.errors import STOPPED, SolverError
from fem_model.base.units import readable

COMPLETE = ("finished", "short_circuit", "exhausted", "contact_lost")
"""The ends of a run that came through: a short circuit, no lithium left, and lost contact are results."""
EXIT_CODES = {**dict.fromkeys(COMPLETE, 0), "failed": SolverError.exit_code, "stopped": STOPPED}


@dataclass(frozen=True)
class Outcome:
    """The status of a run that has ended, one of EXIT_CODES, and the sentence that says why."""

    status: str
    reason: str


def landmarks(summary: Mapping[str, Any]) -> list[str]:
    """Onset and short circuit of a run in sentences, as far as its summary.json has them."""
    lines = []
    if (onset := summary.get("onset_t_s")) is not None:
        at = f"{summary['onset_current_mA_cm2']:.3g} mA/cm²"
        lines.append(f"the tip began to move after {_time(onset)} at {at}")
    if (short := summary.get("time_to_short_s")) is not None:
        later, current = summary.get("onset_to_short_s"), summary.get("current_at_short_mA_cm2")
        after = "" if later is None else f", {_time(later)} later"
        at = "" if current is None else f", at {current:.3g} mA/cm²"
        lines.append(f"short circuit after {_time(short)}{after}{at}")
    return lines


def _time(seconds: float) -> str:
    return readable(seconds, "s", 4)
