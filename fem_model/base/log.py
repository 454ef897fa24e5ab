"""Time by stage, and the package's logger."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger("fem_model")


class Stages:
    """Wall seconds by stage (`seconds`), and processor seconds of this process (`busy`).

    Nested stages count only in the innermost.
    """

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.busy: defaultdict[str, float] = defaultdict(float)
        self._running: list[str] = []
        self._since = 0.0, 0.0

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Charge the time inside to `name`."""
        self._charge()
        self._running.append(name)
        try:
            yield
        finally:
            self._charge()
            self._running.pop()

    def _charge(self) -> None:
        wall, busy = now = time.perf_counter(), time.process_time()
        if self._running:
            self.seconds[self._running[-1]] += wall - self._since[0]
            self.busy[self._running[-1]] += busy - self._since[1]
        self._since = now

    def add(self, seconds: Mapping[str, float]) -> None:
        """Enter the wall seconds of an earlier session."""
        for name, value in seconds.items():
            self.seconds[name] += value

    def total(self) -> float:
        """Wall seconds of all stages, those still running included."""
        self._charge()
        return sum(self.seconds.values())


class LogFile(logging.FileHandler):
    """The log in a file. A disk that is full costs lines of it, but neither the run nor a traceback."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: those who write results report what is wrong."""


def log_to_file(path: Path) -> None:
    """Send the package's log to a file, instead of the file before it."""
    for handler in list(logger.handlers):
        if isinstance(handler, logging.FileHandler):
            logger.removeHandler(handler)
            handler.close()
    handler = LogFile(path, mode="a", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
