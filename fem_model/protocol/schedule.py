"""Progress of a run in its protocol: the stage now, when it ends, and what is imposed in it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fem_model.base.errors import InputError
from fem_model.case.drives import Stage
from fem_model.protocol.drive import Drive


@dataclass(frozen=True)
class Reading:
    """Readings of a cycler at an instant."""

    t: float
    """Time, s."""
    charge: float
    """Passed since the start, C."""
    current: float
    """A."""
    voltage: float
    """V."""


@dataclass
class StageResult:
    """A stage as it went; charges in C/m², times in s, voltages in V."""

    stage: int
    current_density_A_m2: float | None
    voltage_V: float | None
    t_start_s: float
    charge_start_C_m2: float
    voltage_start_V: float | None = None
    t_end_s: float | None = None
    charge_C_m2: float = 0.0
    voltage_end_V: float | None = None
    tip_end_m: float | None = None
    ended_by: str = "the end of the run"
    voltage_drop_t_s: float | None = None


VOLTAGE, SMALLEST_VOLTAGE, CHARGE, CURRENT = 0.01, 1e-4, 1e-3, 0.01
"""Tolerances of the limits of a stage: of the voltage, relative or in V, of charge and of current."""
NO_LITHIUM = "no lithium left"
DROP = 0.5
"""Share of the voltage at the start of a stage at constant current; a voltage below it shows a short."""


class Schedule:
    """Goes through the stages of a protocol over an anode of `area` m² (m times 1 m of depth in 2D).

    `series_resistance` (Ω m²) is that of the pellet beyond the domain: it adds i R to the voltage.
    """

    def __init__(self, stages: Sequence[Stage], area: float, series_resistance: float) -> None:
        self.stages, self.area, self.series_resistance = stages, area, series_resistance
        first = stages[0]
        self.results = [StageResult(0, first.current, first.voltage, 0.0, 0.0)]

    @property
    def stage(self) -> Stage:
        """The stage now."""
        return self.stages[self.results[-1].stage]

    @property
    def drive(self) -> Drive:
        """Condition imposed on the domain.

        The counter electrode is at 0 V, so a positive voltage V puts the anode at −V and plates there.
        Behind a series resistance R it is V = −φ_M + R I/A: a current I = (V + φ_M) A/R.
        """
        stage, resistance = self.stage, self.series_resistance
        if stage.current is not None:
            return Drive(current=stage.current * self.area)
        assert stage.voltage is not None
        if resistance > 0:
            return Drive(current=stage.voltage * self.area / resistance, per_volt=self.area / resistance)
        return Drive(phi_metal=-stage.voltage)

    def voltage(self, phi_metal: float, current: float) -> float:
        """The voltage of the cell, V, at a current of `current` A."""
        return -phi_metal + self.series_resistance * current / self.area

    @property
    def end(self) -> float:
        """Time at which the stage ends at the latest, s; inf if only its course can tell."""
        return self.results[-1].t_start_s + self.stage.time

    def longest_step(self, current: float, charge: float) -> float:
        """Step (s) after which the capacity is reached at a current of `current` A; charges in C.

        inf where the current is given: then `end` has it, to the last digit.
        """
        if self.stage.current is not None:
            return np.inf
        left = self.stage.capacity - abs(charge / self.area - self.results[-1].charge_start_C_m2)
        return max(left, 0.0) * self.area / abs(current) if current and np.isfinite(left) else np.inf

    def overrun(self, now: Reading) -> float:
        """Excess of an instant over the limits of the stage, over what is tolerated; negative before.

        The capacity of a stage with a given current is met by its time.
        """
        stage, beyond = self.stage, [-np.inf]
        if np.isfinite(stage.limit):
            tolerated = max(VOLTAGE * stage.limit, SMALLEST_VOLTAGE)
            beyond.append((abs(now.voltage) - stage.limit) / tolerated)
        if stage.cutoff:
            beyond.append((stage.cutoff - abs(now.current) / self.area) / (CURRENT * stage.cutoff))
        if np.isfinite(stage.capacity) and stage.current is None:
            passed = abs(now.charge / self.area - self.results[-1].charge_start_C_m2)
            beyond.append((passed - stage.capacity) / (CHARGE * stage.capacity))
        return float(max(beyond))

    def watch(self, now: Reading, tip: float, strips_nothing: bool) -> bool:
        """Enter an instant; whether the stage is over. `tip` is in m.

        `strips_nothing`: current is drawn from an anode that has no lithium left.
        """
        result, stage = self.results[-1], self.stage
        if result.voltage_start_V is None:
            result.voltage_start_V = now.voltage
        result.t_end_s, result.voltage_end_V, result.tip_end_m = now.t, now.voltage, tip
        result.charge_C_m2 = now.charge / self.area - result.charge_start_C_m2
        dropped = abs(now.voltage) < DROP * abs(result.voltage_start_V)
        if stage.current and result.voltage_drop_t_s is None and dropped:
            result.voltage_drop_t_s = now.t
        ended_by = self._ended_by(now, strips_nothing)
        result.ended_by = ended_by or result.ended_by
        return ended_by is not None

    def _ended_by(self, now: Reading, strips_nothing: bool) -> str | None:
        """End condition that is met at an instant, None if the stage continues."""
        stage = self.stage
        full = abs(self.results[-1].charge_C_m2) >= stage.capacity * (1 - 1e-6)
        ends = {
            "its capacity": full or (now.t >= self.end and stage.time < stage.duration),
            "its time": now.t >= self.end,
            NO_LITHIUM: strips_nothing,
            "its voltage limit": abs(now.voltage) > stage.limit,
            "its current limit": abs(now.current) / self.area < stage.cutoff,
        }
        return next((name for name, over in ends.items() if over), None)

    def advance(self, t: float, charge: float) -> bool:
        """Go to the next stage at time t (s) and charge (C); whether there is one."""
        index = self.results[-1].stage + 1
        if index == len(self.stages):
            return False
        stage = self.stages[index]
        self.results.append(StageResult(index, stage.current, stage.voltage, t, charge / self.area))
        return True

    @property
    def voltage_drop(self) -> float | None:
        """Time of the first short circuit that the voltage shows, s."""
        drops = [result.voltage_drop_t_s for result in self.results if result.voltage_drop_t_s is not None]
        return min(drops, default=None)

    def state(self) -> list[dict[str, Any]]:
        """Numbers that `restore` needs."""
        return [asdict(result) for result in self.results]

    def restore(self, state: Sequence[dict[str, Any]]) -> None:
        """Take up a state. InputError if the protocol no longer has its stage."""
        self.results = [StageResult(**result) for result in state]
        if self.results[-1].stage >= len(self.stages):
            raise InputError(f"[drive] the run has already reached stage {self.results[-1].stage + 1}")
