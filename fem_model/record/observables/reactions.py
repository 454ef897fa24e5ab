"""Progress of the reactions with the electrolyte, and the materials at the lithium surface."""

from fem_model.record.observables.column import Column, Condition, Row
from fem_model.record.observables.observable import Instant, Observable

REACTING = Condition("there are `[[reactions]]`", lambda case: bool(case.reactions))
CHARGE = Column(
    "charge_reacted_C_m2",
    "charge in products",
    "C/m²",
    "charge of the lithium in products of reactions, F ν (∫z dx + ∫w dA)/V_M",
    when=REACTING,
    in_summary=True,
)
AT_INTERFACE = Column(
    "alloy_fraction_interface",
    "converted near the front",
    "",
    "share of product in the reacting electrolyte within `output.probing_depth` of ξ = ½ and of "
    "the bare foil, where it is the thickness of product over that depth; 0 if there is none",
    when=REACTING,
    in_summary=True,
)
IN_ALL = Column(
    "alloy_fraction_total",
    "converted",
    "",
    "share of product in all of the reacting electrolyte",
    when=REACTING,
    in_summary=True,
)
FILM = Column(
    "interphase_foil_m",
    "product at the foil",
    "m",
    "mean thickness w of the product between the foil and the electrolytes that react",
    when=REACTING,
    in_summary=True,
)
SURFACE = Column(
    "surface_share_<phase>",
    "share of the lithium surface",
    "",
    "share of the lithium surface that touches an electrolyte, unreacted",
    when=REACTING,
)
ON_PRODUCT = Column(
    "surface_share_interphase",
    "share of the lithium surface on product",
    "",
    "share of the lithium surface that touches product",
    when=REACTING,
)


class Reactions(Observable):
    """Integrals of z, and of the density of the front."""

    columns = (CHARGE, AT_INTERFACE, IN_ALL, FILM, SURFACE, ON_PRODUCT)

    def measure(self, now: Instant) -> Row:
        """See `Observable`."""
        alloy, film = now.alloy, self.subject.model.interphase
        assert alloy is not None
        return {
            CHARGE.name: self.subject.ledger.reacted / self.subject.model.spaces.area,
            AT_INTERFACE.name: alloy.interface,
            IN_ALL.name: alloy.total,
            FILM.name: film.mean() if film else 0.0,
            **SURFACE.row(self.subject.materials, alloy.surface),
            ON_PRODUCT.name: alloy.interphase,
        }
