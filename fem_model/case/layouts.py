"""The [microstructure] section: one model per layout."""

import math
from statistics import median, pstdev
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from fem_model.case.base import Entries, Integer, Key, KeyProblem, Length, Number, Section, Share, computed
from fem_model.case.image import Image
from fem_model.case.imported_mesh import ImportedMesh
from fem_model.case.parts import DensityOf, Part, require_sum_of_one
from fem_model.materials import PORE


class Box(Section):
    """The domain: a rectangle, in 3D a box. The last axis leads from the anode to the counter electrode."""

    width: Length
    """Size along the anode (x)."""
    breadth: Length | None = None
    """Size along the anode in the second direction (y): with it the case is 3D, and the depth is along z."""
    depth: Length
    """Size from the anode (y = 0, in 3D z = 0) to the counter electrode (y or z = depth)."""

    parts_key: ClassVar[str]

    def part_key(self, index: int) -> Key:
        """Key of the material of a part."""
        return (self.parts_key, index, "material")

    @property
    def extent(self) -> tuple[float, ...]:
        """Sizes along all axes, m."""
        return (self.width, self.depth) if self.breadth is None else (self.width, self.breadth, self.depth)

    @property
    def dim(self) -> int:
        """2 or 3."""
        return len(self.extent)


class Layer(Part):
    """One band of the layered microstructure."""

    share: Annotated[Number, Field(ge=1e-6, le=1)]
    """Share of the area (in 3D of the volume); all shares sum to 1."""


class Layers(Box):
    """Straight bands of different electrolytes."""

    parts_key: ClassVar = "layers"

    layout: Literal["layers"]
    """Arrangement of the electrolytes."""
    bands: Literal["vertical", "horizontal"] = "vertical"
    """vertical: bands stand side by side along x; horizontal: they are stacked from the anode up."""
    layers: Annotated[tuple[Layer, ...], Entries(1, 1000)]
    """The bands, in the order of x (vertical) or from the anode up (horizontal)."""

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


MOST_SIZES = 10_000
"""Diameters that the lists of all kinds of grains can have together."""


class Grains(Part):
    """The grains of one material, or one kind of them.

    The diameter of a grain is that of the disc of its area, in 3D of the ball of its volume.
    """

    CUT: ClassVar = 2.5
    """Standard deviations of the logarithm of the size beyond which no grain is drawn."""

    mass_share: Share
    """Share of the mass; all shares sum to 1."""
    size: Length = Field(default_factory=lambda: math.nan, validate_default=False)
    """Median, by number, of the log-normal diameters."""
    spread: Annotated[Number, Field(ge=1, le=1e7)] = 1.3
    """Geometric standard deviation of the diameters, at most 3; 1: all are equal."""
    sizes: Annotated[tuple[Length, ...], Entries(1, MOST_SIZES)] | None = None
    """A list of diameters, each as frequent as the others, instead of size and spread."""

    @model_validator(mode="after")
    def _one_law(self) -> Self:
        """Size and spread are those of the list where there is one; given, they must agree with it."""
        if self.sizes is None:
            if math.isnan(self.size):
                raise KeyProblem("size", 'is missing: give it, or a list of sizes. Example: "3 um".')
            if self.spread > 3:
                raise KeyProblem("spread", f"= {self.spread:g}: must be at most 3")
            return self
        own = {"size": median(self.sizes), "spread": math.exp(pstdev(map(math.log, self.sizes)))}
        for key in own.keys() & self.model_fields_set:
            if not math.isclose(getattr(self, key), own[key], rel_tol=1e-9):
                raise KeyProblem(key, "and sizes exclude each other: give one of them")
        self.__dict__.update(own)
        return self

    @property
    def largest(self) -> float:
        """Largest diameter drawn, m."""
        return max(self.sizes) if self.sizes else float(self.size * self.spread**self.CUT)

    @property
    def smallest(self) -> float:
        """Smallest diameter drawn, m."""
        return min(self.sizes) if self.sizes else float(self.size / self.spread**self.CUT)

    def mean_volume(self, dim: int) -> float:
        """Expected area (m2) or volume (m3) of a grain, from the moment `dim` of the law of the diameters.

        That of the log-normal law cut off at CUT, or of the list of sizes.
        """
        ball = math.pi / (2 * dim)  # of diameter 1
        if self.sizes:
            return ball * math.fsum(size**dim for size in self.sizes) / len(self.sizes)
        deviation = math.log(self.spread)
        kept = _normal(self.CUT) - _normal(-self.CUT)
        tilted = _normal(self.CUT - dim * deviation) - _normal(-self.CUT - dim * deviation)
        return ball * self.size**dim * math.exp((dim * deviation) ** 2 / 2) * tilted / kept


class Particles(Box):
    """Grains of one or several electrolytes that fill the domain, but for pores if it is not dense."""

    parts_key: ClassVar = "grains"

    layout: Literal["particles"]
    """Arrangement of the electrolytes."""
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = 1
    """Number that fixes the sizes and places of the grains; another one gives another sample."""
    grains: Annotated[tuple[Grains, ...], Entries(1, 10)]
    """The kinds of grains."""
    clustering: Literal["random", "dispersed", "clustered"] = "random"
    """Places of the grains of the material with the smallest share: anywhere, apart, or in clusters of 8."""
    relative_density: Annotated[Number, Field(ge=0.8, le=1)] = 1.0
    """Share of the volume that the grains fill; the rest is pores."""
    pore_size: Length | None = computed(
        lambda data: _smallest_size(data["grains"]) if data.get("relative_density", 1) < 1 else None
    )
    """Median diameter of the pores, whose spread is 1.3; by default that of the smallest kind of grains."""

    @model_validator(mode="after")
    def _shares_sum_to_one_without_pores(self) -> Self:
        for index, kind in enumerate(self.grains):
            if kind.material == PORE:
                text = f'= "{PORE}": pores have no mass; relative_density and pore_size make them'
                raise KeyProblem(("grains", index, "material"), text)
        if sum(len(grains.sizes or ()) for grains in self.grains) > MOST_SIZES:
            raise KeyProblem("grains", f"have more than {MOST_SIZES} sizes together")
        require_sum_of_one("grains", "mass shares", [grains.mass_share for grains in self.grains])
        return self

    @property
    def parts(self) -> tuple[Grains, ...]:
        """The kinds of grains, and after them the pores, if there are any, as grains without mass."""
        if self.relative_density == 1 or self.pore_size is None:
            return self.grains
        return (*self.grains, Grains(material=PORE, mass_share=0.0, size=f"{self.pore_size!r} m"))

    @property
    def spacing(self) -> float:
        """Volume over area of the boundaries in m, about: d/2, in 3D d/3, for grains of one size d."""
        return 1 / sum(self.dim * grains.mass_share / grains.size for grains in self.grains)

    def part_shares(self, density_of: DensityOf) -> tuple[float, ...]:
        """Share of the volume of each of `parts`: mass share over density, in proportion, and the pores'."""
        volumes = [g.mass_share / density_of(g.material) if g.mass_share else 0.0 for g in self.grains]
        shares = tuple(self.relative_density * (volume / math.fsum(volumes)) for volume in volumes)
        return shares if len(self.parts) == len(shares) else (*shares, 1 - self.relative_density)


Microstructure = Annotated[Layers | Particles | Image | ImportedMesh, Field(discriminator="layout")]


def _normal(x: float) -> float:
    """Distribution function of the normal law."""
    return (1 + math.erf(x / math.sqrt(2))) / 2


def _smallest_size(grains: tuple[Grains, ...]) -> str:
    sizes = [kind.size for kind in grains if kind.mass_share]
    return f"{min(sizes or [kind.size for kind in grains])!r} m"
