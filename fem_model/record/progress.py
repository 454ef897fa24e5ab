"""What a person sees while a run goes on: a bar on a terminal, lines in the log."""

import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fem_model.base.log import logger

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

    def update(self, t: float, step: int, tip: float, voltage: float) -> None:
        """After each accepted step; t in s, tip in m, voltage in V."""
        text = f"t = {t:8.0f} s  step {step:5d}  tip {tip * 1e6:7.2f} µm  {voltage * 1e3:7.3f} mV"
        self.bar.update(self._task, completed=t, description=text)
        now = time.monotonic()
        if now - self._last >= LOG_INTERVAL and t > self.begin:
            left = (now - self._start) * (self.end - t) / (t - self.begin)
            logger.info("%s  about %.0f s left", text, left)
            self._last = now

    def close(self) -> None:
        """Leave the terminal as it was."""
        self.bar.stop()
