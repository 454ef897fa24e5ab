"""Standard output and error that end no command, whatever is behind them."""

import codecs
import io
import os
import sys
import unicodedata
from collections.abc import Buffer, Iterator
from contextlib import contextmanager
from typing import TextIO

SPELLED = "fem_model_spelled"
"""The way of encoding errors that `spell` is."""
LETTERS = {
    **{"µ": "u", "Ω": "ohm", "σ": "sigma", "ξ": "xi", "φ": "phi", "λ": "lambda", "μ": "mu", "κ": "kappa"},
    **{"·": "*", "−": "-", "–": "-", "±": "+-", "×": "x", "≤": "<=", "≥": ">=", "→": "->"},
}
"""Spelling of letters that have no parts in ASCII."""


class Lenient(io.FileIO):
    """A descriptor that takes all that is written to it; `fault` is why some of it is lost, if it is."""

    fault: OSError | None = None

    def write(self, data: Buffer, /) -> int:
        """Write what can be written, and say that all was."""
        try:
            return super().write(data)
        except OSError as error:
            self.fault = error
            return memoryview(data).nbytes


@contextmanager
def lenient_output(*, silent: bool = False) -> Iterator[Lenient]:
    """Have nothing that is printed in the block fail, and yield standard output: nowhere if `silent`.

    Letters that the encoding lacks are spelled with those it has; what a full disk or a reader that is gone
    does not take is lost. Standard files that are closed are opened on nothing, lest others take their place.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest descriptor that is free: this one
    before = sys.stdout, sys.stderr
    out = Lenient(os.devnull, "w") if silent else Lenient(1, "w", closefd=False)
    sys.stdout, sys.stderr = _text(out, before[0]), _text(Lenient(2, "w", closefd=False), before[1])
    try:
        yield out
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _text(file: Lenient, before: TextIO | None) -> io.TextIOWrapper:
    """Text into a file, encoded as what Python had opened on it, None if that was closed."""
    encoding = before.encoding if before else "utf-8"
    lines = any(getattr(before, way, False) for way in ("line_buffering", "write_through"))
    return io.TextIOWrapper(io.BufferedWriter(file), encoding, SPELLED, line_buffering=lines)


def spell(error: UnicodeError) -> tuple[str, int]:
    """Replacement for letters that an encoding lacks, and the position to go on from."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_spelled, lacking)), error.end


def _spelled(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return LETTERS.get(letter) or plain or "?"


codecs.register_error(SPELLED, spell)
