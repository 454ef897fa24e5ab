"""How figures look: type sizes, colours that colour-blind readers can tell apart, and units that fit."""

from typing import Any, Final

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, ListedColormap, to_rgb

STYLE: Final[Any] = {
    "font.size": 8,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "lines.solid_capstyle": "round",
    "mathtext.default": "regular",
    "pdf.fonttype": 42,
    "figure.dpi": 300,
    "savefig.dpi": 300,
}
"""Settings of matplotlib, for use with `rc_context`."""

TITLE_SIZE: Final = 9
CAPTION_SIZE: Final = 7
GREY: Final = "#5a5a5a"
"""Captions."""
LITHIUM: Final = "#b4b4b4"
ELECTRODE: Final = "#e2e2e2"
OUTLINE: Final = "#8a8a8a"
"""Grains."""
INERT: Final = "#e9e9e9"
"""Electrolyte that does not react."""

_OKABE_ITO: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#000000")
_PALE: Final = 0.8


def colour(index: int) -> str:
    """Colour of an electrolyte's lines, after Okabe and Ito."""
    return _OKABE_ITO[index % len(_OKABE_ITO)]


def pale(index: int) -> tuple[float, float, float]:
    """The same for areas, mixed with white so that lines stand out."""
    red, green, blue = (_PALE + (1 - _PALE) * part for part in to_rgb(colour(index)))
    return red, green, blue


def time_colours() -> Colormap:
    """Early to late: viridis without its light end, which is lost on pale areas."""
    return ListedColormap(colormaps["viridis"](np.linspace(0.88, 0.0, 256)))


def map_colours() -> Colormap:
    """Low to high of a field: cividis without its dark end, on which lines are lost."""
    return ListedColormap(colormaps["cividis"](np.linspace(0.25, 1.0, 256)))


def time_unit(end: float) -> tuple[str, float]:
    """Name and seconds of the unit in which `end` (s) is read easily."""
    for name, seconds in (("h", 3600.0), ("min", 60.0)):
        if end >= 1.5 * seconds:
            return name, seconds
    return "s", 1.0


def plain(text: str) -> str:
    """Text of a user's, in which a dollar sign is only that."""
    return text.replace("$", r"\$")


def height_colours() -> Colormap:
    """Low to high on lithium: magma without its ends, dark against pale grains."""
    return ListedColormap(colormaps["magma"](np.linspace(0.2, 0.85, 256)))


def conversion_colours() -> Colormap:
    """None to all: white over purple, apart from the colours of times and materials."""
    return ListedColormap(colormaps["PuRd"](np.linspace(0.05, 1.0, 256)))
