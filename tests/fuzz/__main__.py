"""python -m tests.fuzz: read damaged files, and tell what became of them; exit code 1 for a fault."""

import argparse
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.fuzz.damage import damaged
from tests.fuzz.samples import SAMPLES, made
from tests.fuzz.trial import Trial, attempt, fault, prepare


def main() -> int:
    """Damage files of all kinds, as often as asked for, and count the faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="damaged files of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", default=list(SAMPLES), choices=list(SAMPLES))
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        return int(sum(fuzz(kind, asked.count, asked.seed, Path(folder)) for kind in asked.kinds) > 0)


def fuzz(kind: str, count: int, seed: int, folder: Path) -> int:
    """Read so many damaged files of a kind; the number of faults, each of which is printed."""
    files, began = made(kind, folder), time.monotonic()
    prepare(kind, files[0], folder)
    outcomes: Counter[str] = Counter()
    for number in range(count):
        random = Random(f"{seed}/{number}")
        file = random.choice(files)
        names, trial = damaged_trial(kind, file, random, folder)
        wrong = fault(kind, file, trial, partial(attempt, kind, file, folder), names)
        outcomes["fault" if wrong else trial.outcome] += 1
        if wrong:
            print(f"{kind} {seed}/{number}: {file.name}, {names}: {wrong}")
    print(f"{kind}: {dict(outcomes)}, {time.monotonic() - began:.1f} s", flush=True)
    return outcomes["fault"]


def damaged_trial(kind: str, file: Path, random: Random, folder: Path) -> tuple[str, Trial]:
    """The damage done to a file, and what came of it; afterwards the file is as it was."""
    data = file.read_bytes()
    names, bad = damaged(data, random)
    file.write_bytes(bad)
    try:
        return names, attempt(kind, file, folder)
    finally:
        file.write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
