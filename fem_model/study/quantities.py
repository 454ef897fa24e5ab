"""Scalars of a level by name: a column of the series at a time, the time to short, the conductivity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest
from fem_model.base.units import parse_quantity
from fem_model.case import WIDTH_10_90, Case
from fem_model.case.drives import Potentiostatic
from fem_model.post.load import Run
from fem_model.record.observables import registry
from fem_model.record.observables.column import Column
from fem_model.record.observables.lithium import LI_SHARE
from fem_model.record.observables.time import TIME
from fem_model.record.observables.tips import TIP
from fem_model.record.observables.voltage import CURRENT, VOLTAGE

TIME_TO_SHORT = "t_short_s"
AXES = "xyz"
CONDUCTIVITIES = {"sigma_eff_S_m": "", **{f"sigma_eff_{axis}_S_m": axis for axis in AXES}}
"""Effective conductivity by direction; without one, along the last axis, from anode to counter electrode."""


class Missing(Exception):
    """A level has no such value; the text says why."""


@dataclass(frozen=True)
class Wanted:
    """A scalar asked for. `time` (s) is that of a column, None for what belongs to a run as a whole."""

    label: str
    name: str
    time: float | None
    words: str
    """Description, with the unit."""

    @property
    def needs_run(self) -> bool:
        """True if a simulation is needed; the conductivity needs only the mesh."""
        return self.name not in CONDUCTIVITIES


def columns(case: Case) -> dict[str, Column]:
    """Columns of the series that can be asked for, by name."""
    there = registry.columns(case, case.area_shares())
    return {column.name: column for column in there if column.is_result}


def default_names(case: Case) -> list[str]:
    """Tip, voltage (or the current density, where the voltage is given), share of lithium by material."""
    answer = CURRENT if isinstance(case.drive, Potentiostatic) else VOLTAGE
    names = list(case.area_shares())
    shares = [LI_SHARE.of(name) for name in names if len(names) > 1]
    return [column.name for column in (TIP, answer, *shares)]


def wanted(case: Case, texts: Sequence[str], times: Sequence[str]) -> list[Wanted]:
    """Quantities named by texts like "tip_m", "tip_m@1 h" or "t_short_s", each once.

    A column without a time of its own is taken at every one of `times`, at the end of the case if there are
    none. InputError for a name or a time that the case does not have.
    """
    found = [one for text in texts or default_names(case) for one in _parse(case, text, times)]
    return list({one.label: one for one in found}.values())


def _parse(case: Case, text: str, times: Sequence[str]) -> list[Wanted]:
    name, at, time = (part.strip() for part in text.partition("@"))
    whole, known = _of_all(case), columns(case)
    allowed = [*known, *whole]
    if name not in allowed:
        hint = nearest(name, allowed)
        raise InputError(f"--quantity {text}: unknown name. Allowed: {', '.join(allowed)}.{hint}")
    if name in whole:
        if at:
            raise InputError(f"--quantity {text}: {name} has no time; leave out @{time}")
        return [Wanted(name, name, None, whole[name])]
    if at:
        return [_at(case, known[name], time, f"--quantity {text}")]
    if times:
        return [_at(case, known[name], t.strip(), f"--at {t}") for t in times]
    return [Wanted(name, name, case.time.end, _words(known[name]))]


def _of_all(case: Case) -> dict[str, str]:
    """Quantities that belong to a run as a whole, in words by name."""
    axes = AXES[: case.microstructure.dim]
    along = {name: f" along {axis}" if axis else "" for name, axis in CONDUCTIVITIES.items() if axis in axes}
    conductivities = {name: f"effective conductivity{text} (S/m)" for name, text in along.items()}
    return {TIME_TO_SHORT: "time to a short circuit (s)", **conductivities}


def _at(case: Case, column: Column, time: str, option: str) -> Wanted:
    """A column at a time that `option` gives as text."""
    label, seconds = f"{column.name}@{time}", _seconds(case, time, option)
    return Wanted(label, column.name, seconds, _words(column, f" at {time}"))


def _words(column: Column, when: str = "") -> str:
    return f"{column.label}{when}" + (f" ({column.unit})" if column.unit else "")


def _seconds(case: Case, text: str, option: str) -> float:
    try:
        time = parse_quantity(text, "s")
    except ValueError as error:
        raise InputError(f"{option}: {error}. Example: --quantity 'tip_m@1 h'") from None
    if not 0 <= time <= case.time.end:
        raise InputError(f"{option}: the case runs from 0 to time.end = {case.time.end:g} s")
    return time


def value_of(one: Wanted, run: Run) -> float:
    """The value in SI units from a run. Raises Missing where it did not get that far."""
    if one.name == TIME_TO_SHORT:
        return _time_to_short(run)
    assert one.time is not None
    t = run.series[TIME.name]
    if one.time > t[-1]:
        raise Missing(f"the run ended at t = {t[-1]:g} s")
    return float(np.interp(one.time, t, run.series[one.name]))


def _time_to_short(run: Run) -> float:
    """Time when the tip came within the front's width of the counter electrode, in the last step."""
    if run.summary is None or run.summary["status"] != "short_circuit":
        raise Missing(f"no short circuit until t = {run.end:g} s")
    height = run.case.microstructure.depth - WIDTH_10_90 * run.case.phase_field.lam
    return float(np.interp(height, run.series[TIP.name][-2:], run.series[TIME.name][-2:]))


def conductivity_of(one: Wanted, found: Mapping[str, Any]) -> float:
    """The effective conductivity (S/m) from what conductivity.json holds."""
    axis = CONDUCTIVITIES[one.name] or max(found.keys() & set(AXES))
    return float(found[axis]["sigma_eff_S_m"])
