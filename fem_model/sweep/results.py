"""Results of a sweep: a row for each member with its keys, numbers, status and reason."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fem_model.base.errors import InputError
from fem_model.post.load import Run, load_run
from fem_model.record.observables.time import TIME
from fem_model.sweep.plan import Member, Plan, Quantity
from fem_model.sweep.spacing import as_file_name, number_and_unit
from fem_model.sweep.status import State, place_of

LEFT_OUT = ("status", "reason", "time_by_stage_s", "stages", "profile")
"""Keys of summary.json that are no numbers, or not of a run as a whole."""


@dataclass(frozen=True)
class Result:
    """A member with its state and, once it is complete, its numbers."""

    member: Member
    state: State
    values: Mapping[str, float]
    """Quantities asked for by label, SI; without those that the run does not have."""
    summary: Mapping[str, float]
    """Numbers of summary.json; those of a table as table.key."""


def results_of(plan: Plan, sweep: Path, states: Sequence[State]) -> list[Result]:
    """Results of all members in their order."""
    pairs = zip(plan.members, states, strict=True)
    return [_result(plan, sweep, member, state) for member, state in pairs]


def _result(plan: Plan, sweep: Path, member: Member, state: State) -> Result:
    """The result of a member. One whose files are damaged has failed."""
    if not state.is_complete:
        return Result(member, state, {}, {})
    try:
        run = load_run(place_of(sweep, member).folder)
    except InputError as error:
        return Result(member, State("failed", str(error)), {}, {})
    summary = dict(_numbers(run.summary or {}))
    found = {one.label: _value(one, run, summary) for one in plan.quantities}
    return Result(member, state, {k: v for k, v in found.items() if v is not None}, summary)


def _value(one: Quantity, run: Run, summary: Mapping[str, float]) -> float | None:
    """A quantity of a run; None if it has none, or ended before its time, or would be divided by 0."""
    number = _number(one.name, one.time, run, summary)
    if not one.over:
        return number
    below = _number(one.over, one.time, run, summary)
    return number / below if number is not None and below else None


def _number(name: str, at: float | None, run: Run, summary: Mapping[str, float]) -> float | None:
    """A column at a time or at the end, or a number of summary.json."""
    column = run.series.get(name)
    if column is None:
        return summary.get(name)
    t = run.series[TIME.name]
    time = t[-1] if at is None else at
    return float(np.interp(time, t, column)) if time <= t[-1] else None


def _numbers(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, float]]:
    for key, value in table.items():
        if not above and key in LEFT_OUT:
            continue
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{above}{key}.")
        elif isinstance(value, int | float) and math.isfinite(value):
            yield f"{above}{key}", value


def table(plan: Plan, results: Sequence[Result]) -> tuple[list[str], list[list[object]]]:
    """Names of the columns and a row for each member; None where nothing is known."""
    axes, keys = list(plan.file.axes), _keys(plan, results)
    asked = [one.label for one in plan.quantities]
    summary = list(dict.fromkeys(key for one in results for key in one.summary if key not in asked))
    head = ["member", *axes, *(name for name, _ in keys), "status", "reason", *asked, *summary]
    rows: list[list[object]] = []
    for k, one in enumerate(results):
        labels = one.member.labels
        row: list[object] = [one.member.name, *(labels[axis] for axis in axes)]
        row += [values[k] for _, values in keys]
        row += [one.state.status, one.state.reason]
        rows.append([*row, *map(one.values.get, asked), *map(one.summary.get, summary)])
    return head, rows


def _keys(plan: Plan, results: Sequence[Result]) -> list[tuple[str, list[object]]]:
    """Name and values of each key that varies by number: with its unit in the name, if all have the same."""
    return [
        key_column(key, [one.member.points[axis].values[key] for one in results])
        for axis in plan.file.axes
        for key in plan.keys(axis)
    ]


def key_column(key: str, given: Sequence[object]) -> tuple[str, list[object]]:
    """Name and values of a key: numbers, and the unit in the name, if all values have the same unit."""
    parts = [number_and_unit(value) for value in given]
    numbers = [part[0] for part in parts if part is not None]
    units = {part[1] for part in parts if part is not None}
    if len(numbers) < len(parts) or units == {""} or len(units) != 1:
        return key, [value if isinstance(value, str | int | float) else str(value) for value in given]
    return f"{key}_{as_file_name(units.pop())}", list(numbers)
