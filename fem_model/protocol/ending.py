"""Ends of a run: a short circuit, the end of its protocol or of its time, or a failure."""

from fem_model.base.outcome import Outcome
from fem_model.base.units import length
from fem_model.case import WIDTH_10_90, Case
from fem_model.case.remedies import remedy
from fem_model.protocol.schedule import NO_LITHIUM

SHORT = 0.01
"""Largest share by which lithium may be closer to the counter electrode than at a short circuit."""


def closest(case: Case) -> float:
    """Distance of lithium from the counter electrode at which it is a short circuit, m: the front's width."""
    return WIDTH_10_90 * case.phase_field.lam


def beyond_a_short(case: Case, gap: float) -> float:
    """Way beyond a short circuit of lithium `gap` m from the counter electrode, over what is tolerated."""
    return (closest(case) - gap) / (SHORT * closest(case))


def short_circuit(case: Case, gap: float, is_full: bool) -> Outcome | None:
    """The end of a run whose lithium is `gap` m from the counter electrode, if it has come through."""
    if gap > closest(case):
        return None
    full = "; the cell is full" if is_full else ""
    return Outcome("short_circuit", f"lithium came within {length(gap)} of the counter electrode{full}")


def end_of_time(case: Case, t: float) -> Outcome | None:
    """The end of a run at the time t (s), if that is the last one."""
    return Outcome("finished", f"reached the end time, {t:g} s") if t >= case.time.end else None


def end_of_protocol(t: float, ended_by: str) -> Outcome:
    """The end of a run whose last stage was `ended_by` something at the time t (s)."""
    if ended_by == NO_LITHIUM:
        return Outcome("exhausted", f"{ended_by}: foil and nuclei are gone after {t:g} s")
    return Outcome("finished", f"the protocol ended after {t:g} s, its last stage by {ended_by}")


def failure(case: Case, t: float, reason: str) -> Outcome:
    """The end of a run that found no way on from the time t (s)."""
    return Outcome("failed", f"t = {t:g} s: {reason}. What may help: {remedy(case)}")
