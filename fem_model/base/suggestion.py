"""The nearest of some names to one that is not among them."""

from collections.abc import Iterable
from difflib import get_close_matches

SHORTEST = 3
"""Characters from which on the beginning of a name stands for the whole."""
LONGEST = 100
"""Characters of a name that are compared."""


def nearest_name(name: object, allowed: Iterable[str]) -> str | None:
    """The first name that begins as given, else the most similar one if any is; capitals do not matter."""
    given = str(name).lower()[:LONGEST]
    lower = {word.lower(): word for word in allowed}
    begun = [word for word in lower if len(given) >= SHORTEST and word.startswith(given)]
    near = begun or get_close_matches(given, lower, n=1, cutoff=0.5)
    return lower[near[0]] if near else None


def nearest(name: object, allowed: Iterable[str]) -> str:
    """ " Did you mean x?" or nothing."""
    near = nearest_name(name, allowed)
    return f" Did you mean {near}?" if near else ""
