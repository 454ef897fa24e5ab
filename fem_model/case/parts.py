"""What all layouts of a microstructure share."""

from collections.abc import Callable

from fem_model.case.base import Section

DensityOf = Callable[[str], float]
"""Mass density in kg/m3 of a material by its name."""


class Part(Section):
    """A part of the microstructure, of one material."""

    material: str
    """Name of a material, of the library or of [materials]."""
