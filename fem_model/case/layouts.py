"""The [microstructure] section: one model per layout."""

import math
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from fem_model.case.base import Integer, KeyProblem, Length, Number, Section

DensityOf = Callable[[str], float]
"""Mass density in kg/m3 of a material by its name."""


class Part(Section):
    """A part of the microstructure, of one material."""

    material: str
    """Name of a material, of the library or of [materials]."""


class Layer(Part):
    """One band of the layered microstructure."""

    share: Annotated[Number, Field(gt=0, le=1)]
    """Share of the area; all shares sum to 1."""


class Layers(Section):
    """Straight bands of different electrolytes."""

    parts_key: ClassVar = "layers"

    layout: Literal["layers"]
    """How the electrolytes are arranged."""
    width: Length
    """Size along the anode (x)."""
    depth: Length
    """Size from the anode (y = 0) to the counter electrode (y = depth)."""
    bands: Literal["vertical", "horizontal"] = "vertical"
    """vertical: bands stand side by side along x; horizontal: they are stacked from the anode up."""
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)]
    """The bands, in the order of x (vertical) or y (horizontal)."""

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> Self:
        require_sum_of_one("layers", "shares", [layer.share for layer in self.layers])
        return self

    @property
    def parts(self) -> tuple[Layer, ...]:
        """The bands."""
        return self.layers

    @property
    def spacing(self) -> float:
        """Area over length of the boundaries in m, about: the mean width of a band."""
        return (self.width if self.bands == "vertical" else self.depth) / len(self.layers)

    def part_shares(self, _: DensityOf) -> tuple[float, ...]:
        """Share of the area of each band."""
        return tuple(layer.share for layer in self.layers)


class Grains(Part):
    """The grains of one material, or one kind of them."""

    CUT: ClassVar = 2.5
    """Standard deviations of the logarithm of the size beyond which no grain is drawn."""

    mass_share: Annotated[Number, Field(ge=0, le=1)]
    """Share of the mass; all shares sum to 1."""
    size: Length
    """Median, by number, of the equal-area diameters."""
    spread: Annotated[Number, Field(ge=1, le=3)] = 1.3
    """Geometric standard deviation of the equal-area diameters; 1: all are equal."""

    @property
    def largest(self) -> float:
        """Largest diameter drawn, m."""
        return float(self.size * self.spread**self.CUT)

    @property
    def smallest(self) -> float:
        """Smallest diameter drawn, m."""
        return float(self.size / self.spread**self.CUT)

    @property
    def mean_area(self) -> float:
        """Expected area of a grain, m2: pi/4 times the second moment of the log-normal law cut off at CUT."""
        deviation = math.log(self.spread)
        kept = _normal(self.CUT) - _normal(-self.CUT)
        tilted = _normal(self.CUT - 2 * deviation) - _normal(-self.CUT - 2 * deviation)
        return math.pi / 4 * self.size**2 * math.exp(2 * deviation**2) * tilted / kept


class Particles(Section):
    """Grains of one or several electrolytes that fill the domain; sizes are log-normal."""

    parts_key: ClassVar = "grains"

    layout: Literal["particles"]
    """How the electrolytes are arranged."""
    width: Length
    """Size along the anode (x)."""
    depth: Length
    """Size from the anode (y = 0) to the counter electrode (y = depth)."""
    seed: Annotated[Integer, Field(ge=0)] = 1
    """Number that fixes the sizes and places of the grains; another one gives another sample."""
    grains: Annotated[tuple[Grains, ...], Field(min_length=1)]
    """The kinds of grains."""

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> Self:
        require_sum_of_one("grains", "mass shares", [grains.mass_share for grains in self.grains])
        return self

    @property
    def parts(self) -> tuple[Grains, ...]:
        """The kinds of grains."""
        return self.grains

    @property
    def spacing(self) -> float:
        """Area over length of the boundaries in m, about: d/2 for grains of one size d."""
        return 1 / sum(2 * grains.mass_share / grains.size for grains in self.grains)

    def part_shares(self, density_of: DensityOf) -> tuple[float, ...]:
        """Share of the area of each kind of grains: mass share over density, in proportion."""
        volumes = [g.mass_share / density_of(g.material) if g.mass_share else 0.0 for g in self.grains]
        return tuple(volume / math.fsum(volumes) for volume in volumes)


Microstructure = Annotated[Layers | Particles, Field(discriminator="layout")]


def require_sum_of_one(key: str, what: str, shares: list[float]) -> None:
    """KeyProblem unless the shares sum to 1 within rounding."""
    total = math.fsum(shares)
    if abs(total - 1) > 1e-9:
        raise KeyProblem(key, f"have {what} that sum to {total:.10g}; they must sum to 1")


def _normal(x: float) -> float:
    """Distribution function of the normal law."""
    return (1 + math.erf(x / math.sqrt(2))) / 2
