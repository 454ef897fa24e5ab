"""Scalars of a level by name: a column of the series at a time, the time to short, the conductivity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fem_model.base.errors import InputError
from fem_model.base.units import parse_quantity
from fem_model.case import WIDTH_10_90, Case
from fem_model.case.base import nearest
from fem_model.case.drives import Potentiostatic
from fem_model.case.sections import LithiumCounter
from fem_model.materials import column_name
from fem_model.post.load import Run

COLUMNS = (
    "tip_m",
    "voltage_V",
    "overpotential_anode_V",
    "ohmic_V",
    "current_density_A_m2",
    "charge_C_m2",
    "charge_throughput_C_m2",
    "charge_foil_C_m2",
    "charge_metal_C_m2",
    "charge_beyond_bounds_C_m2",
    "li_volume_m3",
    "faraday_error",
)
"""Columns of series.csv that every case has."""
OF_REACTIONS = (
    "charge_reacted_C_m2",
    "alloy_fraction_interface",
    "alloy_fraction_total",
    "surface_share_interphase",
)
OF_MATERIALS = ("li_share_{}", "current_share_{}", "tip_{}_m")
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

    @property
    def needs_run(self) -> bool:
        """Whether a simulation is needed; the conductivity needs only the mesh."""
        return self.name not in CONDUCTIVITIES


def columns(case: Case) -> list[str]:
    """Columns of the series that can be asked for."""
    materials = [stem.format(column_name(name)) for stem in OF_MATERIALS for name in case.area_shares()]
    reacted = [*OF_REACTIONS, *(f"surface_share_{column_name(name)}" for name in case.area_shares())]
    phase_field, boundaries = case.phase_field, case.boundaries
    some = {
        "overpotential_counter_V": isinstance(case.counter, LithiumCounter),
        "capillary_V": phase_field.capillarity == "physical" and phase_field.gamma > 0,
        "pressure_V": case.kinetics.p_resist * max([1.0, *(b.p_factor for b in boundaries)]) > 0,
        "series_V": case.counter.series_resistance > 0,
        "stage": len(case.drive.stages()) > 1,
        **dict.fromkeys(("islands", "charge_dead_C_m2"), case.anode.islands == "floating"),
        **{name: bool(case.reactions) for name in reacted},
    }
    return [*COLUMNS, *(name for name, there in some.items() if there), *materials]


def default_names(case: Case) -> list[str]:
    """Tip, voltage (or the current density, where the voltage is given), share of lithium by material."""
    answer = "current_density_A_m2" if isinstance(case.drive, Potentiostatic) else "voltage_V"
    names = list(case.area_shares())
    return ["tip_m", answer, *(f"li_share_{column_name(name)}" for name in names if len(names) > 1)]


def wanted(case: Case, texts: Sequence[str], times: Sequence[str]) -> list[Wanted]:
    """What texts like "tip_m", "tip_m@1 h" or "t_short_s" ask for, each once.

    A column without a time of its own is taken at every one of `times`, at the end of the case if there are
    none. InputError for a name or a time that the case does not have.
    """
    found = [one for text in texts or default_names(case) for one in _parse(case, text, times)]
    return list({one.label: one for one in found}.values())


def _parse(case: Case, text: str, times: Sequence[str]) -> list[Wanted]:
    name, at, time = (part.strip() for part in text.partition("@"))
    axes = AXES[: case.microstructure.dim]
    whole = [TIME_TO_SHORT, *(name for name, axis in CONDUCTIVITIES.items() if axis in axes)]
    allowed = [*columns(case), *whole]
    if name not in allowed:
        hint = nearest(name, allowed)
        raise InputError(f"--quantity {text}: unknown name. Allowed: {', '.join(allowed)}.{hint}")
    if name in whole:
        if at:
            raise InputError(f"--quantity {text}: {name} has no time; leave out @{time}")
        return [Wanted(name, name, None)]
    if at:
        return [Wanted(f"{name}@{time}", name, _seconds(case, time, f"--quantity {text}"))]
    if times:
        return [Wanted(f"{name}@{t.strip()}", name, _seconds(case, t, f"--at {t}")) for t in times]
    return [Wanted(name, name, case.time.end)]


def _seconds(case: Case, text: str, option: str) -> float:
    try:
        time = parse_quantity(text, "s")
    except ValueError as error:
        raise InputError(f"{option}: {error}. Example: --quantity 'tip_m@1 h'") from None
    if not 0 <= time <= case.time.end:
        raise InputError(f"{option}: the case goes from 0 to time.end = {case.time.end:g} s")
    return time


def value_of(one: Wanted, run: Run) -> float:
    """The value in SI units from a run. Raises Missing where it did not get that far."""
    if one.name == TIME_TO_SHORT:
        return _time_to_short(run)
    assert one.time is not None
    t = run.series["t_s"]
    if one.time > t[-1]:
        raise Missing(f"the run ended at t = {t[-1]:g} s")
    return float(np.interp(one.time, t, run.series[one.name]))


def _time_to_short(run: Run) -> float:
    """When the tip came within the front's width of the counter electrode, between the last two steps."""
    if run.summary is None or run.summary["status"] != "short_circuit":
        raise Missing(f"no short circuit until t = {run.end:g} s")
    height = run.case.microstructure.depth - WIDTH_10_90 * run.case.phase_field.lam
    return float(np.interp(height, run.series["tip_m"][-2:], run.series["t_s"][-2:]))


def conductivity_of(one: Wanted, found: Mapping[str, Any]) -> float:
    """The effective conductivity (S/m) from what conductivity.json holds."""
    axis = CONDUCTIVITIES[one.name] or max(found.keys() & set(AXES))
    return float(found[axis]["sigma_eff_S_m"])
