"""Mutated case files through the loader: refused in one line, or taken as they are written.

    python -m tests.fuzz.case_files --count 50000 --seed 1

prints how many were accepted and refused, the slowest, and whatever went wrong. Each mutant follows from the
seed and its number alone.
"""

import argparse
import contextlib
import io
import math
import random
import re
import tempfile
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pint import UnitRegistry
from pydantic import BaseModel

from fem_model.base.errors import InputError
from fem_model.base.units import parse_quantity
from fem_model.case import Case, case_to_toml, derive, load_case
from fem_model.tasks.dry_run import dry_run
from tests.fuzz.toml_mutants import SEEDS, mutant, override

NUMBER = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*)", re.DOTALL)
LONGEST = 1.0
"""Seconds of computing that a mutant may take."""


@dataclass
class Tally:
    """What became of the mutants."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


def fuzz(seed: int, numbers: range, folder: Path) -> Tally:
    """Try the mutants of these numbers in a folder."""
    tally = Tally()
    parse_quantity("1 m", "m")  # loads pint
    for number in numbers:
        path = folder / "case.toml"
        overrides = _write(random.Random(f"{seed}/{number}"), path)
        began = time.process_time()
        try:
            outcome = _try(path, overrides)
        except Exception:
            outcome = "failed"
            tally.failures.append(f"mutant {number}: {traceback.format_exc()}")
        took = time.process_time() - began
        tally.outcomes[outcome] += 1
        tally.slowest = max(tally.slowest, took)
        if took > LONGEST:
            tally.failures.append(f"mutant {number}: took {took:.2f} s")
    return tally


def _write(rng: random.Random, path: Path) -> list[str]:
    """Write a mutant; or a case as it is, to be changed by the override that this returns."""
    overrides = [override(rng)] if rng.random() < 0.15 else []
    path.write_bytes(rng.choice(SEEDS).encode() if overrides else mutant(rng))
    return overrides


def _try(path: Path, overrides: list[str]) -> str:
    """Load a mutant; AssertionError, or whatever else escapes, if it is not treated as it should be."""
    data = path.read_bytes()
    try:
        case = load_case(path, overrides)
    except InputError as error:
        message = str(error)
        assert message.startswith((str(path), "--set ")) and message.isprintable(), message
        assert len(message) < 3000, message
        return "refused"
    if not overrides:
        assert_faithful(tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n")), case)
    assert_usable(case, path)
    return "accepted"


def assert_usable(case: Case, path: Path) -> None:
    """All numbers that follow are finite, the dry run can be printed, and the resolved case is the same."""
    for name, value in asdict(derive(case)).items():
        assert _is_finite(value), name
    with contextlib.redirect_stdout(io.StringIO()):
        dry_run(case)
    text = case_to_toml(case)
    path.write_text(text, encoding="utf-8")
    again = load_case(path)
    assert again == case, text
    assert case_to_toml(again) == text


def _is_finite(value: object) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case Mapping():
            return all(map(_is_finite, value.values()))
        case list() | tuple():
            return all(map(_is_finite, value))
    return True


def assert_faithful(data: Any, case: Any, key: str = "") -> None:
    """Whatever a file says is in the case, with the value that pint and TOML give it."""
    for name, value, taken in _pairs(data, case):
        where = f"{key}.{name}"
        if isinstance(value, dict | list):
            assert_faithful(value, taken, where)
        elif where == ".mesh.front_height":  # the depth, if that is less
            assert taken <= _in_si(value) * (1 + 1e-9)
        elif isinstance(taken, float) and isinstance(value, str):
            assert math.isclose(taken, _in_si(value), rel_tol=1e-9), (where, value, taken)
        elif isinstance(taken, float):
            assert type(value) in (int, float) and math.isclose(taken, value, rel_tol=1e-9), (where, value)
        elif name == "file":
            assert taken.endswith(value)
        else:
            assert type(value) is type(taken) and value == taken, (where, value, taken)


def _pairs(data: Any, case: Any) -> Iterator[tuple[object, Any, Any]]:
    """Names of what is in a table or list, what is written there, and what became of it."""
    if isinstance(data, list):
        assert len(data) == len(case)
        yield from ((number, *pair) for number, pair in enumerate(zip(data, case, strict=True)))
    elif isinstance(case, BaseModel):
        yield from ((name, value, getattr(case, name)) for name, value in data.items())
    else:
        yield from ((name, value, case[name]) for name, value in data.items())


@lru_cache(maxsize=1)
def _units() -> "UnitRegistry[Any]":
    return UnitRegistry()


def _in_si(text: str) -> float:
    number, unit = NUMBER.match(text).groups()
    return float(_units().Quantity(float(number), unit).to_base_units().magnitude)


def main() -> None:
    """Fuzz from the command line; exit code 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        tally = fuzz(options.seed, range(options.first, options.first + options.count), Path(folder))
    for failure in tally.failures:
        print(failure)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(tally.outcomes.items()))
    print(f"{counts}; slowest {tally.slowest:.2f} s, {time.perf_counter() - began:.0f} s in all")
    raise SystemExit(bool(tally.failures))


if __name__ == "__main__":
    main()
