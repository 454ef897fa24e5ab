"""python -m tests.faults [--kills N] [--first K] [--folder DIR]: the long campaign, kill by kill."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.faults.campaign import Place, drawn


def main() -> int:
    """Exit code 1 if a run did not end as without a break; its folder stays if one was named."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    passed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        place = Place(asked.folder or Path(scratch))
        place.run_whole()
        for number in range(asked.first, asked.first + asked.kills):
            kill = drawn(number)
            fault = place.suffer(kill)
            passed[kill.phase] += fault is None
            print(f"{kill}: {fault or 'as without a break'}", flush=True)
    print(f"{sum(passed.values())} of {asked.kills} as without a break: {dict(passed)}")
    print(f"{place.late} came too late")
    return int(sum(passed.values()) < asked.kills)


if __name__ == "__main__":
    sys.exit(main())
