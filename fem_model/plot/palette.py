"""One colour for each material in all figures, that colour-blind readers can tell apart."""

from collections.abc import Iterable, Mapping
from typing import Final
from zlib import crc32

OKABE_ITO: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#000000")
OF_LIBRARY: Final[Mapping[str, str]] = {
    "LGPS": "#0072b2",
    "LPSC1.0": "#e69f00",
    "LPSC1.25": "#009e73",
    "LPSC1.5": "#f0e442",
    "Li": "#4d535c",
    "pore": "#777777",
}
OTHERS: Final = ("#cc79a7", "#d55e00", "#56b4e9", "#332288", "#882255", "#44aa99", "#999933")
"""Colours after Okabe and Ito, and Paul Tol."""
ELECTRODES: Final[Mapping[str, str]] = {"anode": "#000000", "counter": "#d55e00"}


def colour(index: int) -> str:
    """Colour of a curve that belongs to no material."""
    return OKABE_ITO[index % len(OKABE_ITO)]


def material_colours(names: Iterable[str]) -> dict[str, str]:
    """The colours of materials, in the order given.

    A name has its colour wherever it occurs; only of two names beside each other that would have the same
    one does the later take another, as long as there are others.
    """
    given, colours = tuple(names), dict[str, str]()
    for name in sorted(given):
        first = crc32(name.encode()) % len(OTHERS)
        turn = OTHERS[first:] + OTHERS[:first]
        free = (shade for shade in turn if shade not in colours.values())
        colours[name] = OF_LIBRARY.get(name) or next(free, turn[0])
    return {name: colours[name] for name in given}
