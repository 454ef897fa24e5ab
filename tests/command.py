"""The command line in the process of the tests, which has imported what a new one would have to."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from fem_model.cli import main


def call(arguments: Sequence[str | Path], monkeypatch: pytest.MonkeyPatch) -> int:
    """Run `fem-model` with these arguments; its exit code."""
    monkeypatch.setattr(sys, "argv", ["fem-model", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    code = end.value.code
    return code if isinstance(code, int) else -1
