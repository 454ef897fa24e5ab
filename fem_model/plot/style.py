"""Style of figures: type sizes, tints, scales of colours, and readable units."""

import fem_model._matplotlib_first  # noqa: F401

# isort: split
import re
from typing import Any, Final

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, ListedColormap, to_rgb

from fem_model.base.arrays import Floats

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
LITHIUM: Final = "#bcc1c8"
FIRST_LITHIUM: Final = "#4d535c"
"""Lithium at the start."""
PRODUCT: Final = "#8c3b6b"
"""Electrolyte that has reacted, mixed with its own colour."""
ELECTRODE: Final = "#e2e2e2"
OUTLINE: Final = "#8a8a8a"
"""Grains."""
INERT: Final = "#e9e9e9"
"""Electrolyte that does not react."""

_PALE: Final = 0.8
_DIFFERENT: Final = 0.07
"""Variation of the share of white among the grains of a material."""
_REACTED: Final = 0.75
"""Share of the product's colour where all has reacted."""
_GOLDEN: Final = (5**0.5 - 1) / 2


_SIGNS: Final = {
    **{"sigma": "σ", "lambda": "λ", "gamma": "γ", "alpha": "α", "rho": "ρ", "xi": "ξ", "phi": "φ"},
    **{"ohm": "Ω", "um": "µm", "cm2": "cm²", "m2": "m²"},
}
_SIGN: Final = re.compile(rf"(?<![^\W_])(?:{'|'.join(_SIGNS)})(?![^\W_])")
_SUBSCRIPT: Final = re.compile(r"(?<!\w)([^\W\d_])_([^\W_]+)(?!\w)")
_POWER: Final = re.compile(r"(?<=\w)\^(-?[1-9])(?![\w.])")
_RAISED: Final = str.maketrans("-123456789", "⁻¹²³⁴⁵⁶⁷⁸⁹")


def pale(colour: str) -> tuple[float, float, float]:
    """A colour for areas, mixed with white so that lines stand out."""
    red, green, blue = (_PALE + (1 - _PALE) * part for part in to_rgb(colour))
    return red, green, blue


def grain_tints(colour: str, grains: Floats) -> Floats:
    """Red, green and blue (n, 3) for the grains with these numbers (n,): some paler, some less."""
    shift = _DIFFERENT * (2 * (grains * _GOLDEN % 1) - 1)
    white = (_PALE + shift)[:, None]
    tints: Floats = white + (1 - white) * np.array(to_rgb(colour))
    return tints


def reacted(tint: Floats, share: Floats) -> Floats:
    """Colours (n, 3) of electrolyte of which these shares (n,) have reacted."""
    part = _REACTED * share[:, None]
    mixed: Floats = (1 - part) * tint + part * np.array(to_rgb(PRODUCT))
    return mixed


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


def typeset(title: str) -> str:
    """A title with the signs, powers and subscripts spelled out in it: "sigma_A", "0.1 ohm", "mA/cm^2".

    Only whole words are taken, and subscripts of signs and single letters.
    """
    signs = _SIGN.sub(lambda found: _SIGNS[found[0]], plain(title))
    powers = _POWER.sub(lambda found: found[1].translate(_RAISED), signs)
    return _SUBSCRIPT.sub(r"$\1_{\2}$", powers)


def height_colours() -> Colormap:
    """Low to high on lithium: magma without its ends, dark against pale grains."""
    return ListedColormap(colormaps["magma"](np.linspace(0.2, 0.85, 256)))


def conversion_colours() -> Colormap:
    """None to all: white over purple, apart from the colours of times and materials."""
    return ListedColormap(colormaps["PuRd"](np.linspace(0.05, 1.0, 256)))


def toughness_colours() -> Colormap:
    """Weak to tough: plasma without its light end, apart from pale grains."""
    return ListedColormap(colormaps["plasma"](np.linspace(0.9, 0.0, 256)))
