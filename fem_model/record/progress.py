"""Progress of a run for a person to see: a bar on a terminal, lines in the log."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fem_model.base.log import logger
from fem_model.record.observables.time import STEP, TIME
from fem_model.record.observables.tips import TIP
from fem_model.record.observables.voltage import VOLTAGE

LOG_INTERVAL = 10.0
"""Seconds between lines of the log."""


@dataclass
class ProgressView:
    """Shows simulated time, step, tip, voltage and time left. Only rank 0 makes one.

    `begin` and `end` are the simulated times (s) at which this session begins and the run ends.
    """

    end: float
    begin: float = 0.0
    bar: Progress = field(init=False)
    _last: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        columns = [
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
        ]
        console = Console(stderr=True)
        self.bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self.bar.add_task("starting", total=self.end)
        self._start = time.monotonic()
        self.bar.start()

    def update(self, row: Mapping[str, Any]) -> None:
        """Show an accepted step, with its row of the series."""
        t, tip, voltage = row[TIME.name], row[TIP.name], row[VOLTAGE.name]
        text = f"t = {t:8.0f} s  step {row[STEP.name]:5d}  tip {tip * 1e6:7.2f} µm  {voltage * 1e3:7.3f} mV"
        self.bar.update(self._task, completed=t, description=text)
        now = time.monotonic()
        if now - self._last >= LOG_INTERVAL and t > self.begin:
            left = (now - self._start) * (self.end - t) / (t - self.begin)
            logger.info("%s  about %.0f s left", text, left)
            self._last = now

    def close(self) -> None:
        """Leave the terminal as it was."""
        self.bar.stop()
