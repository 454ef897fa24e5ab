"""Small cases that the tests start from, those of the verification among them."""

import json
from collections.abc import Mapping
from typing import Any

from mpi4py import MPI

from fem_model.case import Case
from fem_model.simulation import Simulation
from fem_model.study.verification.cases import FILM as FILM
from fem_model.study.verification.cases import NUCLEUS as NUCLEUS
from fem_model.study.verification.cases import Tables, tables
from fem_model.study.verification.cases import case as case
from fem_model.study.verification.runs import column as column
from fem_model.study.verification.runs import to_the_end


def finished(case: Case, **options: Any) -> Simulation:
    """A run to its end, in this process alone."""
    return to_the_end(Simulation(case, MPI.COMM_SELF, **options))


def toml(base: Tables, changes: Mapping[str, object] | None = None) -> str:
    """The case of `tables` as a file would hold it; tables within lists stand in one line."""
    return "\n".join(_lines(tables(base, changes), "")) + "\n"


def _lines(table: Mapping[str, Any], name: str) -> list[str]:
    own = [f"{key} = {_value(value)}" for key, value in table.items() if not isinstance(value, Mapping)]
    below = [(key, value) for key, value in table.items() if isinstance(value, Mapping)]
    header = [f"[{name}]"] if name and own else []
    inner = [line for key, value in below for line in _lines(value, f"{name}.{key}".lstrip("."))]
    return header + own + inner


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[ " + ", ".join(map(_value, value)) + " ]"
    return json.dumps(value)
