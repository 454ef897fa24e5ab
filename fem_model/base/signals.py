"""Signals that ask a program to stop, heard from its first moment on.

The first one raises `Stopped`, or is noted where a run saves its state before it ends. The second one ends
the program at once, and so does the first where the main thread is too busy, in Gmsh say, to hear it.
"""

import io
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from fem_model.base.errors import STOPPED

ASKING = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP)
"""Signals of batch systems, of the keyboard, and of a terminal that is closed."""
BUSY, LONGEST, FOREVER = 0.8, 10.0, 1e9
"""Seconds in which the main thread hears a signal if it can, in which all ranks have then ended; no limit."""
END = 0
"""Number read in the place of a signal where the program ends of itself."""


class Stopped(BaseException):
    """Raised by the first signal where nothing is to be saved."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {name(number)}; nothing was saved")


def name(number: int) -> str:
    """The name of a signal."""
    return signal.Signals(number).name


class Signals:
    """Hears the signals of this process. A second thread answers, since the first one may be busy."""

    def __init__(self) -> None:
        self.received = 0
        """The first signal."""
        self._hears = self._saves = False
        self._answer = ""
        self._noted = threading.Event()

    @contextmanager
    def heard(self, leave: Callable[[int], object]) -> Iterator[None]:
        """Hear signals within this, and ignore them afterwards, as the process ends then.

        `leave` ends it with an exit code, whatever it does.
        """
        self._hears = True
        self._noted.clear()
        source, sink = os.pipe()
        os.set_blocking(sink, False)
        signal.set_wakeup_fd(sink, warn_on_full_buffer=False)
        self.listen()
        threading.Thread(target=self._watch, args=(source, leave), daemon=True).start()
        try:
            yield
        finally:
            self.ignore()
            self.received, self._hears = 0, False
            signal.set_wakeup_fd(-1)
            os.close(sink)

    def listen(self) -> None:
        """Take the signals back from a library that has just been loaded; ignored ones stay ignored."""
        self._take(self._note)

    def ignore(self) -> None:
        """Ignore signals from now on, as the process ends."""
        self._take(signal.SIG_IGN)

    def _take(self, handler: "Callable[[int, FrameType | None], None] | signal.Handlers") -> None:
        for number in ASKING if self._hears else ():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)

    @contextmanager
    def noted(self, answer: str) -> Iterator[None]:
        """Note signals in `received` within this, for a run that saves its state; `answer` is printed."""
        self._saves, self._answer = True, answer
        try:
            yield
        finally:
            self._saves = False

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Let the first signal raise `Stopped` within this, a part of `noted` that can be left at once."""
        before, self._saves = self._saves, False
        try:
            yield
        finally:
            self._saves = before

    def _note(self, number: int, _: FrameType | None) -> None:
        first, self.received = not self.received, self.received or number
        self._noted.set()
        if first and not self._saves:
            raise Stopped(number)

    def _watch(self, source: int, leave: Callable[[int], object]) -> None:
        """Answer the first signal, and end the process at the second one, or if nothing else does."""
        with os.fdopen(source, "rb", buffering=0) as pipe:
            number = self._next(pipe, FOREVER)
            if not number:
                return
            patience = FOREVER if self._saves else LONGEST
            if self._saves:
                _say(self._answer and f"fem-model: {name(number)}: {self._answer}")
            elif not self._noted.wait(BUSY):
                patience = 0.0
            if self._next(pipe, patience) == END:
                return
        _say(f"fem-model: stopped by {name(number)}, at once")
        leave(STOPPED)

    def _next(self, pipe: io.FileIO, patience: float) -> int | None:
        """The next signal that asks to stop and has no other handler; END, or None after `patience`, s."""
        until = time.monotonic() + patience
        while select.select([pipe], [], [], max(until - time.monotonic(), 0.0))[0]:
            found = int.from_bytes(pipe.read(1))
            if found == END or (found in ASKING and signal.getsignal(found) == self._note):
                return found
        return None


def _say(line: str) -> None:
    if line:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


signals = Signals()
"""The signals of this process."""
