"""Landmarks of a run: when its highest tip began to move, and when it shorts, maybe as the cell is full."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fem_model.record.observables.charges import METAL
from fem_model.record.observables.time import TIME
from fem_model.record.observables.tips import TIP
from fem_model.record.observables.voltage import CURRENT

FULL = 0.8
"""Share of the charge that fills the gap with flat lithium from which the cell counts as full."""

LANDMARKS: Mapping[str, tuple[str, str]] = {
    "short_by_connection_t_s": ("time of the connection", "s"),
    "short_by_voltage_t_s": ("time of the voltage drop", "s"),
    "onset_t_s": ("time of the onset", "s"),
    "onset_current_mA_cm2": ("current density at the onset", "mA/cm²"),
    "time_to_short_s": ("time to the short circuit", "s"),
    "onset_to_short_s": ("time from onset to short circuit", "s"),
    "current_at_short_mA_cm2": ("current density at the short circuit", "mA/cm²"),
    "cell_is_full": ("share of full cells", ""),
}
"""Labels and units of the landmarks in summary.json."""


@dataclass
class Landmarks:
    """Events in the course of a run, from its rows.

    The onset is where the highest tip has first risen by more than `rise` (m): less is no more than a change
    of its own shape. `gap` is the charge that fills the electrolyte with flat lithium, C/m².
    """

    rise: float
    gap: float
    first_tip_m: float | None = None
    last_t_s: float = 0.0
    last_tip_m: float = 0.0
    onset_t_s: float | None = None
    onset_current_density_A_m2: float | None = None
    filled: float = 0.0
    """Charge of the lithium grown over `gap`."""

    def watch(self, row: Mapping[str, Any]) -> None:
        """Enter an instant."""
        t, tip = row[TIME.name], row[TIP.name]
        if self.first_tip_m is None:
            self.first_tip_m = tip
        level = self.first_tip_m + self.rise
        if self.onset_t_s is None and tip > level:
            share = (level - self.last_tip_m) / (tip - self.last_tip_m)
            self.onset_t_s = self.last_t_s + share * (t - self.last_t_s)
            self.onset_current_density_A_m2 = row[CURRENT.name]
        self.last_t_s, self.last_tip_m = t, tip
        self.filled = row[METAL.name] / self.gap

    @property
    def climbed(self) -> float:
        """Rise of the highest tip above its height at the start, m."""
        return self.last_tip_m - (self.first_tip_m or 0.0)

    @property
    def is_full(self) -> bool:
        """True if the lithium would nearly fill the cell if it were flat."""
        return self.filled >= FULL

    def summary(self, connected: bool, drop: float | None, current: float | None) -> dict[str, Any]:
        """Keys of summary.json.

        `connected` is whether lithium now reaches the counter electrode, `current` (A/m²) what passes, and
        `drop` (s) when the voltage showed a short circuit, if it did.
        """
        onset, connection = self.onset_current_density_A_m2, self.last_t_s if connected else None
        short = min((t for t in (connection, drop) if t is not None), default=None)
        return {
            "short_by_connection_t_s": connection,
            "short_by_voltage_t_s": drop,
            "onset_t_s": self.onset_t_s,
            "onset_current_mA_cm2": None if onset is None else onset / 10,
            "time_to_short_s": short,
            "onset_to_short_s": None if short is None or self.onset_t_s is None else short - self.onset_t_s,
            "current_at_short_mA_cm2": abs(current) / 10 if connected and current is not None else None,
            "cell_is_full": self.is_full,
        }
