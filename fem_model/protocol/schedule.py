"""Progress of a run in its protocol: the stage now, when it ends, and what is imposed in it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fem_model.base.errors import InputError
from fem_model.case.drives import Stage
from fem_model.protocol.drive import Drive


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


VOLTAGE, SMALLEST_VOLTAGE, CHARGE = 0.01, 1e-4, 1e-3
"""Tolerances of the limits of a stage: of the voltage, relative or in V, and of the capacity."""
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

    def overrun(self, charge: float, voltage: float) -> float:
        """Charge (C) and voltage (V) beyond the limits of the stage, over what is tolerated.

        Negative before the limit. The capacity of a stage with a given current is met by its time.
        """
        stage, beyond = self.stage, [-np.inf]
        if np.isfinite(stage.limit):
            tolerated = max(VOLTAGE * stage.limit, SMALLEST_VOLTAGE)
            beyond.append((abs(voltage) - stage.limit) / tolerated)
        if np.isfinite(stage.capacity) and stage.current is None:
            passed = abs(charge / self.area - self.results[-1].charge_start_C_m2)
            beyond.append((passed - stage.capacity) / (CHARGE * stage.capacity))
        return float(max(beyond))

    def watch(self, t: float, charge: float, voltage: float, tip: float, strips_nothing: bool) -> bool:
        """Enter an instant; whether the stage is over. Charge in C, voltage in V, tip in m.

        `strips_nothing`: current is drawn from an anode that has no lithium left.
        """
        now, stage = self.results[-1], self.stage
        if now.voltage_start_V is None:
            now.voltage_start_V = voltage
        now.t_end_s, now.voltage_end_V, now.tip_end_m = t, voltage, tip
        now.charge_C_m2 = charge / self.area - now.charge_start_C_m2
        if stage.current and now.voltage_drop_t_s is None and abs(voltage) < DROP * abs(now.voltage_start_V):
            now.voltage_drop_t_s = t
        full = abs(now.charge_C_m2) >= stage.capacity * (1 - 1e-6)
        if full or t >= self.end:
            now.ended_by = "its capacity" if full or stage.time < stage.duration else "its time"
            return True
        if strips_nothing:
            now.ended_by = NO_LITHIUM
            return True
        if abs(voltage) > stage.limit:
            now.ended_by = "its voltage limit"
            return True
        return False

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
