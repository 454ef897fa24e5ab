"""Benchmarks: python -m tests.benchmarks [NAME...], as make bench does; all parts take most of an hour.

Each part is measured in processes of its own and kept in docs/benchmarks/NAME.json; docs/benchmarks.md shows
what all parts last gave. Run it on an idle machine.
"""

import argparse
import sys
import time

from tests.benchmarks.child import Failed
from tests.benchmarks.page import RESULTS, write_page
from tests.benchmarks.parts import PARTS
from tests.benchmarks.result import Part, result


def main() -> int:
    """Measure the parts asked for and write the page anew; exit code 1 if one has failed."""
    names = {part.name: part for part in PARTS}
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; by default all")
    asked = parser.parse_args().names
    if unknown := [name for name in asked if name not in names]:
        parser.error(f"unknown: {', '.join(unknown)}. There are {', '.join(names)}.")
    done = [measured(names[name]) for name in asked or names]
    write_page(PARTS)
    return 0 if all(done) else 1


def measured(part: Part) -> bool:
    """Measure a part, print and keep what it gives; False if it has failed."""
    print(f"{part.name}: {part.title}", flush=True)
    began = time.monotonic()
    try:
        tables = part.measure()
    except Failed as error:
        print(f"{part.name}: failed: {error}", file=sys.stderr, flush=True)
        return False
    found = result(tables, time.monotonic() - began)
    for table in tables:
        print(table.as_markdown(), flush=True)
    print(f"{part.name}: took {found.wall_s:.0f} s\n", flush=True)
    found.write(RESULTS / f"{part.name}.json")
    return True


if __name__ == "__main__":
    sys.exit(main())
