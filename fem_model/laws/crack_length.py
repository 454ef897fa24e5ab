"""Laws of the crack length a (m) at points on a front, by name. The case takes its choices from here."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from fem_model.base.arrays import Floats

if TYPE_CHECKING:  # SciPy is not loaded for the names of the laws
    from fem_model.laws.relief import Relief

Law = Callable[[Floats, float, "Relief", Callable[[], Floats]], Floats]
"""Function of points (n, d) on the front, the length of the case (m), what cracks relieve, and the highest
points of lithium in its columns, which are found when they are asked for (collective)."""


def by_relief(contour: Floats, length: float, relief: "Relief", tops: Callable[[], Floats]) -> Floats:
    """Relief of stress by a crack and its neighbours: see `laws.relief`."""
    relief.update(tops())
    return relief.length_at(contour)


def by_height(contour: Floats, length: float, relief: "Relief", tops: Callable[[], Floats]) -> Floats:
    """The height above the anode: as if no crack had a neighbour."""
    height: Floats = contour[:, -1]
    return height


def fixed(contour: Floats, length: float, relief: "Relief", tops: Callable[[], Floats]) -> Floats:
    """The length of the case."""
    return np.full(len(contour), length)


CRACK_LENGTHS: Mapping[str, Law] = {"relief": by_relief, "height": by_height, "fixed": fixed}
"""Laws of the crack length by name."""
