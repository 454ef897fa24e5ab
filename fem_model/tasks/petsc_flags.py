"""Flags of PETSc that `fem-model run --petsc` takes: they measure, report and choose ways to communicate.

The solver of a case is set in the case. None of these names a file: what they report goes to the terminal.
"""

import re
from collections.abc import Mapping

from fem_model.base.errors import InputError
from fem_model.base.suggestion import nearest

ALONE = ("",)
SWITCH = ("", "true", "false")
FLAGS: Mapping[str, tuple[str, ...]] = {
    "-log_view": ("", "::ascii_info_detail", "::ascii_csv", "::ascii_flamegraph"),
    "-log_view_memory": SWITCH,
    "-log_sync": SWITCH,
    "-log_trace": ALONE,
    "-memory_view": ALONE,
    "-info": ALONE,
    "-options_view": ALONE,
    "-options_left": SWITCH,
    "-no_signal_handler": SWITCH,
    "-build_twosided": ("allreduce", "ibarrier", "redscatter"),
    "-sf_type": ("basic", "neighbor"),
}
"""The words that may follow each flag; "" where it may stand alone."""


def petsc_flags(text: str) -> list[str]:
    """The words of a text like "-log_view -log_sync". InputError for what is not in FLAGS."""
    for flag, word in re.findall(r"(\S+)(?:\s+([^-\s]\S*))?", text):
        if flag not in FLAGS:
            near = nearest(flag, list(FLAGS))
            raise InputError(f"--petsc {flag}: is not accepted here. Allowed: {', '.join(FLAGS)}.{near}")
        if word not in FLAGS[flag]:
            words = [word for word in FLAGS[flag] if word]
            allowed = f"Allowed: {', '.join(words)}.{nearest(word, words)}" if words else "It takes no value."
            raise InputError(f"--petsc {flag} {word}".rstrip() + f": {allowed}")
    return text.split()
