"""The [intrusion] section: what resists lithium that runs through the electrolyte as a crack does."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from fem_model.case.base import Entries, Integer, Length, Number, Pair, Pressure, Section, Switch
from fem_model.case.base import Toughness as ToughnessValue
from fem_model.laws.crack_length import CRACK_LENGTHS

if TYPE_CHECKING:
    CrackLength = str
else:
    CrackLength = Literal[*CRACK_LENGTHS]
Modulus = Annotated[Number, Field(ge=0.5, le=1000)]


class PairToughness(Section):
    """The toughness of the boundaries between two materials."""

    pair: Pair
    """Materials on both sides, e.g. "LGPS|LPSC1.0", or twice the same for boundaries between its grains."""
    toughness: ToughnessValue
    """Mean fracture toughness K_IC of these boundaries."""

    @property
    def sorted_pair(self) -> str:
        """The pair as meshes name it: names in alphabetical order."""
        return "|".join(sorted(self.pair.split("|")))


class Intrusion(Section):
    """Lithium opens paths along the boundaries between grains: P = (V_m/F) [K / (Y sqrt(pi a)) + p_c]."""

    law: CrackLength = "relief"
    """Crack length a: by what its neighbours relieve as well, its height above the anode, or one length."""
    length: Length | None = None
    """Crack length a of law = "fixed"; of the others the least one, by default the half-width of a path."""
    toughness: ToughnessValue
    """Mean fracture toughness K_IC of the boundaries between grains."""
    pairs: Annotated[tuple[PairToughness, ...], Entries(0, 100)] = ()
    """Boundaries of another toughness, by the materials on both sides."""
    scatter: Modulus | None = None
    """Weibull modulus of the toughness of boundaries: 4 is ±28 %, a larger one less; by default all alike."""
    seed: Annotated[Integer, Field(ge=0, le=2**32 - 1)] = 1
    """Seed of the scatter."""
    grain_toughness: ToughnessValue | None = None
    """Fracture toughness inside the grains; by default 20 times that of their boundaries: not entered."""
    half_width: Length | None = None
    """Half-width of the paths; by default, and at least, 3 lam."""
    geometry_factor: Annotated[Number, Field(ge=0.1, le=10)] | None = None
    """Y of K = Y p sqrt(pi a); by default 1.12 (edge crack), in 3D 0.71 (half penny)."""
    closing_stress: Pressure | None = None
    """Stress p_c that presses the faces of a crack together; by default the stack pressure, or none."""
    stays_open: Switch = True
    """True if a path that lithium has opened stays open when the lithium leaves."""
    plug: Length | None = None
    """Height up to which the foil keeps paths full on stripping; by default, and at least, half_width."""
